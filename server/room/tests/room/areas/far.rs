//! A client that is far away gets a world as fast as one that is near.

use std::collections::VecDeque;
use std::sync::Arc;

use drumline_room::{
    ChatRules, Game, GameSpec, Interest, PlayerId, Rng, RngExt, Room, RoomConfig, SeedableRng, Setup, Sight,
    Tick, game,
};
use drumline_shared::{Mirror, Replicate, Table, World};
use glam::Vec2;

const SIZE: f32 = 1000.0;
const STONES: usize = 6000;

#[derive(Default, Replicate)]
struct Stone {
    #[sync(range = 0.0..=1000.0, step = 0.125)]
    position: Vec2,
    ore: u32,
}

#[derive(Default, Replicate)]
struct NoInput {}

#[derive(Default, World)]
struct Field {
    #[sync(at = position)]
    stones: Table<Stone>,
}

/// A field of stones, of which a few change on each tick. With cells of 50 every player sees all of it.
struct Quarry<const CELL: u16> {
    rng: Rng,
    field: Field,
}

#[game]
impl<const CELL: u16> Game for Quarry<CELL> {
    const NAME: &'static str = "quarry";
    const INTEREST: Interest = Interest::Grid { cell: CELL as f32, view: 15.0 * CELL as f32 };
    type World = Field;
    type Input = NoInput;

    fn new(setup: &Setup) -> Self {
        let mut rng = Rng::seed_from_u64(setup.seed);
        let mut field = Field::default();
        for _ in 0..STONES {
            let position = Vec2::new(rng.random_range(0.0..SIZE), rng.random_range(0.0..SIZE));
            field.stones.insert(Stone { position, ore: rng.random() });
        }
        Self { rng, field }
    }

    fn world(&self) -> &Field {
        &self.field
    }

    fn sight(&self, _: PlayerId, sight: &mut Sight) {
        sight.point = Some(Vec2::splat(SIZE / 2.0));
    }

    fn tick(&mut self, _: &mut Tick<Self>) {
        for stone in self.field.stones.values_mut() {
            if self.rng.random_bool(0.0005) {
                stone.ore += 1;
            }
        }
    }
}

fn room<const CELL: u16>() -> Room {
    let config = RoomConfig {
        max_players: 1,
        tick_rate_hz: 30,
        setup: Setup::new(3),
        budget_bytes: 1024,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Quarry<CELL>>()), config)
}

/// Lets a client follow a room, with acknowledgements after so many milliseconds with a jitter. Returns the tick on which its
/// mirror first has all stones, and the smallest budget that it has had.
fn converge(round_trip_ms: std::ops::Range<u32>) -> (u32, usize) {
    let mut mirror = Mirror::new(GameSpec::of::<Quarry<50>>().layout, 30);
    let mut room = room::<50>();
    let player = room.join("p").unwrap();
    let mut rng = Rng::seed_from_u64(1);
    let mut acks: VecDeque<(u32, u32)> = VecDeque::new();
    let (mut complete_at, mut least_budget) = (None, usize::MAX);
    for now in 1..=600 {
        room.tick();
        if let Some(message) = room.poll_snapshot(player) {
            mirror.apply(message).unwrap();
            acks.push_back((now + (rng.random_range(round_trip_ms.clone()) * 30).div_ceil(1000), now));
        }
        while acks.front().is_some_and(|(due, _)| *due <= now) {
            room.handle_ack(player, acks.pop_front().unwrap().1);
        }
        least_budget = least_budget.min(room.players().next().unwrap().1.budget_bytes);
        let stones: usize = mirror.areas().map(|(_, frame)| frame.rows(0).len()).sum();
        complete_at = complete_at.or((stones == STONES).then_some(now));
    }
    (complete_at.expect("the mirror has all in the end"), least_budget)
}

#[test]
fn a_long_way_is_no_congestion() {
    let (near, _) = converge(30..70);
    let (far, far_budget) = converge(680..720);
    println!("all is there after {near} ticks at 50 ms, after {far} at 700 ms");
    assert_eq!((near, 1024), (far, far_budget));
    assert!(near > 30, "it takes longer than a second");
}

#[test]
fn a_way_that_grows_longer_is_congestion() {
    let (_, budget) = converge(30..1200);
    assert!(budget < 1024, "{budget}");
}

#[test]
fn areas_beyond_a_clients_list_are_counted() {
    let mut room = room::<8>();
    let spectator = room.spectate().unwrap();
    room.tick();
    room.poll_snapshot(spectator).unwrap();
    assert!(room.stats().areas_left_out > 0, "some five thousand cells have stones");
}
