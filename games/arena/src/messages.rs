//! What the arena tells its players beside its state, and what they ask of it.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

/// Something that all players are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// A ship was shot down.
    Kill {
        /// Whose shot it was.
        killer: String,
        /// Whose ship it was.
        victim: String,
    },
    /// A ship was lost to a rock.
    Crash {
        /// Whose it was.
        victim: String,
    },
    /// A round is over.
    Round {
        /// Who has won it; nobody without points.
        winner: Option<Winner>,
    },
    /// A pilot shows what they feel.
    Emote {
        /// The pilot's seat.
        player: u16,
        /// The pilot's name.
        name: String,
        /// What they show.
        emote: Emote,
    },
}

/// Who has won a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Winner {
    /// Their name.
    pub name: String,
    /// Their points.
    pub points: u32,
}

/// What a pilot can show to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
pub enum Emote {
    /// A greeting.
    Wave,
    /// Praise.
    Cheer,
    /// An apology.
    Sorry,
}

/// What a player asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// To show something to the others.
    Emote {
        /// What.
        emote: Emote,
    },
}

/// What they are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done.
    Done,
    /// It is too soon for another.
    TooSoon {
        /// How long it takes until it is not.
        seconds: f32,
    },
}
