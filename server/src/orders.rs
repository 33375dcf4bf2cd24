//! What a room is told to do from outside, by an operator. It does it at its next tick.

use drumline_room::PlayerId;

/// Orders that may wait for a room's next tick.
pub const ORDER_QUEUE: usize = 32;
/// Bytes of the reason that a player is told. A close frame has room for 123.
pub const MAX_REASON_BYTES: usize = 100;

/// What a room is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Sees a player off. A seat that is free stays so.
    Kick {
        /// Whom.
        player: PlayerId,
        /// What they are told, in 100 bytes at the most; nothing in particular if it is empty.
        reason: String,
    },
    /// Ends the room.
    Close,
    /// Keeps new players out, or lets them in again.
    Lock(bool),
}
