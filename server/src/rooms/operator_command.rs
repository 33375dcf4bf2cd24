//! Commands that operators send to a room. The room carries them out at its next tick.

use drumline_room::PlayerId;

/// Commands that may wait for a room's next tick.
pub const COMMAND_QUEUE: usize = 32;
/// The most bytes of a kick's reason. A close frame has room for 123.
pub const MAX_REASON_BYTES: usize = 100;

/// A command to a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorCommand {
    /// Removes a player. If the player has left, nothing happens, whoever has the seat now.
    Kick {
        /// The player.
        player: PlayerId,
        /// The close frame's text, of at most 100 bytes; the default text if empty.
        reason: String,
    },
    /// Ends the room.
    Close,
    /// Locks the room to new players, or unlocks it.
    Lock(bool),
}
