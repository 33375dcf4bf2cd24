//! The arena's messages beside its state: events, commands and replies.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

/// Something that happened. It is broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A ship was shot down.
    Kill {
        /// The name of the pilot that fired the shot.
        killer: String,
        /// The name of the ship's pilot.
        victim: String,
    },
    /// A ship was lost to a rock.
    Crash {
        /// The name of the ship's pilot.
        victim: String,
    },
    /// A round is over.
    Round {
        /// The winner; `None` if nobody scored.
        winner: Option<Winner>,
    },
    /// A pilot shows an emote.
    Emote {
        /// The pilot.
        player: PlayerId,
        /// The pilot's name.
        name: String,
        /// The emote.
        emote: Emote,
    },
}

/// The winner of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Winner {
    /// Their name.
    pub name: String,
    /// Their points.
    pub points: u32,
}

/// A sign that a pilot can show to the other players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
pub enum Emote {
    /// A greeting.
    Wave,
    /// Praise.
    Cheer,
    /// An apology.
    Sorry,
}

/// A request of a player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Shows an emote to all players.
    Emote {
        /// The emote.
        emote: Emote,
    },
}

/// The reply to a [`Command`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The command was carried out.
    Done,
    /// The pilot's last emote is too recent.
    TooSoon {
        /// Seconds until the next one is allowed.
        seconds: f32,
    },
}
