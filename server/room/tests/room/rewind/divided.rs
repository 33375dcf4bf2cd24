//! A divided world can be rewound as well: all of it, whatever players may see.

use std::cell::RefCell;

use drumline_room::{Game, GameSpec, Interest, PlayerId, Room, Setup, Sight, Tick, game};
use drumline_shared::wire::input::InputHeader;
use drumline_shared::{Entity, Mirror, Replicate, Single, Table, World};
use glam::Vec2;

use crate::rewind::link::{config, input};

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Scout {
    player: u16,
    #[sync(range = 0.0..=1000.0, step = 0.125)]
    position: Vec2,
    #[sync(audience = owner)]
    ammo: u16,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Clock {
    ticks: u32,
}

#[derive(Default, World)]
struct Land {
    #[sync(at = position, owner = player)]
    scouts: Table<Scout>,
    clock: Single<Clock>,
}

#[derive(Debug, Default, Replicate)]
struct Nothing {}

type Rows = Vec<(Entity, Scout)>;

thread_local! {
    /// The rewound worlds of the game: for each tick the rewind point, the scouts at it, and the clock.
    static SHOWN: RefCell<Vec<(f64, Rows, u32)>> = const { RefCell::new(Vec::new()) };
    /// The scouts at the end of each tick, from 0.
    static HISTORY: RefCell<Vec<Rows>> = const { RefCell::new(Vec::new()) };
}

struct Watch<const REWIND_MS: u32>(Land);

#[game]
impl<const REWIND_MS: u32> Game for Watch<REWIND_MS> {
    const NAME: &'static str = "watch";
    const REWIND_MS: u32 = REWIND_MS;
    const INTEREST: Interest = Interest::Grid { cell: 100.0, view: 160.0 };
    type World = Land;
    type Input = Nothing;
    type Event = drumline_room::Nothing;
    type Command = drumline_room::Nothing;
    type Reply = drumline_room::Nothing;

    fn new(_setup: &Setup) -> Self {
        SHOWN.take();
        HISTORY.replace(vec![Vec::new()]);
        Self(Land::default())
    }

    fn world(&self) -> &Land {
        &self.0
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        let rewound = tick.rewound(PlayerId::first(0));
        let scouts: Rows = rewound.rows("scouts").collect();
        for (entity, scout) in &scouts {
            assert_eq!(rewound.get("scouts", *entity).as_ref(), Some(scout));
        }
        let (_, Clock { ticks }) = rewound.rows("clock").next().unwrap();
        SHOWN.with_borrow_mut(|shown| shown.push((rewound.tick(), scouts, ticks)));
        // Scouts wander across the borders. Every third tick one appears, and those that have come far disappear.
        let Self(Land { scouts, clock }) = self;
        clock.ticks = tick.number;
        scouts.values_mut().for_each(|scout| scout.position += Vec2::new(11.0, 7.0));
        scouts.retain(|_, scout| scout.position.x < 500.0);
        if tick.number.is_multiple_of(3) {
            let player = (tick.number % 4) as u16;
            scouts.insert(Scout {
                player,
                position: Vec2::splat(f32::from(player) * 50.0),
                ammo: tick.number as u16,
            });
        }
        let rows = scouts.iter().map(|(entity, scout)| (entity, scout.clone())).collect();
        HISTORY.with_borrow_mut(|history| history.push(rows));
    }

    fn sight(&self, _player: PlayerId, sight: &mut Sight) {
        sight.point = Some(Vec2::splat(200.0));
    }
}

/// Plays a hundred ticks with a player whose view is so many ticks late, and returns the rewound worlds.
fn watch<const REWIND_MS: u32>(ticks_late: u32) -> Vec<(f64, Rows, u32)> {
    let spec = GameSpec::of::<Watch<REWIND_MS>>();
    assert!(!spec.layout.is_public());
    let mut mirror = Mirror::new(spec.layout.clone(), 30);
    let mut room = Room::new(spec.into(), config(1));
    let player = room.join("ada").unwrap();
    for tick in 1..=100 {
        room.tick();
        mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
        let header = InputHeader {
            number: tick,
            acked_tick: tick,
            tick: tick + 1,
            view_eighths: 8 * ticks_late as u8,
        };
        room.handle_input(player, &input(header, &Nothing {})).unwrap();
    }
    SHOWN.take()
}

#[test]
fn every_tables_rows_are_those_of_the_rewind_point() {
    for ticks_late in [0, 1, 7, 15] {
        let shown = watch::<500>(ticks_late);
        assert_eq!(shown.len(), 100);
        // On tick 1 the player has seen nothing; no rewind point lies before the room's first tick.
        for (present, (point, scouts, clock)) in (0u32..).zip(shown).skip(1) {
            let expected = present.saturating_sub(ticks_late);
            assert_eq!((point, clock), (f64::from(expected), expected));
            HISTORY.with_borrow(|history| assert_eq!(scouts, history[expected as usize]));
        }
    }
}

#[test]
fn a_room_rewinds_no_farther_than_the_game_declares() {
    for (present, (point, ..)) in (0u32..).zip(watch::<500>(20)).skip(15) {
        assert_eq!(point, f64::from(present) - 15.0);
    }
    for (present, (point, scouts, _)) in (0u32..).zip(watch::<0>(20)) {
        assert_eq!(point, f64::from(present), "without a rewind range the point is the present");
        HISTORY.with_borrow(|history| assert_eq!(scouts, history[present as usize]));
    }
}

#[test]
#[should_panic(expected = "watch: at its tick rate a room rewinds at most 1033 ms")]
fn a_rewind_range_beyond_the_frame_ring_is_refused_at_the_start() {
    assert_eq!(GameSpec::of::<Watch<1033>>().rewind_ms, 1033);
    let _ = GameSpec::of::<Watch<1034>>();
}

#[test]
#[should_panic(expected = "the world has no table `scoots`")]
fn the_name_of_a_missing_table_panics() {
    struct Wrong(Land);
    #[game]
    impl Game for Wrong {
        const NAME: &'static str = "wrong";
        type World = Land;
        type Input = Nothing;
        type Event = drumline_room::Nothing;
        type Command = drumline_room::Nothing;
        type Reply = drumline_room::Nothing;
        fn new(_setup: &Setup) -> Self {
            Self(Land::default())
        }
        fn world(&self) -> &Land {
            &self.0
        }
        fn tick(&mut self, tick: &mut Tick<Self>) {
            let _ = tick.rewound(PlayerId::first(0)).rows::<Scout>("scoots").count();
        }
    }
    Room::new(GameSpec::of::<Wrong>().into(), config(1)).tick();
}
