//! A scenario, as data: everything that a run does. `plan` reads it from a file and checks it.

pub mod arrival_pattern;
pub mod invalid_value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::arrival_pattern::Arrival;

/// A scenario. Every key of the file is optional; an unknown key is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Its purpose, in a sentence.
    pub about: String,
    /// The name of the game to play.
    pub game: String,
    /// Rooms to open.
    pub rooms: u32,
    /// Bots in each room.
    pub per_room: u32,
    /// Seconds to measure.
    pub seconds: u32,
    /// The seed of everything random.
    pub seed: u64,
    /// Threads to spread the rooms over, in each process.
    pub threads: u32,
    /// Bots of one thread that may be joining at the same time.
    pub joins_at_once: u32,
    /// When bots arrive and leave.
    pub arrival: Arrival,
    /// The bots' behaviours, by weight; if empty, the game's first behaviour.
    pub behaviours: BTreeMap<String, f64>,
    /// The bots' networks, by weight: a named network or a description; if empty, nothing is simulated.
    pub networks: BTreeMap<String, f64>,
    /// Settings of the behaviour `spam`.
    pub spam: Spam,
    /// Settings of the behaviour `flapper`.
    pub flapper: Flapper,
    /// Settings of the behaviour `slow`.
    pub slow: Slow,
    /// Bots, one in each of the first rooms, that stop reading once, one second into the measurement.
    pub stall_bots: u32,
    /// Seconds for which they stop.
    pub stall_seconds: u32,
    /// Conditions that make the run a failure, such as `interval_ms_p99>60`.
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
    /// Number of bots in all rooms.
    #[must_use]
    pub fn bots(&self) -> u64 {
        u64::from(self.rooms) * u64::from(self.per_room)
    }
}

/// How bots spam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spam {
    /// Inputs per second. By default a server accepts 64 inputs per tick and 250 messages per second, and closes the
    /// connection of a client that keeps sending more.
    pub inputs_per_second: u32,
}

impl Default for Spam {
    fn default() -> Self {
        Self { inputs_per_second: 200 }
    }
}

/// How bots lose their connection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flapper {
    /// Seconds between two losses of the connection, on average.
    pub every_seconds: f64,
    /// The share of the losses that are an orderly close, after which the bot joins anew; the others are resumed.
    pub goodbyes: f64,
}

impl Default for Flapper {
    fn default() -> Self {
        Self { every_seconds: 4.0, goodbyes: 0.25 }
    }
}

/// How bots read slowly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slow {
    /// Seconds for which they do not read, …
    pub pause_seconds: f64,
    /// … after reading for this many seconds.
    pub read_seconds: f64,
}

impl Default for Slow {
    fn default() -> Self {
        Self { pause_seconds: 1.5, read_seconds: 3.0 }
    }
}
