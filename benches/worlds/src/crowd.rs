//! A world of any size with any number of watchers, who all get the same bytes.

use drumline_room::{Game, Setup, Tick, game};

use crate::drift::{Controls, Drift, DriftWorld, TICK_RATE_HZ};
use crate::pilots::{DriftPilot, Pilot};

/// [`Drift`] with `ENTITIES` entities, half of them ships and half bodies. The ships steer themselves; players only watch.
#[derive(Debug)]
pub struct Crowd<const ENTITIES: usize> {
    drift: Drift,
    pilots: Vec<DriftPilot>,
}

impl<const ENTITIES: usize> Crowd<ENTITIES> {
    /// Advances the world by `dt` seconds.
    pub fn advance(&mut self, dt: f32) {
        let controls = self.pilots.iter_mut().enumerate().map(|(seat, pilot)| (seat, pilot.steer()));
        self.drift.advance(controls, dt);
    }
}

#[game]
impl<const ENTITIES: usize> Game for Crowd<ENTITIES> {
    const NAME: &'static str = "crowd";
    const TICK_RATE_HZ: u32 = TICK_RATE_HZ;
    const MAX_PLAYERS: u16 = 1024;
    type World = DriftWorld;
    type Input = Controls;

    fn new(setup: &Setup) -> Self {
        let ships = ENTITIES / 2;
        let mut drift = Drift::with_bodies(setup.seed, ENTITIES - ships);
        for seat in 0..ships {
            drift.enter(seat, format!("ship {seat}"));
        }
        let pilots = (0..ships).map(|seat| DriftPilot::steady(setup.seed + seat as u64)).collect();
        Self { drift, pilots }
    }

    fn world(&self) -> &DriftWorld {
        self.drift.world()
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.advance(tick.dt);
    }
}
