//! The room that a client asks for.
//!
//! The game says by `Game::rules` which modes and options it accepts. To the server they are only compared: rooms with equal ones
//! are interchangeable. They are bounded before the game sees them, because they are parsed, kept and listed.

use std::borrow::Cow;

use drumline_room::{GameSpec, Joiner, Options, RoomRules};
use serde_json::Value;

use crate::net::peer::PeerGroup;

use super::refusal::Refusal;

/// The most bytes of a mode's name.
pub const MAX_MODE_BYTES: usize = 32;
/// The most bytes of options, as JSON without spaces.
pub const MAX_OPTIONS_BYTES: usize = 1024;
/// The deepest nesting of lists and objects in options, counting the options themselves.
const MAX_OPTIONS_DEPTH: usize = 4;

/// The choice of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomChoice {
    /// Any room with a free seat, else a new one.
    Any,
    /// Any room with a free seat.
    Existing,
    /// A new room.
    New,
    /// The room with this id.
    Id(String),
    /// The private room with this code.
    Code(String),
}

impl RoomChoice {
    /// The meaning of a client's `room`: an id, or `new`.
    #[must_use]
    pub fn named(room: String) -> Self {
        if room == "new" { Self::New } else { Self::Id(room) }
    }
}

/// A request for a room: the choice, and the mode and options if it is not named by id or code.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomRequest {
    /// The choice.
    pub choice: RoomChoice,
    /// The game's mode; empty for the default one.
    pub mode: String,
    /// The game's options. Only a room with equal options matches.
    pub options: Options,
    /// The account or address that is charged if this request opens a room; `None` if no limit applies to it.
    pub opener: Option<Opener>,
    /// The player's account; `None` if players are not authenticated. A seat that it has in the room is taken over.
    pub account: Option<String>,
}

/// The account that a player is found by; `None` if the player has none.
#[must_use]
pub fn account_of(joiner: &Joiner) -> Option<String> {
    joiner.identity.as_ref().map(|identity| identity.subject.clone()).filter(|subject| !subject.is_empty())
}

/// The account or, where players are not authenticated, the address that a room is opened for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Opener {
    /// An account, by its subject.
    Account(String),
    /// An address.
    Address(PeerGroup),
}

impl Opener {
    /// The opener of a client at an address.
    #[must_use]
    pub fn new(address: PeerGroup, account: Option<&str>) -> Self {
        account.map_or(Self::Address(address), |account| Self::Account(account.to_owned()))
    }
}

impl From<RoomChoice> for RoomRequest {
    /// A room of the game's default mode.
    fn from(choice: RoomChoice) -> Self {
        Self { choice, mode: String::new(), options: Options::new(), opener: None, account: None }
    }
}

impl RoomRequest {
    /// The request with its options in the game's normal form.
    ///
    /// # Errors
    /// [`Refusal::BadOptions`] if they exceed a limit, or the game does not accept them.
    pub fn settle(&self, game: &GameSpec) -> Result<Settled<'_>, Refusal> {
        let RoomRules { max_players, options } = self.rules(game)?;
        let request = match options {
            Some(options) => Cow::Owned(Self { options, ..self.clone() }),
            None => Cow::Borrowed(self),
        };
        Ok(Settled { request, seats: max_players })
    }

    fn rules(&self, game: &GameSpec) -> Result<RoomRules, Refusal> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.mode.len() > MAX_MODE_BYTES || !self.mode.chars().all(is_plain) {
            let words = "a mode is at most 32 letters, digits, dots, hyphens and underscores";
            return Err(Refusal::BadOptions(words.to_owned()));
        }
        if !is_shallow(self.options.values(), MAX_OPTIONS_DEPTH - 1) {
            return Err(Refusal::BadOptions(format!("options go at most {MAX_OPTIONS_DEPTH} levels deep")));
        }
        let text = serde_json::to_vec(&self.options).expect("JSON values can be serialized");
        if text.len() > MAX_OPTIONS_BYTES {
            let words = format!("options take at most {MAX_OPTIONS_BYTES} bytes");
            return Err(Refusal::BadOptions(words));
        }
        game.rules(&self.mode, &self.options).map_err(|error| Refusal::BadOptions(error.to_string()))
    }
}

/// A request that the game has allowed.
#[derive(Debug)]
pub struct Settled<'a> {
    /// The request, with the options in the game's normal form.
    pub request: Cow<'a, RoomRequest>,
    /// The seats of its room; `None` for the usual number.
    pub seats: Option<u16>,
}

/// Returns true if values are nested at most `depth` levels deep.
fn is_shallow<'a>(mut values: impl Iterator<Item = &'a Value>, depth: usize) -> bool {
    values.all(|value| match value {
        Value::Array(items) => depth > 0 && is_shallow(items.iter(), depth - 1),
        Value::Object(members) => depth > 0 && is_shallow(members.values(), depth - 1),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use drumline_frontier::Frontier;
    use serde_json::json;

    use super::*;

    fn refused(mode: &str, options: Value) -> String {
        let Value::Object(options) = options else { panic!("options are an object") };
        let request = RoomRequest {
            choice: RoomChoice::Any,
            mode: mode.to_owned(),
            options,
            opener: None,
            account: None,
        };
        match request.rules(&GameSpec::of::<Frontier>()) {
            Err(Refusal::BadOptions(words)) => words,
            other => panic!("refused: {other:?}"),
        }
    }

    #[test]
    fn modes_and_options_are_bounded_before_the_game_sees_them() {
        assert!(refused(&"x".repeat(MAX_MODE_BYTES + 1), json!({})).contains("32 letters"));
        assert!(refused("<b>", json!({})).contains("32 letters"));
        assert!(refused("", json!({ "a": "x".repeat(MAX_OPTIONS_BYTES) })).contains("1024 bytes"));
        assert!(refused("", json!({ "a": [[[[1]]]] })).contains("4 levels"));
        assert!(refused("", json!({ "a": { "b": [{}] } })).contains("option `a`"), "it reached the game");
        assert!(refused(&"x".repeat(MAX_MODE_BYTES), json!({})).contains("no mode"));
        let whole = MAX_OPTIONS_BYTES - r#"{"a":""}"#.len();
        assert!(refused("", json!({ "a": "x".repeat(whole) })).contains("option `a`"));
    }
}
