//! A player, as the simulation keeps it.

use drumline_shared::wire::control::{ListedPlayer, PlayerStatus};

use crate::player_id::PlayerId;
use crate::record::Presence;

/// A player as the simulation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Player {
    /// The player.
    pub id: PlayerId,
    /// The name.
    pub name: String,
    /// True for a bot that the game has seated.
    pub is_bot: bool,
    /// The state of the player's connection.
    pub presence: Presence,
    /// The highest number of a command that was executed; 0 before the first.
    pub last_command: u32,
    /// The highest number of a chat message that was executed. It may overtake commands that wait, so it has a mark of its own.
    pub last_chat: u32,
}

impl Player {
    /// Notes that a command or chat message is executed, by its mark. Returns false if it was before.
    pub(crate) fn execute(mark: &mut u32, number: u32) -> bool {
        let is_new = number > *mark;
        *mark = number.max(*mark);
        is_new
    }

    /// The player's entry in a list of players.
    #[must_use]
    pub(crate) fn listed(&self) -> ListedPlayer {
        let status = match self.presence {
            Presence::Connected => PlayerStatus::Connected,
            Presence::Away => PlayerStatus::Away,
        };
        ListedPlayer { player: self.id.number(), name: self.name.clone(), status, bot: self.is_bot }
    }
}

/// The entry of a player who has left.
pub(super) fn left(player: PlayerId) -> ListedPlayer {
    ListedPlayer { player: player.number(), name: String::new(), status: PlayerStatus::Left, bot: false }
}
