//! An open world of any size on a grid, equally crowded everywhere: one watcher's view does not depend on the size.

use drumline_room::{Game, Interest, PlayerId, Rng, RngExt, SeedableRng, Setup, Sight, Tick, game};
use drumline_shared::{Replicate, Table, World};
use glam::Vec2;

use crate::drift::{Controls, TICK_RATE_HZ};

/// How far a watcher sees, in units.
pub const VIEW: f32 = 400.0;
/// A cell's side, in units.
const CELL: f32 = 250.0;
/// Entities in a square of 1000 units.
const DENSITY: f32 = 50.0;
const SPEED: f32 = 120.0;

/// An animal that walks.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Deer {
    /// Position in units.
    #[sync(range = 0.0..=50_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// Hit points.
    #[sync(range = 0..=100)]
    pub health: u8,
    /// Units a second.
    #[sync(skip)]
    pub velocity: Vec2,
}

/// The world as watchers see it.
#[derive(Debug, Clone, Default, World)]
pub struct PrairieWorld {
    /// All animals.
    #[sync(at = position)]
    pub deer: Table<Deer>,
}

/// A world of `ENTITIES` entities. Watchers look at points spread over it, or all at its middle.
#[derive(Debug)]
pub struct Prairie<const ENTITIES: usize, const SPREAD: bool> {
    rng: Rng,
    world: PrairieWorld,
    size: f32,
}

#[game]
impl<const ENTITIES: usize, const SPREAD: bool> Game for Prairie<ENTITIES, SPREAD> {
    const NAME: &'static str = "prairie";
    const TICK_RATE_HZ: u32 = TICK_RATE_HZ;
    const MAX_PLAYERS: u16 = 1024;
    const INTEREST: Interest = Interest::Grid { cell: CELL, view: VIEW };
    type World = PrairieWorld;
    type Input = Controls;

    fn new(setup: &Setup) -> Self {
        let mut rng = Rng::seed_from_u64(setup.seed);
        let size = (ENTITIES as f32 / DENSITY).sqrt() * 1000.0;
        let mut world = PrairieWorld::default();
        for _ in 0..ENTITIES {
            let position = Vec2::new(rng.random_range(0.0..size), rng.random_range(0.0..size));
            world.deer.insert(Deer { position, health: 100, velocity: course(&mut rng) });
        }
        Self { rng, world, size }
    }

    fn world(&self) -> &PrairieWorld {
        &self.world
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        let middle = Vec2::splat(self.size / 2.0);
        for deer in self.world.deer.values_mut() {
            deer.position += deer.velocity * tick.dt;
            if (deer.position - middle).abs().max_element() > self.size / 2.0 {
                deer.velocity = (middle - deer.position).normalize() * SPEED;
            } else if self.rng.random_bool(0.03) {
                deer.velocity = course(&mut self.rng);
            }
            if self.rng.random_bool(0.01) {
                deer.health = self.rng.random_range(1..=100);
            }
        }
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        // A sequence that fills the square evenly (Roberts, 2018).
        let spread = (f32::from(player.seat()) * Vec2::new(0.754_877_7, 0.569_840_3)).fract() * self.size;
        sight.point = Some(if SPREAD { spread } else { Vec2::splat(self.size / 2.0) });
    }
}

fn course(rng: &mut Rng) -> Vec2 {
    Vec2::from_angle(rng.random_range(0.0..std::f32::consts::TAU)) * SPEED
}
