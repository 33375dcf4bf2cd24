//! The game's messages beside its state: events, commands and replies.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cards::{Card, Suit};

/// Something that happened. It is broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A player has drawn a card.
    Drew {
        /// The player.
        player: PlayerId,
    },
    /// A player was too slow.
    TimedOut {
        /// The player.
        player: PlayerId,
    },
    /// A player takes back the card that they laid.
    TookBack {
        /// The player.
        player: PlayerId,
    },
    /// The cards that were laid are a new pile.
    Reshuffled,
    /// A hand is over.
    Won {
        /// The winner.
        player: PlayerId,
        /// The points that the hand brought.
        points: u16,
    },
}

/// A request of a player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Lays a card. Until the turn ends it can be taken back.
    Play {
        /// The card.
        card: Card,
        /// With an eight: the suit that it asks for.
        suit: Option<Suit>,
    },
}

/// The reply to a [`Command`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The card lies.
    Done,
    /// The card stays in the hand.
    Refused {
        /// The reason.
        reason: Refusal,
    },
}

/// Why a card cannot be laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It is not the player's turn, or they have laid a card already.
    NotYourTurn,
    /// The player does not have the card.
    NotYours,
    /// It is neither of the rank nor of the suit that is asked for.
    NoMatch,
    /// An eight names a suit.
    NoSuit,
}

/// The state of a room, for lists of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Summary {
    /// The state of play.
    pub state: State,
    /// The cards that are left in the pile.
    pub cards_left: u8,
}

/// The state of play, for lists of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There are too few players, or the next hand is dealt soon.
    Waiting,
    /// A hand is played.
    Playing,
    /// A hand is over.
    Over,
}
