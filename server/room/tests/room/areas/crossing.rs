//! An entity that crosses into an area that has not been sent yet does not disappear, even while the budget is short and
//! snapshots are missed.

use std::sync::Arc;

use drumline_room::{
    ChatRules, Game, GameSpec, Interest, PlayerId, Rng, RngExt, Room, RoomConfig, SeedableRng, Setup, Sight,
    Tick, game,
};
use drumline_shared::{Mirror, Replicate, Table, World};
use glam::Vec2;

use crate::areas::world::Nudge;

/// The entity that crosses, and one that stays in the area that it leaves.
const TRAVELLER: u16 = 1;
const STAYER: u16 = 2;
/// An entity that leaves its area empty long before.
const DEPARTED: u16 = 3;
/// The entities from this one on change all their state on every tick, so that the budget never suffices.
const NOISY: u16 = 100;

#[derive(Debug, Clone, Default, Replicate)]
struct Walker {
    #[sync(range = -2000.0..=2000.0, step = 0.125)]
    position: Vec2,
    name: u16,
    noise: u64,
    more_noise: u64,
}

#[derive(Default, World)]
struct Walk {
    #[sync(at = position)]
    walkers: Table<Walker>,
}

/// The traveller moves to a new area on tick `LEAVES`; another entity leaves another area empty on tick 60.
struct Journey<const LEAVES: u32> {
    rng: Rng,
    world: Walk,
}

impl<const LEAVES: u32> Journey<LEAVES> {
    fn move_to(&mut self, name: u16, place: Vec2) {
        let walker = self.world.walkers.values_mut().find(|walker| walker.name == name);
        walker.unwrap().position = place;
    }
}

#[game]
impl<const LEAVES: u32> Game for Journey<LEAVES> {
    const NAME: &'static str = "journey";
    const INTEREST: Interest = Interest::Grid { cell: 100.0, view: 250.0 };
    type World = Walk;
    type Input = Nudge;

    fn new(setup: &Setup) -> Self {
        let mut new = Self { rng: Rng::seed_from_u64(setup.seed), world: Walk::default() };
        let mut add = |name, x, y| {
            let position = Vec2::new(x, y);
            new.world.walkers.insert(Walker { position, name, ..Walker::default() });
        };
        add(TRAVELLER, 250.0, 50.0);
        add(STAYER, 260.0, 50.0);
        add(DEPARTED, 50.0, 150.0);
        for name in (NOISY..).take(4) {
            for (x, y) in [(50.0, 50.0), (-50.0, 50.0), (50.0, -50.0), (150.0, 50.0)] {
                add(name, x, y);
            }
        }
        new
    }

    fn world(&self) -> &Walk {
        &self.world
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        if tick.number == 60 {
            self.move_to(DEPARTED, Vec2::splat(1500.0));
        }
        if tick.number == LEAVES {
            self.move_to(TRAVELLER, Vec2::new(250.0, 150.0));
        }
        if tick.number >= LEAVES {
            for walker in self.world.walkers.values_mut().filter(|walker| walker.name >= NOISY) {
                (walker.noise, walker.more_noise) = (self.rng.random(), self.rng.random());
            }
        }
    }

    fn sight(&self, _player: PlayerId, sight: &mut Sight) {
        sight.point = Some(Vec2::splat(50.0));
    }
}

/// Plays until tick `to`, takes the snapshots of some ticks, and checks that each shows the traveller once.
fn play<const LEAVES: u32>(takes: impl Fn(u32) -> bool, to: u32) {
    let spec = Arc::new(GameSpec::of::<Journey<LEAVES>>());
    let mut mirror = Mirror::new(Arc::clone(&spec.layout), 30);
    let config = RoomConfig {
        max_players: 1,
        tick_rate_hz: 20,
        setup: Setup::new(3),
        budget_bytes: 60,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(spec, config);
    let player = room.join("p").unwrap();
    for tick in 1..=to {
        room.tick();
        if takes(tick) {
            mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
            room.handle_ack(player, tick);
            let seen = mirror.rows::<Walker>(0).filter(|(_, walker)| walker.name == TRAVELLER).count();
            assert!(tick < 40 || seen == 1, "tick {tick}: {seen}");
        }
    }
}

#[test]
fn a_client_that_takes_every_snapshot_sees_the_traveller_on_each() {
    play::<105>(|_| true, 160);
}

#[test]
fn a_client_sees_the_traveller_after_the_longest_gap_without_a_keyframe() {
    play::<105>(|tick| tick <= 107 || tick >= 138, 160);
}

#[test]
fn a_client_sees_the_traveller_in_an_area_that_reuses_a_number() {
    // The empty area is removed on tick 123, and its number reused on the next tick.
    play::<124>(|tick| tick != 123, 160);
}
