//! A game without a world: all that a tick costs is its inputs.

use drumline_room::{Game, Setup, Tick, game};
use drumline_shared::{Replicate, Table, World};
use drumline_worlds::drift::Controls;
use drumline_worlds::pilots::{DriftPilot, Pilot};

/// The game.
pub struct Receiver {
    world: Emptiness,
    fired: u32,
}

/// A world that stays empty.
#[derive(Default, World)]
pub struct Emptiness {
    shots: Table<Shot>,
}

/// A row for the table: a world has at least one.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Shot {
    #[sync(range = 0..=1)]
    kind: u8,
}

#[game]
impl Game for Receiver {
    const NAME: &'static str = "receiver";
    type World = Emptiness;
    type Input = Controls;

    fn new(_setup: &Setup) -> Self {
        Self { world: Emptiness::default(), fired: 0 }
    }

    fn world(&self) -> &Emptiness {
        &self.world
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (_, controls) in tick.inputs() {
            self.fired += u32::from(controls.fire);
        }
    }
}

/// Steers a player of the receiver as one of drift.
pub struct ReceiverPilot(DriftPilot);

impl ReceiverPilot {
    /// A pilot of a seed.
    pub fn new(seed: u64) -> Self {
        Self(DriftPilot::steady(seed))
    }
}

impl Pilot for ReceiverPilot {
    type Game = Receiver;

    fn steer(&mut self) -> &Controls {
        self.0.steer()
    }
}
