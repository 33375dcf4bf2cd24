//! A new player, as the room gets to know it.

use serde_json::{Map, Value};

/// A player that takes a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Joiner {
    /// The player's name.
    pub name: String,
    /// The account behind the player, if the server knows it.
    pub identity: Option<Identity>,
}

impl<S: AsRef<str> + ?Sized> From<&S> for Joiner {
    /// A player with a name and no account.
    fn from(name: &S) -> Self {
        Self { name: name.as_ref().to_owned(), identity: None }
    }
}

/// A person or an account, as the server has checked it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    /// The same in every session of one account, and never that of another account.
    pub subject: String,
    /// All claims about the account.
    pub claims: Map<String, Value>,
}
