//! The figures of a run: what `--json` writes, and what everything that shows or judges a run is made from.
//!
//! Times are in milliseconds. A figure without measurements is 0, and so are figures that are missing in files of
//! older versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::series::Second;
use crate::scenario::Scenario;

/// The cause under which a bot that played to its end is counted.
pub const FINISHED: &str = "finished";

/// The figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Bots that joined.
    pub bots_connected: u64,
    /// Snapshots per second and bot.
    pub updates_per_s: f64,
    /// Time between two snapshots: median.
    pub interval_ms_p50: f64,
    /// Time between two snapshots: 99th percentile.
    pub interval_ms_p99: f64,
    /// Time between two snapshots: maximum.
    pub interval_ms_max: f64,
    /// As `interval_ms_p50`, but as felt: a gap counts once for every update that is missing in it, and gaps that are
    /// open at the end of the measurement count too.
    pub interval_felt_ms_p50: f64,
    /// As `interval_ms_p99`, but as felt.
    pub interval_felt_ms_p99: f64,
    /// Bytes of a snapshot, with its WebSocket header.
    pub bytes_per_update: f64,
    /// Bytes per second and bot, of all messages received.
    pub bytes_per_s: f64,
    /// Time from sending an input to the snapshot that acknowledges its consumption: median.
    pub latency_ms_p50: f64,
    /// Time from sending an input to the snapshot that acknowledges its consumption: 99th percentile.
    pub latency_ms_p99: f64,
    /// Time from sending an input to the snapshot that acknowledges its consumption: maximum.
    pub latency_ms_max: f64,
    /// As `latency_ms_p50`, but as felt: a bot that receives nothing sends nothing, so a long wait counts once for
    /// every input that a player would have sent in it.
    pub latency_felt_ms_p50: f64,
    /// As `latency_ms_p99`, but as felt.
    pub latency_felt_ms_p99: f64,
    /// Age of the state that a bot shows, sampled on a fixed clock: median.
    pub staleness_ms_p50: f64,
    /// Age of the state that a bot shows: 99th percentile.
    pub staleness_ms_p99: f64,
    /// Age of the state that a bot shows: maximum.
    pub staleness_ms_max: f64,
    /// Time from a bot's scheduled arrival (with `at_once`, from its turn to join) to its first snapshot: median.
    pub join_ms_p50: f64,
    /// Time from a bot's scheduled arrival to its first snapshot: 99th percentile.
    pub join_ms_p99: f64,
    /// Ticks without a snapshot of their own, because a later snapshot covered them.
    pub ticks_coalesced: u64,
    /// Those of them that passed while the bot had no connection.
    pub ticks_missed: u64,
    /// Snapshots whose hash was compared.
    pub hashes_checked: u64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: u64,
    /// Connections that ended for good, by cause; `finished` is the bot's own end.
    pub closes: BTreeMap<String, u64>,
    /// Closes that a behaviour provoked, by cause. They are not failures.
    pub closes_provoked: BTreeMap<String, u64>,
    /// Joins that failed, by cause.
    pub join_failures: BTreeMap<String, u64>,
    /// Connections that were lost and resumed.
    pub resumes: u64,
    /// Connections that were lost and not resumed correctly.
    pub resume_failures: u64,
    /// Time from the loss of a connection to the first snapshot after it: median.
    pub resume_ms_p50: f64,
    /// Time from the loss of a connection to the first snapshot after it: 99th percentile.
    pub resume_ms_p99: f64,
    /// Inputs sent.
    pub inputs_sent: u64,
    /// Of the inputs whose outcome is known, the share that missed their tick, in percent.
    pub inputs_missed_pct: f64,
    /// The longest time that a stalled bot took to show the newest tick again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_ms_max: Option<f64>,

    /// False if the swarm itself could not keep up: then the figures say nothing about the server.
    pub valid: bool,
    /// Why the run is not valid, and what to do; empty if it is.
    pub invalid_because: Vec<String>,
    /// The health of the swarm itself.
    pub generator: Generator,
    /// The whole scenario, with defaults filled in.
    pub scenario: Scenario,
    /// The command line.
    pub command: Vec<String>,
    /// The machine that supervised the run.
    pub environment: Environment,
    /// The machines of the processes that ran bots, if other processes did.
    pub processes: Vec<Environment>,
    /// Processes that were lost, and why, as far as known: the last seconds of their bots are missing.
    pub processes_lost: Vec<String>,
    /// The start of the measurement, in milliseconds since 1970.
    pub began_unix_ms: u64,
    /// Seconds that were measured.
    pub seconds: f64,
    /// True if the run ended before its time.
    pub ended_early: bool,
    /// The distributions, for percentile curves.
    pub quantiles: Quantiles,
    /// The measurement, second by second.
    pub series: Vec<Second>,
    /// The rooms that did worst, worst first.
    pub rooms: Vec<RoomFigures>,
    /// Number of rooms that are not among them.
    pub rooms_left_out: u64,
}

