//! What a room is asked to be, and who joins it.

use drumline_shared::limits::MAX_PLAYERS;
use serde_json::{Map, Value};
use thiserror::Error;

/// The options of a room, by name. What they mean is the game's affair.
pub type Options = Map<String, Value>;

/// What a game is made with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// Where all of the game's randomness comes from.
    pub seed: u64,
    /// The mode that whoever opened the room asked for; empty if none.
    pub mode: String,
    /// The options that they asked for.
    pub options: Options,
}

impl Setup {
    /// A game without mode or options.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}

/// What follows for a room from its mode and options.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomRules {
    /// Seats, if not as many as [`Game::MAX_PLAYERS`](crate::Game::MAX_PLAYERS) says.
    pub max_players: Option<u16>,
}

impl RoomRules {
    /// The rules of a game that has neither modes nor options.
    ///
    /// # Errors
    /// [`SetupError`] if there are any all the same.
    pub fn plain(mode: &str, options: &Options) -> Result<Self, SetupError> {
        if !mode.is_empty() {
            return Err(SetupError::UnknownMode(mode.to_owned()));
        }
        match options.keys().next() {
            Some(name) => Err(SetupError::UnknownOption(name.clone())),
            None => Ok(Self::default()),
        }
    }

    /// Seats in a room of a game that has so many by itself. There is one at least, and no more than a room can have.
    #[must_use]
    pub fn seats(self, of_game: u16) -> u16 {
        self.max_players.unwrap_or(of_game).clamp(1, MAX_PLAYERS)
    }
}

/// A game does not take a mode or an option.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetupError {
    /// No such mode.
    #[error("this game has no mode `{0}`")]
    UnknownMode(String),
    /// No such option.
    #[error("this game has no option `{0}`")]
    UnknownOption(String),
    /// An option's value is not one that it can have.
    #[error("option `{name}`: {expected} is expected")]
    BadOption {
        /// The option.
        name: &'static str,
        /// What it can be.
        expected: &'static str,
    },
}

/// A player who takes a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct Joiner {
    /// The name that they go by.
    pub name: String,
    /// Who they are, if the server knows.
    pub identity: Option<Identity>,
}

impl<S: AsRef<str> + ?Sized> From<&S> for Joiner {
    /// Somebody of a name, of whom nothing else is known.
    fn from(name: &S) -> Self {
        Self { name: name.as_ref().to_owned(), identity: None }
    }
}

/// Who somebody is, as the server has checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    /// The same for one person whenever they come, and nobody else's.
    pub subject: String,
    /// All that is claimed of them.
    pub claims: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_game_takes_nothing() {
        let mut options = Options::new();
        assert_eq!(RoomRules::plain("", &options), Ok(RoomRules::default()));
        assert_eq!(RoomRules::plain("duel", &options), Err(SetupError::UnknownMode("duel".into())));
        options.insert("speed".into(), 2.into());
        assert_eq!(RoomRules::plain("", &options), Err(SetupError::UnknownOption("speed".into())));
    }

    #[test]
    fn a_room_has_a_seat_at_least_and_no_more_than_can_be() {
        let seats = |max_players| RoomRules { max_players }.seats(16);
        assert_eq!([None, Some(2), Some(0), Some(u16::MAX)].map(seats), [16, 2, 1, MAX_PLAYERS]);
    }
}
