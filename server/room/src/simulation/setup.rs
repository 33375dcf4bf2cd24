//! Mode and options of a room, and the rules that follow from them.

use serde_json::{Map, Value};
use thiserror::Error;

/// The options of a room, by name. The game defines their meaning.
pub type Options = Map<String, Value>;

/// The facts of a new room: its id, seed, mode and options.
///
/// Take all randomness from the seed:
/// ```
/// use drumline_room::prelude::*;
///
/// let setup = Setup::new(7);
/// let mut rng = Rng::seed_from_u64(setup.seed); // In `Game::new`; keep it in the game's state.
/// let x = rng.random_range(0.0..100.0);
/// # let _: f64 = x;
/// # let mut again = Rng::seed_from_u64(setup.seed);
/// # assert_eq!(again.random_range(0.0..100.0), x);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// The seed for a [`Rng`](crate::Rng). Each room has its own.
    pub seed: u64,
    /// The room's id, as in lists and links.
    pub id: String,
    /// The code by which players join a private room; `None` for a public one.
    pub code: Option<String>,
    /// The mode that the room was opened with; empty if none.
    pub mode: String,
    /// The options that the room was opened with.
    pub options: Options,
}

impl Setup {
    /// A game without mode or options.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}

/// A room's rules, chosen by its mode and options.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomRules {
    /// Seats, 1 to 1024; a number outside that range becomes the nearest one in it. `None` stands for the operator's
    /// `max_players`, or [`Game::MAX_PLAYERS`](crate::Game::MAX_PLAYERS) without that setting. A room never has more seats than
    /// the operator's setting.
    pub max_players: Option<u16>,
    /// The options in their normal form, such as with the default values filled in, so that clients that mean the same come to
    /// one room. `None` leaves them as they are.
    pub options: Option<Options>,
}

impl RoomRules {
    /// The rules of a game that has neither modes nor options.
    ///
    /// # Errors
    /// [`SetupError`] if there is a mode or an option.
    pub fn plain(mode: &str, options: &Options) -> Result<Self, SetupError> {
        if !mode.is_empty() {
            return Err(SetupError::UnknownMode(mode.to_owned()));
        }
        match options.keys().next() {
            Some(name) => Err(SetupError::UnknownOption(name.clone())),
            None => Ok(Self::default()),
        }
    }
}

/// Why a game refuses a mode or an option.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetupError {
    /// The game has no such mode.
    #[error("this game has no mode `{0}`")]
    UnknownMode(String),
    /// The game has no such option.
    #[error("this game has no option `{0}`")]
    UnknownOption(String),
    /// The option does not allow this value.
    #[error("option `{name}`: {expected} is expected")]
    BadOption {
        /// The option.
        name: &'static str,
        /// The values that it allows, as in `1 to 10`.
        expected: &'static str,
    },
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
}
