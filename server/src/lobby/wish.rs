//! What room a client asks for.

use drumline_room::{GameSpec, Options, RoomRules};
use serde_json::Value;

use crate::counts::Owner;
use crate::refusal::Refusal;

/// Bytes of a mode's name.
pub const MAX_MODE_BYTES: usize = 32;
/// Bytes of options, written as JSON without spaces.
pub const MAX_OPTIONS_BYTES: usize = 1024;
/// How many lists and objects of options may be within each other, the options themselves counted.
const MAX_OPTIONS_DEPTH: usize = 4;

/// Which room a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomChoice {
    /// Any with a free seat, else a new one.
    Any,
    /// Any with a free seat.
    Existing,
    /// A new one.
    New,
    /// The one with this id.
    Id(String),
    /// The private one with this code.
    Code(String),
}

impl RoomChoice {
    /// What a client means by `room`: an id, or `new`.
    #[must_use]
    pub fn named(room: String) -> Self {
        if room == "new" { Self::New } else { Self::Id(room) }
    }
}

/// What room a client asks for, and what is to be played there. Of a room that is named by its id or code that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomWish {
    /// Which room.
    pub choice: RoomChoice,
    /// The game's mode; empty if it is the usual one.
    pub mode: String,
    /// The game's options. A room with any others is another one.
    pub options: Options,
    /// Whom a room that is opened for it counts as one of.
    pub owner: Option<Owner>,
}

impl From<RoomChoice> for RoomWish {
    /// A room of the game's usual mode.
    fn from(choice: RoomChoice) -> Self {
        Self { choice, mode: String::new(), options: Options::new(), owner: None }
    }
}

impl RoomWish {
    /// What follows for a room from the mode and the options.
    ///
    /// # Errors
    /// [`Refusal::BadOptions`] if there are too many of them, or the game does not take them.
    pub fn rules(&self, game: &GameSpec) -> Result<RoomRules, Refusal> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.mode.len() > MAX_MODE_BYTES || !self.mode.chars().all(is_plain) {
            let words = "a mode is at most 32 letters, digits, dots, hyphens and underscores";
            return Err(Refusal::BadOptions(words.to_owned()));
        }
        if !is_shallow(self.options.values(), MAX_OPTIONS_DEPTH - 1) {
            return Err(Refusal::BadOptions(format!("options go at most {MAX_OPTIONS_DEPTH} levels deep")));
        }
        let text = serde_json::to_vec(&self.options).expect("JSON can be written");
        if text.len() > MAX_OPTIONS_BYTES {
            let words = format!("options take at most {MAX_OPTIONS_BYTES} bytes");
            return Err(Refusal::BadOptions(words));
        }
        game.rules(&self.mode, &self.options).map_err(|error| Refusal::BadOptions(error.to_string()))
    }
}

/// Whether values go at most so deep.
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
        let wish = RoomWish { choice: RoomChoice::Any, mode: mode.to_owned(), options, owner: None };
        match wish.rules(&GameSpec::of::<Frontier>()) {
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
        assert!(refused("", json!({ "a": { "b": [{}] } })).contains("option `a`"), "it got to the game");
        assert!(refused(&"x".repeat(MAX_MODE_BYTES), json!({})).contains("no mode"));
        let whole = MAX_OPTIONS_BYTES - r#"{"a":""}"#.len();
        assert!(refused("", json!({ "a": "x".repeat(whole) })).contains("option `a`"));
    }
}
