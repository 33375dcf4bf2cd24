//! The facts by which a driver lets a room sleep, and weighs it.

use crate::simulation::game::{Sleep, Spectators};

use super::Room;

impl Room {
    /// The game's choice when the room sleeps: the driver then leaves ticks out.
    #[must_use]
    pub fn sleep(&self) -> Sleep {
        self.spec.sleep
    }

    /// Returns true if something other than inputs waits for the next tick.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.intake.has_news()
    }

    /// The players who may watch: see [`Game::SPECTATORS`](crate::Game::SPECTATORS).
    #[must_use]
    pub fn spectators_allowed(&self) -> Spectators {
        self.spec.spectators
    }

    /// Bytes of memory that the room takes, about: its frames and its seats. The game's own memory is not known.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.intake.memory_bytes() + self.simulation.memory_bytes() + self.replication.memory_bytes()
    }
}
