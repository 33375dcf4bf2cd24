//! How bots treat their connections, which is the same for every game.

use crate::scenario::{Flapper, Scenario, Slow, Spam};

/// The names of those who do not treat them well. They play as their game's bots do if nothing is said.
pub const CONDUCTS: [&str; 3] = ["spam", "flapper", "slow"];

/// Messages a second that a server takes unless it is told otherwise.
const TAKEN_A_SECOND: u32 = 250;

/// What does nothing, in whatever game.
pub const IDLE: &str = "idle";

/// The close that a server answers idleness with.
const IDLE_CLOSE: u16 = 4011;
/// The closes that a server answers spam with: inputs out of their window, and too many messages.
const SPAM_CLOSES: [u16; 2] = [4004, 4010];

/// How a bot treats its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Conduct {
    /// As a player's client does.
    #[default]
    Plain,
    /// The same, but has nothing to say.
    Idle,
    /// Sends more inputs than it has use for.
    Spam(Spam),
    /// Loses its connection, or leaves and comes back, again and again.
    Flapper(Flapper),
    /// Does not read for a while, again and again.
    Slow(Slow),
}

impl Conduct {
    /// The one of this name, as a scenario has it.
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

    /// Whether what the bot is given says nothing of what others are: it does not read what there is.
    #[must_use]
    pub fn is_slow(self) -> bool {
        matches!(self, Self::Slow(_))
    }

    /// Whether what becomes of the bot's inputs says nothing of what becomes of others'.
    #[must_use]
    pub fn is_spam(self) -> bool {
        matches!(self, Self::Spam(_))
    }

    /// Whether the bot provokes being cut off, by which its last words from the server may get lost.
    #[must_use]
    pub fn is_beyond_limits(self) -> bool {
        matches!(self, Self::Spam(spam) if spam.inputs_per_second > TAKEN_A_SECOND)
    }

    /// Whether the bot has brought a close with this code upon itself.
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
    fn each_is_to_blame_for_what_it_provokes_and_nothing_else() {
        let scenario = Scenario::default();
        let closes = [4001, 4004, 4010, 4011];
        let provoked = |name| {
            let conduct = Conduct::named(name, &scenario).unwrap();
            closes.into_iter().filter(|code| conduct.provokes(*code)).collect::<Vec<_>>()
        };
        assert_eq!(provoked("spam"), [4004, 4010]);
        assert_eq!(provoked("idle"), [4011]);
        assert!(provoked("flapper").is_empty() && provoked("slow").is_empty());
        assert_eq!(Conduct::named("chase", &scenario), None);
    }
}
