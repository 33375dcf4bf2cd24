//! How bots treat their connections, which is the same for every game.

use crate::scenario::{Flapper, Scenario, Slow, Spam};

/// The names of behaviours with a bad habit. Their bots play the game's first behaviour.
pub const CONNECTION_HABITS: [&str; 3] = ["spam", "flapper", "slow"];

/// Messages per second that a server accepts by default.
const TAKEN_A_SECOND: u32 = 250;

/// The name of the behaviour that does nothing, in any game.
pub const IDLE: &str = "idle";

/// The close code with which a server ends an idle connection.
const IDLE_CLOSE: u16 = 4011;
/// The close codes with which a server answers spam: inputs outside their window, and too many messages.
const SPAM_CLOSES: [u16; 2] = [4004, 4010];

/// How a bot treats its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum ConnectionHabit {
    /// Like a player's client.
    #[default]
    Normal,
    /// Like a player's client, but without anything to send.
    Idle,
    /// Sends more inputs than it needs.
    Spam(Spam),
    /// Loses its connection, or leaves and joins anew, over and over.
    Flapper(Flapper),
    /// Stops reading for a while, over and over.
    Slow(Slow),
}

impl ConnectionHabit {
    /// The habit of this name, with a scenario's settings; `None` if it is not the name of a habit.
    #[must_use]
    pub fn named(name: &str, scenario: &Scenario) -> Option<Self> {
        match name {
            IDLE => Some(Self::Idle),
            "spam" => Some(Self::Spam(scenario.spam)),
            "flapper" => Some(Self::Flapper(scenario.flapper)),
            "slow" => Some(Self::Slow(scenario.slow)),
            _ => None,
        }
    }

    /// Returns true if the bot does not always read: then its times say nothing about those of other clients.
    #[must_use]
    pub fn is_slow(self) -> bool {
        matches!(self, Self::Slow(_))
    }

    /// Returns true if the outcome of the bot's inputs says nothing about those of other clients.
    #[must_use]
    pub fn is_spam(self) -> bool {
        matches!(self, Self::Spam(_))
    }

    /// Returns true if the server is expected to cut the bot off, and its close frame may get lost in the flood.
    #[must_use]
    pub fn exceeds_limits(self) -> bool {
        matches!(self, Self::Spam(spam) if spam.inputs_per_second > TAKEN_A_SECOND)
    }

    /// Returns true if the bot provoked a close with this code.
    #[must_use]
    pub fn provokes(self, code: u16) -> bool {
        match self {
            Self::Idle => code == IDLE_CLOSE,
            Self::Spam(_) => SPAM_CLOSES.contains(&code),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_habit_provokes_its_own_close_codes_and_no_others() {
        let scenario = Scenario::default();
        let closes = [4001, 4004, 4010, 4011];
        let provoked = |name| {
            let habit = ConnectionHabit::named(name, &scenario).unwrap();
            closes.into_iter().filter(|code| habit.provokes(*code)).collect::<Vec<_>>()
        };
        assert_eq!(provoked("spam"), [4004, 4010]);
        assert_eq!(provoked("idle"), [4011]);
        assert!(provoked("flapper").is_empty() && provoked("slow").is_empty());
        assert_eq!(ConnectionHabit::named("chase", &scenario), None);
    }
}
