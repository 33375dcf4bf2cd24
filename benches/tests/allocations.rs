//! A room in steady play takes no memory from the heap: neither for inputs, nor for a tick, nor for its snapshots.
//!
//! It is a program of its own, because the counting allocator is that of the whole program.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use allocation_counter::measure;
use drumline_room::{
    Action, ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, Interest, JoinRefused, Joiner, PlayerId, RngExt,
    Room, RoomConfig, Setup, Sight, Tick, View, game,
};
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Replicate, Table, World};
use drumline_worlds::Match;
use drumline_worlds::drift::{Body, Controls, DriftWorld};
use drumline_worlds::pilots::Pilot;
use glam::Vec2;

/// Bytes that a snapshot has at the most; a socket's buffer has a fixed size too.
const SINK_BYTES: usize = 64 * 1024;

/// Allocations of a number of ticks.
#[derive(Debug, Default)]
struct Count {
    /// Ticks without events and actions of the game, and those of them that allocated.
    quiet_ticks: u64,
    quiet_allocating: Vec<(u32, u64)>,
    /// Allocations on the other ticks: messages and metadata are allocated.
    of_events: u64,
}

/// Plays `ticks` ticks and counts the room's allocations. Every snapshot goes to a buffer as a socket would take it.
fn play<P: Pilot>(playing: &mut Match<P>, ticks: u32) -> Count {
    let mut sink = Vec::with_capacity(SINK_BYTES);
    let mut count = Count::default();
    for _ in 0..ticks {
        let mut events = 0;
        let allocated = measure(|| {
            playing.steer();
            playing.room.tick();
            events += playing.room.output().actions.len();
            for &player in &playing.seats {
                while playing.room.poll_message(player).is_some() {
                    events += 1;
                }
                let snapshot = playing.room.poll_snapshot(player).unwrap();
                sink.clear();
                sink.extend_from_slice(snapshot);
            }
        });
        if events > 0 {
            count.of_events += allocated.count_total;
        } else {
            count.quiet_ticks += 1;
            if allocated.count_total > 0 {
                count.quiet_allocating.push((playing.room.current_tick(), allocated.count_total));
            }
        }
    }
    count
}

#[test]
fn a_room_of_drift_allocates_nothing() {
    // The head start fills the ring and lets the room learn its priors.
    let mut drift = Match::drift(16);
    let count = play(&mut drift, 400);
    assert_eq!(count.quiet_ticks, 400, "drift has no events");
    assert!(count.quiet_allocating.is_empty(), "{count:?}");
}

#[test]
fn a_room_of_the_arena_allocates_nothing_but_its_events() {
    let mut arena = Match::new(16);
    // The longer it goes on, the rarer are ticks on which there is more of something than ever.
    play(&mut arena, 3000);
    let count = play(&mut arena, 900);
    println!("{count:?}");
    assert!(count.quiet_ticks >= 800, "{count:?}");
    assert!(count.quiet_allocating.is_empty(), "{count:?}");
    assert!(count.of_events > 0, "the counter counts");
}

/// A world of ten bodies that has a hundred on one tick in seventy, each time on another turn of the frames' ring.
struct Swelling(DriftWorld);

#[game]
impl Game for Swelling {
    const NAME: &'static str = "swelling";
    type World = DriftWorld;
    type Input = Controls;

    fn new(_setup: &Setup) -> Self {
        Self(DriftWorld::default())
    }

    fn world(&self) -> &DriftWorld {
        &self.0
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.0.bodies.clear();
        for _ in 0..if tick.number.is_multiple_of(70) { 100 } else { 10 } {
            self.0.bodies.insert(Body::default());
        }
    }
}

#[test]
fn a_world_that_has_been_larger_allocates_nothing() {
    let config = RoomConfig {
        max_players: 1,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Swelling>()), config);
    let player = room.join("ada").unwrap();
    let mut play = |ticks: u32| {
        for _ in 0..ticks {
            room.tick();
            room.handle_ack(player, room.current_tick() - 1);
            room.poll_snapshot(player).unwrap();
        }
    };
    // The ring learns of the first swell. Later ones take ever more bytes, as generations are higher; but from 1,024 to 2,047
    // those take as many bits, and before the second of these swells every buffer has room for them.
    play(1189);
    assert_eq!(measure(|| play(350)).count_total, 0);
}

#[derive(Debug, Clone, Default, Replicate)]
struct Buoy {
    #[sync(range = 0.0..=1000.0, step = 0.125, predict = linear)]
    position: Vec2,
    #[sync(angle, bits = 10)]
    heading: f32,
}

