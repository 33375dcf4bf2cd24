//! A scenario: all that a run does, as a TOML file says it.

mod check;
mod file;

use std::collections::BTreeMap;

pub use check::Fault;
pub use file::ScenarioError;
use serde::{Deserialize, Serialize};

use crate::arrival::Arrival;

/// What a run does. Every key may be left out of a file; what is not one of them is a mistake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// The game to play.
    pub game: String,
    /// Rooms to open.
    pub rooms: u32,
    /// Bots in each room.
    pub per_room: u32,
    /// Seconds to measure.
    pub seconds: u32,
    /// The seed of all that is random.
    pub seed: u64,
    /// Threads to spread the rooms over.
    pub threads: u32,
    /// Bots of a thread that may be joining at a time.
    pub joins_at_once: u32,
    /// When bots come and go.
    pub arrival: Arrival,
    /// How many of the bots behave how, by weight; none: as the game has it.
    pub behaviours: BTreeMap<String, f64>,
    /// How many of the bots are on which network, by weight: a name, or words; none: nothing between bots and server.
    pub networks: BTreeMap<String, f64>,
    /// How bots that are told to `spam` do it.
    pub spam: Spam,
    /// How bots that are told to be a `flapper` do it.
    pub flapper: Flapper,
    /// How bots that are told to be `slow` do it.
    pub slow: Slow,
    /// Bots, one in each of the first rooms, that stop reading once, a second into the measurement.
    pub stall_bots: u32,
    /// Seconds for which they stop.
    pub stall_seconds: u32,
    /// What makes the run a failure, as in `interval_ms_p99>60`.
    pub fail_if: Vec<String>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: String::new(),
            about: String::new(),
            game: "arena".to_owned(),
            rooms: 4,
            per_room: 16,
            seconds: 10,
            seed: 1,
            threads: 1,
            joins_at_once: 64,
            arrival: Arrival::default(),
            behaviours: BTreeMap::new(),
            networks: BTreeMap::new(),
            spam: Spam::default(),
            flapper: Flapper::default(),
            slow: Slow::default(),
            stall_bots: 0,
            stall_seconds: 5,
            fail_if: Vec::new(),
        }
    }
}

impl Scenario {
    /// Bots in all.
    #[must_use]
    pub fn bots(&self) -> u64 {
        u64::from(self.rooms) * u64::from(self.per_room)
    }
}

/// How bots spam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spam {
    /// Inputs that they send in a second. A server takes 64 a tick, and unless it is told otherwise 250 messages a second; who
    /// keeps sending more is cut off.
    pub inputs_per_second: u32,
}

impl Default for Spam {
    fn default() -> Self {
        Self { inputs_per_second: 200 }
    }
}

/// How bots flap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flapper {
    /// Seconds between two losses of the connection, on average.
    pub every_seconds: f64,
    /// The share of the losses that are a goodbye, after which the bot joins anew; the others are resumed.
    pub goodbyes: f64,
}

impl Default for Flapper {
    fn default() -> Self {
        Self { every_seconds: 4.0, goodbyes: 0.25 }
    }
}

/// How bots are slow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slow {
    /// Seconds for which they do not read, …
    pub pause_seconds: f64,
    /// … after they have read for so many.
    pub read_seconds: f64,
}

impl Default for Slow {
    fn default() -> Self {
        Self { pause_seconds: 1.5, read_seconds: 3.0 }
    }
}
