//! The values that a scenario may have.

use std::fmt;
use std::ops::RangeInclusive;

use crate::net::profile::NetProfile;
use crate::report::condition::Condition;
use crate::scenario::Scenario;
use crate::scenario::arrival_pattern::Arrival;
use crate::scenario::invalid_value::InvalidValue;

/// The longest time in a scenario, in seconds: a day.
const LONGEST_S: f64 = 86_400.0;
/// The shortest period, in seconds.
const SHORTEST_S: f64 = 0.1;

fn within<T: PartialOrd + fmt::Display + Copy>(
    path: &[&str],
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<(), InvalidValue> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(InvalidValue::new(path, format_args!("is {} to {}, not {value}", allowed.start(), allowed.end())))
}

impl Scenario {
    /// Checks every value that can be checked without knowing the games.
    ///
    /// # Errors
    /// [`InvalidValue`] names the first value that is not allowed, and the allowed ones.
    pub fn check(&self) -> Result<(), InvalidValue> {
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
        for text in &self.fail_if {
            let condition = text.parse::<Condition>().and_then(|condition| condition.check());
            condition.map_err(|error| InvalidValue::new(&["fail_if"], error))?;
        }
        for (key, weights) in [("behaviours", &self.behaviours), ("networks", &self.networks)] {
            for (name, &weight) in weights {
                within(&[key, name], weight, 0.0..=1e9)?;
            }
            if !weights.is_empty() && weights.values().sum::<f64>() <= 0.0 {
                return Err(InvalidValue::new(&[key], "needs a weight above 0"));
            }
        }
        for name in self.networks.keys() {
            NetProfile::find(name).map_err(|error| InvalidValue::new(&["networks", name], error))?;
        }
        Ok(())
    }

    fn check_arrival(&self) -> Result<(), InvalidValue> {
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
