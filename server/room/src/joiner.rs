//! A player who joins a room: name, account, and what the client sent along.

use bytes::Bytes;
use drumline_shared::encoding::encode;
use serde::Serialize;
use serde_json::{Map, Value};

/// A player who takes a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Joiner {
    /// The player's name.
    pub name: String,
    /// The player's account; `None` if the server does not authenticate players.
    pub identity: Option<Identity>,
    /// The serialized [`Game::JoinOptions`](crate::Game::JoinOptions); empty for those of a game without.
    pub options: Bytes,
    /// True for a bot that the game has seated.
    pub is_bot: bool,
}

impl Joiner {
    /// A player with a name, and neither account nor options.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), identity: None, options: Bytes::new(), is_bot: false }
    }

    /// The same player, with options.
    #[must_use]
    pub fn with_options<O: Serialize>(self, options: &O) -> Self {
        Self { options: encode(options).into(), ..self }
    }
}

impl<S: AsRef<str> + ?Sized> From<&S> for Joiner {
    fn from(name: &S) -> Self {
        Self::named(name.as_ref())
    }
}

/// An account, as the server has verified it: by a token, or by your own `Server::authenticate`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    /// The account's unique, permanent id.
    pub subject: String,
    /// The claims of the token, including `sub`, or those that your own check returns.
    pub claims: Map<String, Value>,
}

/// The reason for which a game refuses a player, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRefused(pub String);

impl From<&str> for JoinRefused {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl From<String> for JoinRefused {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}
