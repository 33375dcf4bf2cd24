//! The arena's messages beside its state: events, commands, replies, and the metadata of a room.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

use crate::world::{Phase, Pilot};

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

/// The state of a room, for lists of rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Summary {
    /// The phase of the round.
    pub phase: Stage,
    /// The name of the pilot with the highest score; `None` if nobody has scored.
    pub leader: Option<String>,
    /// Their points.
    pub score: u32,
}

/// The phase of a round, for lists of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Points count.
    Playing,
    /// The winner is shown.
    Finished,
}

impl Summary {
    pub(crate) fn of(phase: &Phase, leader: Option<&Pilot>) -> Self {
        let name = leader.map(|pilot| pilot.name.clone());
        Self { phase: phase.stage(), leader: name, score: leader.map_or(0, |pilot| pilot.score) }
    }

    /// Returns true if it says that this is the state.
    pub(crate) fn is_of(&self, phase: &Phase, leader: Option<&Pilot>) -> bool {
        let same_leader = self.leader.as_deref() == leader.map(|pilot| pilot.name.as_str());
        self.phase == phase.stage() && same_leader && self.score == leader.map_or(0, |pilot| pilot.score)
    }
}

impl Phase {
    fn stage(&self) -> Stage {
        match self {
            Self::Playing { .. } => Stage::Playing,
            Self::Finished { .. } => Stage::Finished,
        }
    }
}
