//! What a game asks of its room, and how the room ends.

use strum::{EnumIter, IntoStaticStr};

/// Why a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EndReason {
    /// It had no players for a while.
    Empty,
    /// The game has ended it: [`Tick::end_room`](crate::Tick::end_room).
    Game,
    /// An operator has closed it.
    Operator,
    /// The server stops, or a drain's time is up.
    ServerStopping,
    /// Ticks cannot be numbered any further.
    LastTick,
    /// The game panicked.
    Panic,
}

impl EndReason {
    /// A name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a game has asked of its room, and is told of it.
#[derive(Debug, Default)]
pub(crate) struct Control {
    /// Whether new players are kept out.
    pub(crate) locked: bool,
    /// Whether the game wants the room to end after this tick.
    pub(crate) ended: bool,
    /// For how many seconds the room may go on, if the server drains.
    pub(crate) draining: Option<f32>,
}