#[derive(Default, World)]
struct Sea {
    #[sync(at = position)]
    buoys: Table<Buoy>,
}

/// A divided world that is rewound for each player on each tick.
#[derive(Default)]
struct Lookout {
    sea: Sea,
    seen: usize,
}

#[game]
impl Game for Lookout {
    const NAME: &'static str = "lookout";
    const REWIND_MS: u32 = 500;
    const INTEREST: Interest = Interest::Grid { cell: 250.0, view: 500.0 };
    type World = Sea;
    type Input = Controls;

    fn new(_setup: &Setup) -> Self {
        let mut new = Self::default();
        for index in 0..100 {
            let position = Vec2::new(10.0 * index as f32, 500.0);
            new.sea.buoys.insert(Buoy { position, heading: 0.0 });
        }
        new
    }

    fn world(&self) -> &Sea {
        &self.sea
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, _) in tick.inputs() {
            let rewound = tick.rewound(player);
            self.seen += usize::from(rewound.tick().fract() > 0.0) * rewound.rows::<Buoy>("buoys").count();
        }
        for buoy in self.sea.buoys.values_mut() {
            buoy.heading += 0.1;
            buoy.position.y = 500.0 + 10.0 * buoy.heading.sin();
        }
        assert!(tick.number < 100 || self.seen > 1000, "rewound points lie between ticks");
    }

    fn sight(&self, _player: PlayerId, sight: &mut Sight) {
        sight.point = Some(Vec2::splat(500.0));
    }
}

#[test]
fn rewinding_allocates_nothing() {
    let config = RoomConfig {
        max_players: 2,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Lookout>()), config);
    let player = room.join("ada").unwrap();
    let layout = InputLayout::of::<Controls>();
    let mut row = vec![0; layout.neutral.len()];
    Controls::default().quantize(&mut row);
    let mut message = Vec::with_capacity(64);
    let mut play = |ticks: u32| {
        for _ in 0..ticks {
            room.tick();
            room.poll_snapshot(player).unwrap();
            let now = room.current_tick();
            let header = InputHeader { number: now, acked_tick: now, tick: now + 1, view_eighths: 19 };
            write_input(&layout, header, &row, &mut message);
            room.handle_input(player, &message).unwrap();
        }
    };
    play(600);
    assert_eq!(measure(|| play(300)).count_total, 0);
}

/// A drift with bots: a timer fires on every fourth tick, and each player is looked at.
#[derive(Default)]
struct Company {
    world: DriftWorld,
    timers: u32,
    seen: usize,
    away: usize,
}

#[game]
impl Game for Company {
    const NAME: &'static str = "company";
    type World = DriftWorld;
    type Input = Controls;
    type Timer = u32;

    fn world(&self) -> &DriftWorld {
        &self.world
    }

    fn join(&mut self, _: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.world.bodies.insert(Body::default());
        Ok(())
    }

    fn bot_input(&mut self, _: PlayerId, view: &View<'_>) -> Controls {
        self.seen += view.rows::<Body>(1).count();
        Controls::default()
    }

    fn timer(&mut self, step: u32, tick: &mut Tick<Self>) {
        self.timers += step;
        // One that fires once is in the place of the last.
        tick.timers().after(0.1, 0);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        if tick.number == 1 {
            (0..3).for_each(|_| tick.seat_bot("bot", false));
            tick.timers().every(4.0 / 30.0, 1);
        }
        for (player, info) in tick.players().iter() {
            self.away += usize::from(info.is_away() && tick.input(player).is_some());
        }
        let turn = tick.rng().random_range(-1.0..1.0);
        for body in self.world.bodies.values_mut() {
            body.position.x = (body.position.x + turn).clamp(0.0, 100.0);
        }
        assert!(tick.commands().next().is_none());
    }
}

#[test]
fn bots_and_timers_allocate_nothing() {
    let config = RoomConfig {
        max_players: 4,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Company>()), config);
    let player = room.join("ada").unwrap();
    let mut play = |ticks: u32| {
        for _ in 0..ticks {
            room.tick();
            for action in room.take_actions() {
                let Action::SeatBot { name, .. } = action else { panic!("{action:?}") };
                room.join(Joiner { is_bot: true, ..Joiner::named(&name) }).unwrap();
            }
            while room.poll_message(player).is_some() {}
            room.poll_snapshot(player).unwrap();
            room.handle_ack(player, room.current_tick());
        }
    };
    play(600);
    assert_eq!(measure(|| play(300)).count_total, 0);
    let game: &Company = room.game().unwrap();
    assert!(game.timers > 200 && game.seen > 8000, "{} timers, {} bodies seen", game.timers, game.seen);
}
