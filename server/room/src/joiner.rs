//! A player who joins a room: name and account.

use serde_json::{Map, Value};

/// A player who takes a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Joiner {
    /// The player's name.
    pub name: String,
    /// The player's account; `None` if the server does not authenticate players.
    pub identity: Option<Identity>,
}

impl<S: AsRef<str> + ?Sized> From<&S> for Joiner {
    /// A player with a name and no account.
    fn from(name: &S) -> Self {
        Self { name: name.as_ref().to_owned(), identity: None }
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
