//! When bots come and go.

use serde::{Deserialize, Serialize};

/// How bots arrive. Times are in seconds from the beginning of the measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrival {
    /// All come as fast as they may, and the measurement begins when they are in. One that does not get in ends the run.
    #[default]
    AtOnce,
    /// They come one after another.
    Ramp {
        /// Until all are there.
        seconds: f64,
    },
    /// They come in groups of the same size.
    Steps {
        /// Groups.
        count: u32,
        /// Between one and the next.
        every: f64,
    },
    /// Most come and go again and again, like the tide.
    Waves {
        /// From one wave to the next.
        every: f64,
        /// How long a wave's bots stay.
        stay: f64,
        /// The share of the bots that stay all the time.
        base: f64,
    },
    /// Some come all in the same moment, while the others have been playing.
    Storm {
        /// When.
        at: f64,
        /// How many.
        bots: u32,
    },
}

/// A bot's stay, in seconds from the beginning of the measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// When it comes.
    pub come: f64,
    /// When it goes; none: at the end.
    pub leave: Option<f64>,
}

impl Arrival {
    /// Whether the measurement begins when all are in, rather than with the first.
    #[must_use]
    pub fn is_before_measurement(self) -> bool {
        self == Self::AtOnce
    }

    /// A bot's `n`th visit, from 0, of `bots` bots; none if there is no such visit. The first bot of every room comes before all
    /// second ones.
    #[must_use]
    pub fn visit(self, bot: u64, bots: u64, n: u32) -> Option<Visit> {
        let share = bot as f64 / bots.max(1) as f64;
        let only = |come: f64| (n == 0).then_some(Visit { come, leave: None });
        match self {
            Self::AtOnce => only(0.0),
            Self::Ramp { seconds } => only(share * seconds),
            Self::Steps { count, every } => only((share * f64::from(count)).floor() * every),
            Self::Waves { base, .. } if share < base => only(0.0),
            Self::Waves { every, stay, .. } => {
                let come = f64::from(n + 1) * every;
                Some(Visit { come, leave: Some(come + stay) })
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

    fn comes(arrival: Arrival, bots: u64) -> Vec<f64> {
        (0..bots).map(|bot| arrival.visit(bot, bots, 0).unwrap().come).collect()
    }

    #[test]
    fn bots_come_one_after_another_or_in_groups_or_late() {
        assert_eq!(comes(Arrival::AtOnce, 3), [0.0, 0.0, 0.0]);
        assert_eq!(comes(Arrival::Ramp { seconds: 8.0 }, 4), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(comes(Arrival::Steps { count: 2, every: 5.0 }, 5), [0.0, 0.0, 0.0, 5.0, 5.0]);
        assert_eq!(comes(Arrival::Storm { at: 3.0, bots: 2 }, 3), [0.0, 3.0, 3.0]);
        assert_eq!(comes(Arrival::Storm { at: 3.0, bots: 9 }, 2), [3.0, 3.0]);
        for arrival in
            [Arrival::AtOnce, Arrival::Ramp { seconds: 8.0 }, Arrival::Steps { count: 2, every: 5.0 }]
        {
            assert_eq!(arrival.visit(1, 4, 1), None, "who has come stays");
        }
    }

    #[test]
    fn waves_come_and_go_but_some_stay() {
        let waves = Arrival::Waves { every: 10.0, stay: 4.0, base: 0.5 };
        assert_eq!(waves.visit(0, 4, 0), Some(Visit { come: 0.0, leave: None }));
        assert_eq!(waves.visit(0, 4, 1), None);
        assert_eq!(waves.visit(2, 4, 0), Some(Visit { come: 10.0, leave: Some(14.0) }));
        assert_eq!(waves.visit(3, 4, 1), Some(Visit { come: 20.0, leave: Some(24.0) }));
    }
}
