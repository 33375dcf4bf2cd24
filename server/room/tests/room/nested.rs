//! Rooms of a game whose state is nested: whatever is lost on the way, every mirror equals the world.

use std::sync::Arc;

use crate::replay::Replay;
use drumline_room::{
    ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, JoinRefused, PlayerId, Rng, RngExt, Room, RoomConfig,
    SeedableRng, Setup, Tick, game,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Entity, Mirror, Press, Replicate, Single, Table, World};
use glam::Vec2;

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
struct Item {
    #[sync(range = 0..=999)]
    kind: u16,
    #[sync(range = 0.0..=100.0, step = 0.5, predict = linear)]
    wear: f32,
    owner: Option<PlayerId>,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
enum Task {
    #[default]
    Rest,
    Walk {
        #[sync(range = 0.0..=500.0, step = 0.25)]
        to: Vec2,
    },
    Carry {
        #[sync(max_len = 4)]
        items: Vec<Item>,
        #[sync(table = carriers)]
        after: Option<Entity>,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Carrier {
    #[sync(range = 0.0..=500.0, step = 0.25, predict = linear)]
    position: Vec2,
    task: Task,
    #[sync(max_len = 8)]
    bag: Vec<Item>,
    slots: [Option<Item>; 3],
    #[sync(max_len = 6, max_bytes = 6)]
    notes: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Board {
    #[sync(max_len = 6)]
    presses: Vec<u32>,
    last: Option<Item>,
}

#[derive(Default, World)]
struct Yard {
    carriers: Table<Carrier>,
    board: Single<Board>,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Shout {
    shout: Press,
}

struct Carriers {
    rng: Rng,
    yard: Yard,
}

impl Carriers {
    fn item(&mut self) -> Item {
        let rng = &mut self.rng;
        let owner = rng.random_bool(0.5).then(|| PlayerId::first(rng.random_range(0..4)));
        Item { kind: rng.random_range(0..1000), wear: rng.random_range(0.0..100.0), owner }
    }

    fn task(&mut self) -> Task {
        match self.rng.random_range(0..3) {
            0 => Task::Rest,
            1 => Task::Walk { to: Vec2::new(self.rng.random_range(0.0..500.0), 7.0) },
            _ => {
                let items = (0..self.rng.random_range(0..4)).map(|_| self.item()).collect();
                let after = self.yard.carriers.iter().next().map(|(entity, _)| entity);
                Task::Carry { items, after }
            }
        }
    }

    /// Pushes, inserts, removes, swaps, clears and wears off items.
    fn shuffle(&mut self, bag: &mut Vec<Item>) {
        let item = self.item();
        let at = self.rng.random_range(0..=bag.len());
        match self.rng.random_range(0..8) {
            0 | 1 => bag.push(item),
            2 => bag.insert(at, item),
            3 | 4 if at < bag.len() => drop(bag.remove(at)),
            5 if at < bag.len() => bag.swap(0, at),
            6 if self.rng.random_ratio(1, 4) => bag.clear(),
            _ => {}
        }
        bag.truncate(8);
        for item in bag {
            item.wear = (item.wear + 0.5).min(100.0);
        }
    }

    fn work(&mut self, carrier: &mut Carrier) {
        carrier.position = (carrier.position + Vec2::new(1.5, -0.75)).rem_euclid(Vec2::splat(500.0));
        self.shuffle(&mut carrier.bag);
        match self.rng.random_range(0..6) {
            0 => carrier.task = self.task(),
            1 => carrier.slots[1] = self.rng.random_bool(0.5).then(|| self.item()),
            2 => carrier.notes.push("ab".repeat(self.rng.random_range(0..3))),
            3 => drop(carrier.notes.pop()),
            _ => {}
        }
        carrier.notes.truncate(6);
        if let Task::Carry { items, .. } = &mut carrier.task {
            for item in items {
                item.kind = (item.kind + 1) % 1000;
            }
        }
    }
}

#[game]
impl Game for Carriers {
    const NAME: &'static str = "carriers";
    type World = Yard;
    type Input = Shout;

    fn new(setup: &Setup) -> Self {
        Self { rng: Rng::seed_from_u64(setup.seed), yard: Yard::default() }
    }

    fn world(&self) -> &Yard {
        &self.yard
    }

    fn join(&mut self, _player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.yard.board.presses.push(0);
        Ok(())
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, input) in tick.inputs() {
            self.yard.board.presses[player.index()] += u32::from(input.shout.0);
        }
        if self.yard.carriers.len() < 6 && self.rng.random_ratio(1, 5) {
            self.yard.carriers.insert(Carrier::default());
        }
        let keys: Vec<_> = self.yard.carriers.iter().map(|(key, _)| key).collect();
        for key in keys {
            if self.rng.random_ratio(1, 60) {
                self.yard.carriers.remove(key);
                continue;
            }
            if self.rng.random_ratio(2, 3) {
                let mut carrier = std::mem::take(self.yard.carriers.get_mut(key).unwrap());
                self.work(&mut carrier);
                *self.yard.carriers.get_mut(key).unwrap() = carrier;
            }
        }
        self.yard.board.last = self.rng.random_bool(0.3).then(|| self.item());
    }
}

/// A player's client on a link that loses snapshots' acknowledgements and inputs.
struct Client {
    player: PlayerId,
    mirror: Mirror,
    number: u32,
    /// Presses so far, and those of them that a delivered input has counted.
    presses: u32,
    counted: u32,
}

impl Client {
    fn press_and_send(&mut self, room: &mut Room, rng: &mut Rng, message: &mut Vec<u8>) {
        self.presses += u32::from(rng.random_ratio(1, 3));
        self.number += 1;
        if rng.random_bool(0.4) {
            return;
        }
        let layout = drumline_shared::layout::InputLayout::of::<Shout>();
        let acked_tick = self.mirror.tick();
        let header = InputHeader { number: self.number, acked_tick, tick: acked_tick + 1, view_eighths: 0 };
        write_input(&layout, header, &[self.presses & 255], message);
        room.handle_input(self.player, message).unwrap();
        self.counted = self.presses;
    }
}

/// Plays some ticks and returns the number of hashes that were checked.
fn run(seed: u64) -> u64 {
    let spec = Arc::new(GameSpec::of::<Carriers>());
    let config = RoomConfig {
        max_players: 4,
        tick_rate_hz: 30,
        setup: Setup::new(seed),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut replay = Replay::new(&spec, &config);
    let mut room = Room::new(Arc::clone(&spec), config);
    let mut rng = Rng::seed_from_u64(seed ^ 0x5eed);
    let mut clients: Vec<_> = (0..3)
        .map(|index| Client {
            player: room.join(&*format!("p{index}")).unwrap(),
            mirror: Mirror::new(spec.layout.clone(), 30),
            number: 0,
            presses: 0,
            counted: 0,
        })
        .collect();
    let (mut hashes, mut message) = (0, Vec::new());
    for _ in 0..150 {
        room.tick();
        replay.keep(&room);
        for client in &mut clients {
            while room.poll_message(client.player).is_some() {}
            // A client that reads late gets one snapshot for several ticks.
            if rng.random_bool(0.7)
                && let Some(snapshot) = room.poll_snapshot(client.player)
            {
                hashes += u64::from(client.mirror.apply(snapshot).unwrap().hashes_checked);
                assert_eq!(client.mirror.public(), room.frame(client.mirror.tick()).unwrap());
            }
            client.press_and_send(&mut room, &mut rng, &mut message);
        }
    }
    room.tick();
    let board = room.output().frame.rows(1).row(0).to_vec();
    for client in &clients {
        let counted = board[1 + client.player.index()];
        assert_eq!(counted, client.counted, "every press that a delivered input counts, and none twice");
    }
    assert!(room.output().clamped.iter().next().is_none());
    replay.check();
    hashes
}

#[test]
fn two_hundred_rooms_of_nested_state_have_no_mismatch() {
    let hashes: u64 = (0..200).map(run).sum();
    assert!(hashes > 1000, "{hashes} hashes were checked");
}
