//! A small game with everything that makes deltas interesting: entities come, go, move, and are poked by players.

use drumline_room::{Game, Joiner, PlayerId, Rng, RngExt, SeedableRng, Setup, Tick};
use drumline_shared::{Entity, Replicate, Single, Table, World};
use glam::Vec2;

#[derive(Debug, Clone, Default, Replicate)]
pub struct Sheep {
    #[sync(range = 0.0..=500.0, step = 0.1, predict = linear)]
    pub position: Vec2,
    #[sync(skip)]
    pub velocity: Vec2,
    #[sync(range = 0..=1000)]
    pub wool: u16,
}

#[derive(Debug, Clone, Default, Replicate)]
pub struct Shepherd {
    pub player: u16,
    #[sync(max_bytes = 24)]
    pub name: String,
    #[sync(range = 0..=1_000_000)]
    pub strength: u32,
}

#[derive(Debug, Clone, Default, Replicate)]
pub struct Meadow {
    pub sheep_born: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Poke {
    #[sync(range = 0..=10)]
    pub strength: u8,
}

#[derive(Default, World)]
pub struct HerdWorld {
    pub sheep: Table<Sheep>,
    pub shepherds: Table<Shepherd>,
    pub meadow: Single<Meadow>,
}

pub struct Herd {
    rng: Rng,
    world: HerdWorld,
    seats: Vec<(PlayerId, Entity)>,
}

impl Game for Herd {
    const NAME: &'static str = "herd";
    type World = HerdWorld;
    type Input = Poke;

    fn new(setup: &Setup) -> Self {
        Self { rng: Rng::seed_from_u64(setup.seed), world: HerdWorld::default(), seats: Vec::new() }
    }

    fn world(&self) -> &HerdWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, joiner: &Joiner) {
        let shepherd = Shepherd { player: player.0, name: joiner.name.clone(), strength: 0 };
        self.seats.push((player, self.world.shepherds.insert(shepherd)));
    }

    fn leave(&mut self, player: PlayerId) {
        let seat = self.seats.iter().position(|(other, _)| *other == player).expect("they joined");
        let (_, entity) = self.seats.swap_remove(seat);
        self.world.shepherds.remove(entity);
    }

    fn tick(&mut self, tick: &mut Tick<Poke>) {
        for (player, input) in tick.inputs() {
            let (_, entity) = self.seats.iter().find(|(other, _)| *other == player).expect("they joined");
            let shepherd = self.world.shepherds.get_mut(*entity).expect("they are in the world");
            shepherd.strength += u32::from(input.strength);
        }
        let before = self.world.sheep.len();
        let rng = &mut self.rng;
        self.world.sheep.retain(|_, _| !rng.random_bool(0.01));
        if self.world.sheep.len() < before {
            tick.emit("lost", format!("{}", before - self.world.sheep.len()));
        }
        for sheep in self.world.sheep.values_mut() {
            sheep.position += sheep.velocity * tick.dt;
            if self.rng.random_bool(0.05) {
                sheep.velocity =
                    Vec2::new(self.rng.random_range(-40.0..40.0), self.rng.random_range(-40.0..40.0));
                sheep.wool += 1;
            }
        }
        if self.world.sheep.len() < 30 || self.rng.random_bool(0.2) {
            let position = Vec2::new(self.rng.random_range(0.0..500.0), self.rng.random_range(0.0..500.0));
            self.world.sheep.insert(Sheep { position, ..Sheep::default() });
            self.world.meadow.sheep_born += 1;
        }
    }
}
