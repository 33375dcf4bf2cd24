//! The pattern in which bots arrive and leave.

use serde::{Deserialize, Serialize};

/// How bots arrive. Times are in seconds since the start of the measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrival {
    /// All join as fast as they can, and the measurement starts once they are in. A bot that cannot join ends the
    /// run.
    #[default]
    AtOnce,
    /// They join one after another, evenly.
    Ramp {
        /// When the last one joins.
        seconds: f64,
    },
    /// They join in groups of equal size.
    Steps {
        /// Number of groups.
        count: u32,
        /// Time between two groups.
        every: f64,
    },
    /// Most of them join and leave over and over.
    Waves {
        /// Time between two waves.
        every: f64,
        /// How long the bots of a wave stay.
        stay: f64,
        /// The share of the bots that stay all the time, 0 to 1.
        base: f64,
    },
    /// Some join at the same moment, while the others are playing.
    Storm {
        /// When.
        at: f64,
        /// How many.
        bots: u32,
    },
}

/// One stay of a bot, in seconds since the start of the measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// When it joins.
    pub arrive: f64,
    /// When it leaves; `None` if it stays to the end.
    pub leave: Option<f64>,
}

impl Arrival {
    /// Returns true if the measurement starts once all are in, rather than with the first bot.
    #[must_use]
    pub fn completes_before_measurement(self) -> bool {
        self == Self::AtOnce
    }

    /// Visit `n` (from 0) of a bot, of `bots` bots in all; `None` if it has no such visit. Bots are numbered so that
    /// the first bot of every room arrives before any second one.
    #[must_use]
    pub fn visit(self, bot: u64, bots: u64, n: u32) -> Option<Visit> {
        let share = bot as f64 / bots.max(1) as f64;
        let only = |arrive: f64| (n == 0).then_some(Visit { arrive, leave: None });
        match self {
            Self::AtOnce => only(0.0),
            Self::Ramp { seconds } => only(share * seconds),
            Self::Steps { count, every } => only((share * f64::from(count)).floor() * every),
            Self::Waves { base, .. } if share < base => only(0.0),
            Self::Waves { every, stay, .. } => {
                let arrive = f64::from(n + 1) * every;
                Some(Visit { arrive, leave: Some(arrive + stay) })
            }
            Self::Storm { at, bots: late } => {
                only(if bot < bots.saturating_sub(u64::from(late)) { 0.0 } else { at })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(arrival: Arrival, bots: u64) -> Vec<f64> {
        (0..bots).map(|bot| arrival.visit(bot, bots, 0).unwrap().arrive).collect()
    }

    #[test]
    fn bots_arrive_evenly_or_in_groups_or_late() {
        assert_eq!(arrivals(Arrival::AtOnce, 3), [0.0, 0.0, 0.0]);
        assert_eq!(arrivals(Arrival::Ramp { seconds: 8.0 }, 4), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(arrivals(Arrival::Steps { count: 2, every: 5.0 }, 5), [0.0, 0.0, 0.0, 5.0, 5.0]);
        assert_eq!(arrivals(Arrival::Storm { at: 3.0, bots: 2 }, 3), [0.0, 3.0, 3.0]);
        assert_eq!(arrivals(Arrival::Storm { at: 3.0, bots: 9 }, 2), [3.0, 3.0]);
        for arrival in
            [Arrival::AtOnce, Arrival::Ramp { seconds: 8.0 }, Arrival::Steps { count: 2, every: 5.0 }]
        {
            assert_eq!(arrival.visit(1, 4, 1), None, "a bot that has arrived stays");
        }
    }

    #[test]
    fn waves_join_and_leave_while_some_bots_stay() {
        let waves = Arrival::Waves { every: 10.0, stay: 4.0, base: 0.5 };
        assert_eq!(waves.visit(0, 4, 0), Some(Visit { arrive: 0.0, leave: None }));
        assert_eq!(waves.visit(0, 4, 1), None);
        assert_eq!(waves.visit(2, 4, 0), Some(Visit { arrive: 10.0, leave: Some(14.0) }));
        assert_eq!(waves.visit(3, 4, 1), Some(Visit { arrive: 20.0, leave: Some(24.0) }));
    }
}
