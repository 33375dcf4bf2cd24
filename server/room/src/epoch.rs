//! Ticks over several lives of a room.

/// The epoch of a room that has never been restored.
pub const FIRST_EPOCH: u32 = 1;

/// A tick in a room's history. Tick numbers may repeat after a restore; a pair of epoch and tick never does.
///
/// The wire carries the tick alone: a connection belongs to one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EpochTick {
    /// The life of the room between two restores, from [`FIRST_EPOCH`].
    pub epoch: u32,
    /// The tick, from 0: the state before the first tick.
    pub tick: u32,
}

impl EpochTick {
    /// The start of a room that has never been restored.
    pub const START: Self = Self { epoch: FIRST_EPOCH, tick: 0 };

    /// A tick of the same epoch.
    #[must_use]
    pub fn with_tick(self, tick: u32) -> Self {
        Self { tick, ..self }
    }

    /// The tick after this one.
    #[must_use]
    pub fn next(self) -> Self {
        self.with_tick(self.tick + 1)
    }
}