/// The health of the swarm itself, which decides whether a run is valid. Shares are of one core.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Generator {
    /// Threads that ran bots.
    pub threads: u32,
    /// Processes that ran bots.
    pub processes: u32,
    /// CPU share of the busiest thread, over the whole measurement.
    pub cpu_share_max: f64,
    /// Mean CPU share of all threads.
    pub cpu_share_mean: f64,
    /// Share of the time that the most starved thread was ready to run, but had no core.
    pub starved_share_max: f64,
    /// How late timers woke a thread: median.
    pub lateness_ms_p50: f64,
    /// How late timers woke a thread: 99th percentile.
    pub lateness_ms_p99: f64,
    /// How late timers woke a thread: maximum.
    pub lateness_ms_max: f64,
    /// How long a thread worked without checking for received messages, which bounds how long a message waited: 99th
    /// percentile.
    pub stretch_ms_p99: f64,
    /// As `stretch_ms_p99`: maximum.
    pub stretch_ms_max: f64,
    /// CPU milliseconds of all threads, per bot and second.
    pub cpu_ms_per_bot_second: f64,
    /// Memory of the processes at the end of the measurement.
    pub memory_bytes: u64,
    /// Memory per bot, beyond what the processes used without bots.
    pub memory_bytes_per_bot: u64,
    /// Seconds in which the swarm could not keep up.
    pub seconds_overloaded: u32,
}

/// The machine and the build of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Drumline's version.
    pub version: String,
    /// The operating system and its version.
    pub os: String,
    /// The processor's model.
    pub cpu: String,
    /// Cores that the swarm may use.
    pub cores: u32,
    /// Memory of the machine.
    pub memory_bytes: u64,
    /// When the run started, as in 2026-01-31T12:00:00Z.
    pub date: String,
    /// True for an optimised build.
    pub release: bool,
}

/// The distributions of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quantiles {
    /// Time between two snapshots.
    pub interval: Curve,
    /// The same, as felt.
    pub interval_felt: Curve,
    /// Time from an input to its effect.
    pub latency: Curve,
    /// The same, as felt.
    pub latency_felt: Curve,
    /// Age of the state that bots show.
    pub staleness: Curve,
    /// Time from a bot's scheduled arrival to its first snapshot.
    pub join: Curve,
    /// Time from the loss of a connection to the first snapshot after it.
    pub resume: Curve,
}

/// A distribution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curve {
    /// Number of measurements.
    pub count: u64,
    /// Its quantiles, ascending, as far up as the count supports: 0.999 is included if there are at least a thousand
    /// measurements. The last one is the maximum, with `q` 1.
    pub points: Vec<Quantile>,
}

/// A point of a distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The quantile, from 0 to 1.
    pub q: f64,
    /// This share of all measurements is at most `ms`.
    pub ms: f64,
}

/// The figures of a room.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomFigures {
    /// The room's id.
    pub id: String,
    /// Of a second, the most bots in it at once; of a run, all bots that were ever in it.
    pub bots: u64,
    /// Snapshots per second and bot.
    pub updates_per_s: f64,
    /// Time between two snapshots: 99th percentile.
    pub interval_ms_p99: f64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: u64,
}

impl Report {
    /// Returns true if every hash matched, no connection was refused or ended early without being resumed, and no
    /// process of the swarm was lost. This says nothing about speed, or about whether the run is
    /// [valid](Self::valid).
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.mismatches == 0
            && self.resume_failures == 0
            && self.join_failures.is_empty()
            && self.processes_lost.is_empty()
            && self.closes.keys().all(|cause| cause == FINISHED)
    }
}
