//! How bots treat their connections, which is the same for every game.

use crate::scenario::{Flapper, Scenario, Slow, Spam};

/// The names of those who do not treat them well. They play as their game's bots do if nothing is said.
pub const CONDUCTS: [&str; 3] = ["spam", "flapper", "slow"];

/// The closes that a server answers spam with: inputs out of their window, and too many messages.
const SPAM_CLOSES: [u16; 2] = [4004, 4010];

/// How a bot treats its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Conduct {
    /// As a player's client does.
    #[default]
    Plain,
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

    /// Whether the bot has brought a close with this code upon itself.
    #[must_use]
    pub fn provokes(self, code: u16) -> bool {
        self.is_spam() && SPAM_CLOSES.contains(&code)
    }
}
