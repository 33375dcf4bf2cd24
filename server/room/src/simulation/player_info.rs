//! A player, as the game knows it.

use serde::{Deserialize, Serialize};

use crate::joiner::Identity;
use crate::record::Presence;

/// A player of the room: see [`Tick::players`](crate::Tick::players).
#[derive(Debug, Clone, PartialEq)]
pub struct PlayerInfo<Options = ()> {
    /// The name, as others see it: with a number behind it if another player had it first.
    pub name: String,
    /// The account; `None` if the server does not authenticate players, and for a bot.
    pub identity: Option<Identity>,
    /// The options that the client sent with the join: the [`Game::JoinOptions`](crate::Game::JoinOptions). A bot has the default
    /// ones.
    pub options: Options,
    /// True for a bot that the game has seated.
    pub is_bot: bool,
    /// The state of the connection.
    pub connection: Connection,
}

/// The state of a player's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Connected, or away while the seat is held.
    pub presence: Presence,
    /// The tick since which it is in this state.
    pub since_tick: u32,
}

impl<Options> PlayerInfo<Options> {
    /// Returns true if the connection is lost and the seat is held.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.connection.presence == Presence::Away
    }
}
