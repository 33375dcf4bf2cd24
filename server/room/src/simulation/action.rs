//! The actions that a game asks of its room's driver.

use serde_json::Value;

use crate::job::StartedJob;
use crate::player_id::PlayerId;

/// The most bytes of a room's metadata, as JSON without spaces.
pub const MAX_METADATA_BYTES: usize = 1024;

/// An action that a game has asked for on a tick, for the driver to carry out after it.
///
/// The game learns of its effect by the records of later ticks: a kicked player leaves, a bot joins, a job has an outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Remove a player.
    Remove {
        /// The player.
        player: PlayerId,
        /// The kind of the removal.
        removal: Removal,
        /// The reason, for the player.
        reason: String,
    },
    /// Hold a player's seat for another time than usual while the player is away.
    Hold {
        /// The player.
        player: PlayerId,
        /// Seconds from the loss of the connection.
        seconds: u32,
    },
    /// Give a bot a seat.
    SeatBot {
        /// The bot's name.
        name: String,
        /// True if the bot leaves when a player needs the seat.
        yields: bool,
    },
    /// Admit another number of players from now on.
    SetMaxPlayers(u16),
    /// Show these metadata in lists of rooms.
    SetMetadata(Value),
    /// Start a job.
    Start(StartedJob),
}

/// The kind of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The game has refused the join: the player was never in the game.
    Refused,
    /// The player is kicked, and may join again.
    Kicked,
    /// The player is kicked, and may not join again while the room lives.
    Banned,
}

/// The room's metadata were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// They are no JSON.
    #[error("the metadata cannot be written as JSON: {0}")]
    NoJson(String),
    /// They take more than [`MAX_METADATA_BYTES`].
    #[error("the metadata take {0} bytes as JSON; at most {MAX_METADATA_BYTES} are allowed")]
    TooLarge(usize),
}
