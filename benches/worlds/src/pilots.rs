//! Players' inputs from a seed.

use std::f32::consts::TAU;

use drumline_arena::Arena;
use drumline_arena::world::Controls as ArenaControls;
use drumline_frontier::Frontier;
use drumline_frontier::world::Controls as FrontierControls;
use drumline_room::{Game, Rng, RngExt, SeedableRng};
use glam::Vec2;

use crate::drift::{Controls, Drift};

/// The eight directions: everyone always moves.
const DIRECTIONS: [(i8, i8); 8] = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

/// Steers a player of a game.
pub trait Pilot {
    /// The game.
    type Game: Game;

    /// The input for the next tick.
    fn steer(&mut self) -> &<Self::Game as Game>::Input;
}

/// Steers a player of [`Drift`].
#[derive(Debug)]
pub struct DriftPilot {
    rng: Rng,
    controls: Controls,
    restless: bool,
}

impl DriftPilot {
    /// A typical player: a new direction on one tick in ten, an angle that walks by up to 0.2 radians a tick, a shot
    /// on one tick in twenty.
    #[must_use]
    pub fn steady(seed: u64) -> Self {
        let mut pilot =
            Self { rng: Rng::seed_from_u64(seed), controls: Controls::default(), restless: false };
        pilot.turn();
        pilot.controls.angle = pilot.rng.random_range(0.0..TAU);
        pilot
    }

    /// The worst case: direction, angle and trigger are drawn anew on every tick, so that nothing can be predicted.
    #[must_use]
    pub fn restless(seed: u64) -> Self {
        Self { restless: true, ..Self::steady(seed) }
    }

    fn turn(&mut self) {
        (self.controls.dx, self.controls.dy) = DIRECTIONS[self.rng.random_range(0..DIRECTIONS.len())];
    }
}

impl Pilot for DriftPilot {
    type Game = Drift;

    fn steer(&mut self) -> &Controls {
        if self.restless {
            self.turn();
            self.controls.angle = self.rng.random_range(0.0..TAU);
            self.controls.fire = self.rng.random();
        } else {
            if self.rng.random_bool(0.1) {
                self.turn();
            }
            self.controls.angle = (self.controls.angle + self.rng.random_range(-0.2..0.2)).rem_euclid(TAU);
            self.controls.fire = self.rng.random_bool(0.05);
        }
        &self.controls
    }
}

/// Steers a player of the arena: the aim wanders every tick, the course changes on one in ten, and one in five fires.
#[derive(Debug)]
pub struct ArenaPilot {
    rng: Rng,
    controls: ArenaControls,
}

impl ArenaPilot {
    /// A pilot of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::seed_from_u64(seed), controls: ArenaControls::default() }
    }
}

impl Pilot for ArenaPilot {
    type Game = Arena;

    fn steer(&mut self) -> &ArenaControls {
        self.controls.aim += self.rng.random_range(-0.2..0.2);
        self.controls.fire = self.rng.random_bool(0.2);
        if self.rng.random_bool(0.1) {
            self.controls.thrust = Vec2::from_angle(self.rng.random_range(0.0..TAU));
        }
        &self.controls
    }
}

/// Steers a player of the frontier: it flies about and mines, and one in ten fires.
#[derive(Debug)]
pub struct FrontierPilot {
    rng: Rng,
    controls: FrontierControls,
}

impl FrontierPilot {
    /// A pilot of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::seed_from_u64(seed), controls: FrontierControls::default() }
    }
}

impl Pilot for FrontierPilot {
    type Game = Frontier;

    fn steer(&mut self) -> &FrontierControls {
        self.controls.aim += self.rng.random_range(-0.2..0.2);
        self.controls.fire = self.rng.random_bool(0.1);
        self.controls.mine = self.rng.random_bool(0.5);
        if self.rng.random_bool(0.02) {
            self.controls.thrust = Vec2::from_angle(self.rng.random_range(0.0..TAU));
        }
        &self.controls
    }
}
