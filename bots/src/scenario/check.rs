//! What the values of a scenario may be.

use std::fmt;
use std::ops::RangeInclusive;

use thiserror::Error;

use super::Scenario;
use crate::arrival::Arrival;
use crate::condition::Condition;
use crate::net::NetProfile;

/// The longest time that a scenario may name, in seconds: a day.
const LONGEST_S: f64 = 86_400.0;
/// The shortest time between two things that happen again and again, in seconds.
const SHORTEST_S: f64 = 0.1;

/// A value of a scenario is not one of those that are allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` {wrong}", path.join("."))]
pub struct Fault {
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// What is wrong with it, and what is allowed.
    pub wrong: String,
}

impl Fault {
    /// Of the value that these keys lead to.
    pub fn new(path: &[&str], wrong: impl fmt::Display) -> Self {
        Self { path: path.iter().map(|&key| key.to_owned()).collect(), wrong: wrong.to_string() }
    }
}

fn within<T: PartialOrd + fmt::Display + Copy>(
    path: &[&str],
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<(), Fault> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Fault::new(path, format_args!("is {} to {}, not {value}", allowed.start(), allowed.end())))
}

impl Scenario {
    /// Checks every value that can be checked without knowing the games.
    ///
    /// # Errors
    /// [`Fault`] names the first that is not allowed, and what is.
    pub fn check(&self) -> Result<(), Fault> {
        within(&["rooms"], self.rooms, 1..=4096)?;
        within(&["per_room"], self.per_room, 1..=1024)?;
        within(&["seconds"], self.seconds, 1..=86_400)?;
        within(&["threads"], self.threads, 1..=256)?;
        within(&["joins_at_once"], self.joins_at_once, 1..=65_536)?;
        within(&["stall_seconds"], self.stall_seconds, 1..=600)?;
        within(&["spam", "inputs_per_second"], self.spam.inputs_per_second, 1..=100_000)?;
        within(&["flapper", "every_seconds"], self.flapper.every_seconds, SHORTEST_S..=LONGEST_S)?;
        within(&["flapper", "goodbyes"], self.flapper.goodbyes, 0.0..=1.0)?;
        within(&["slow", "pause_seconds"], self.slow.pause_seconds, 0.0..=600.0)?;
        within(&["slow", "read_seconds"], self.slow.read_seconds, 0.0..=LONGEST_S)?;
        self.check_arrival()?;
        for words in &self.fail_if {
            let condition = words.parse::<Condition>().and_then(|condition| condition.check());
            condition.map_err(|error| Fault::new(&["fail_if"], error))?;
        }
        for (key, weights) in [("behaviours", &self.behaviours), ("networks", &self.networks)] {
            for (name, &weight) in weights {
                within(&[key, name], weight, 0.0..=1e9)?;
            }
            if !weights.is_empty() && weights.values().sum::<f64>() <= 0.0 {
                return Err(Fault::new(&[key], "needs a weight above 0"));
            }
        }
        for name in self.networks.keys() {
            NetProfile::find(name).map_err(|error| Fault::new(&["networks", name], error))?;
        }
        Ok(())
    }

    fn check_arrival(&self) -> Result<(), Fault> {
        match self.arrival {
            Arrival::AtOnce => Ok(()),
            Arrival::Ramp { seconds } => within(&["arrival", "ramp", "seconds"], seconds, 0.0..=LONGEST_S),
            Arrival::Steps { count, every } => {
                within(&["arrival", "steps", "count"], count, 1..=1_000_000)?;
                within(&["arrival", "steps", "every"], every, 0.0..=LONGEST_S)
            }
            Arrival::Waves { every, stay, base } => {
                within(&["arrival", "waves", "every"], every, SHORTEST_S..=LONGEST_S)?;
                within(&["arrival", "waves", "stay"], stay, SHORTEST_S..=every)?;
                within(&["arrival", "waves", "base"], base, 0.0..=1.0)
            }
            Arrival::Storm { at, .. } => within(&["arrival", "storm", "at"], at, 0.0..=LONGEST_S),
        }
    }
}
