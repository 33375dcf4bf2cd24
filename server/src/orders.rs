//! What a room is told to do from outside, by an operator. It does it at its next tick.

use drumline_room::PlayerId;

/// Orders that may wait for a room's next tick.
pub const ORDER_QUEUE: usize = 32;

/// What a room is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Sees a player off. A seat that is free stays so.
    Kick(PlayerId),
    /// Ends the room.
    Close,
    /// Keeps new players out, or lets them in again.
    Lock(bool),
}
