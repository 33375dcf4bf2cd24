//! The figures of a room, of its players and of its game's state.

use std::borrow::Cow;

use crate::intake::input_buffer::InputCounts;

/// Counts of what a room has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomStats {
    /// Inputs of all players, also of those that have left.
    pub inputs: InputCounts,
    /// Messages that were no valid inputs.
    pub malformed_inputs: u64,
    /// Blocks encoded: on each tick, one for each area and each baseline of it in use.
    pub blocks_encoded: u64,
    /// Snapshots sent that were keyframes.
    pub keyframes: u64,
    /// Reports of mirrors that differ from the world.
    pub mismatches_reported: u64,
    /// Events and replies dropped because a tick had too many or too large ones, or too many waited for a player.
    pub events_dropped: u64,
    /// Areas in view that a client's list had no room for, each once a snapshot: the client does not see all that it may.
    pub areas_left_out: u64,
    /// Messages that were no valid commands.
    pub malformed_commands: u64,
    /// Commands refused because too many of their player waited.
    pub commands_refused: u64,
    /// Chat messages sent.
    pub chats_sent: u64,
    /// Chat messages refused.
    pub chats_refused: u64,
}

/// How one player is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayerStats {
    /// The player is connected; else the seat is held.
    pub connected: bool,
    /// Counts of the player's inputs.
    pub inputs: InputCounts,
    /// Ticks by which the last consumed input was early; negative if it was late.
    pub slack_ticks: Option<i8>,
    /// Ticks from the newest snapshot that is known to have been received to the last one sent.
    pub unacked_ticks: u32,
    /// Bytes that the next snapshot may have.
    pub budget_bytes: usize,
}

/// How many values of a field did not fit it: NaN, out of range, too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClampedCount {
    /// The table.
    pub table: Cow<'static, str>,
    /// The field.
    pub field: String,
    /// Values that were clamped, one a tick and entity.
    pub count: u64,
}
