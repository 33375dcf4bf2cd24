//! The report of a run: what `--json` writes, and what everything else that shows or judges a run is made from.
//!
//! Times are in milliseconds. A figure that nothing was measured for is 0, as are those of files that older programs wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;
use crate::series::Second;
use crate::stats::FINISHED;

/// The figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Bots that got a seat.
    pub bots_connected: u64,
    /// Snapshots a second, for each bot.
    pub updates_per_s: f64,
    /// From one snapshot to the next: the median.
    pub interval_ms_p50: f64,
    /// From one snapshot to the next: 99 of 100 are at most this.
    pub interval_ms_p99: f64,
    /// From one snapshot to the next: the longest.
    pub interval_ms_max: f64,
    /// As `interval_ms_p50`, but as felt: a gap counts once for each update that was missing in it, and so does one that lasts
    /// when the measurement ends.
    pub interval_felt_ms_p50: f64,
    /// As `interval_ms_p99`, but as felt.
    pub interval_felt_ms_p99: f64,
    /// Bytes of a snapshot, with its WebSocket header.
    pub bytes_per_update: f64,
    /// Bytes a second of all messages, for each bot.
    pub bytes_per_s: f64,
    /// From an input to the snapshot that tells of its consumption: the median.
    pub latency_ms_p50: f64,
    /// From an input to the snapshot that tells of its consumption: 99 of 100 are at most this.
    pub latency_ms_p99: f64,
    /// From an input to the snapshot that tells of its consumption: the longest.
    pub latency_ms_max: f64,
    /// As `latency_ms_p50`, but as felt: a bot that is told nothing sends nothing, so a long wait counts once for each input
    /// that a player would have sent in it.
    pub latency_felt_ms_p50: f64,
    /// As `latency_ms_p99`, but as felt.
    pub latency_felt_ms_p99: f64,
    /// How old what a bot shows is, looked at on a fixed clock: the median.
    pub staleness_ms_p50: f64,
    /// How old what a bot shows is: 99 of 100 looks found at most this.
    pub staleness_ms_p99: f64,
    /// How old what a bot shows is: the most that was found.
    pub staleness_ms_max: f64,
    /// From when a bot was to come (or, if all are to be in at first, from when it was its turn) to its first snapshot: the
    /// median.
    pub join_ms_p50: f64,
    /// From when a bot was to come to its first snapshot: 99 of 100 are at most this.
    pub join_ms_p99: f64,
    /// Ticks that were never delivered because a later snapshot stood for them.
    pub ticks_coalesced: u64,
    /// Those of them that passed while the bot had no connection.
    pub ticks_missed: u64,
    /// Snapshots whose hash was compared.
    pub hashes_checked: u64,
    /// Snapshots whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
    /// Connections that ended for good, by cause; `finished` is the bot's own end.
    pub closes: BTreeMap<String, u64>,
    /// Closes that a behaviour brings upon itself, by cause: nobody's failure.
    pub closes_provoked: BTreeMap<String, u64>,
    /// Joins that failed, by cause.
    pub join_failures: BTreeMap<String, u64>,
    /// Connections that were lost and resumed.
    pub resumes: u64,
    /// Connections that were lost and not resumed, or not as they should be.
    pub resume_failures: u64,
    /// From the loss of a connection to the first snapshot after it: the median.
    pub resume_ms_p50: f64,
    /// From the loss of a connection to the first snapshot after it: 99 of 100 are at most this.
    pub resume_ms_p99: f64,
    /// Inputs sent.
    pub inputs_sent: u64,
    /// Of the inputs whose fate is known, the share that were not consumed on the tick that they were meant for, in per cent.
    pub inputs_missed_pct: f64,
    /// The longest that a stalled bot took to show the newest tick again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_ms_max: Option<f64>,

    /// Whether the figures speak of the server: not if the swarm itself could not keep up.
    pub valid: bool,
    /// Why they do not, and what to do; empty if they do.
    pub invalid_because: Vec<String>,
    /// How the swarm itself did.
    pub generator: Generator,
    /// The whole scenario, with all that was left to defaults.
    pub scenario: Scenario,
    /// The words that started it.
    pub command: Vec<String>,
    /// Where it ran.
    pub environment: Environment,
    /// Where the processes ran that ran the bots, if they were others than this one.
    pub processes: Vec<Environment>,
    /// Those of them that were lost, with what is known of why: their bots' last seconds are missing.
    pub processes_lost: Vec<String>,
    /// When the measurement began, in milliseconds since 1970.
    pub began_unix_ms: u64,
    /// Seconds that were measured.
    pub seconds: f64,
    /// Whether it was ended before its time.
    pub ended_early: bool,
    /// The distributions, for a percentile curve each.
    pub quantiles: Quantiles,
    /// The measurement second by second.
    pub series: Vec<Second>,
    /// The rooms that did worst, the worst first.
    pub rooms: Vec<RoomFigures>,
    /// Rooms that are not among them.
    pub rooms_left_out: u64,
}

/// How the swarm itself did, which is what makes a run valid or not. Shares are of one core.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Generator {
    /// Threads that ran bots.
    pub threads: u32,
    /// Processes that ran them.
    pub processes: u32,
    /// The share of a core that the busiest thread used, over the whole measurement.
    pub cpu_share_max: f64,
    /// The mean of all threads' shares.
    pub cpu_share_mean: f64,
    /// The share of the time that the thread that had to wait most was ready to run, but given no core.
    pub starved_share_max: f64,
    /// How late a thread was woken by a timer: the median.
    pub lateness_ms_p50: f64,
    /// How late a thread was woken by a timer: 99 of 100 times at most this.
    pub lateness_ms_p99: f64,
    /// How late a thread was woken by a timer: the most.
    pub lateness_ms_max: f64,
    /// How long a thread worked without looking for what had arrived meanwhile, which no message can have waited longer than to
    /// be taken: 99 of 100 times at most this.
    pub stretch_ms_p99: f64,
    /// As `stretch_ms_p99`: the most.
    pub stretch_ms_max: f64,
    /// CPU time that all threads used for a bot in a second.
    pub cpu_ms_per_bot_second: f64,
    /// Memory of the process at the end of the measurement.
    pub memory_bytes: u64,
    /// Memory that came with the bots, for each.
    pub memory_bytes_per_bot: u64,
    /// Seconds in which the swarm could not keep up.
    pub seconds_overloaded: u32,
}

/// Where a run took place.
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
    /// When it began, as in 2026-01-31T12:00:00Z.
    pub date: String,
    /// Whether this is an optimised build.
    pub release: bool,
}

/// The distributions of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quantiles {
    /// From one snapshot to the next.
    pub interval: Curve,
    /// The same as felt.
    pub interval_felt: Curve,
    /// From an input to its effect.
    pub latency: Curve,
    /// The same as felt.
    pub latency_felt: Curve,
    /// How old what bots show is.
    pub staleness: Curve,
    /// From when a bot was to come to its first snapshot.
    pub join: Curve,
    /// From the loss of a connection to the first snapshot after it.
    pub resume: Curve,
}

/// A distribution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curve {
    /// How many were measured.
    pub count: u64,
    /// Its quantiles, ascending, as far up as the count supports: 0.999 is there if at least a thousand were measured. The last
    /// one is the maximum, with `q` 1.
    pub points: Vec<Quantile>,
}

/// A point of a distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// Which: from 0 to 1.
    pub q: f64,
    /// That share of all are at most this.
    pub ms: f64,
}

/// The figures of a room.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomFigures {
    /// The room's id.
    pub id: String,
    /// Of a second the most bots in it at once; of a run those that have been in it.
    pub bots: u64,
    /// Snapshots a second, for each bot.
    pub updates_per_s: f64,
    /// From one snapshot to the next: 99 of 100 are at most this.
    pub interval_ms_p99: f64,
    /// Snapshots whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
}

impl Report {
    /// Whether every hash matched, no connection ended before its time without being resumed, nor was refused, and no process of
    /// the swarm was lost. It says nothing of how fast anything was, nor whether the run is [valid](Self::valid).
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.mismatches == 0
            && self.resume_failures == 0
            && self.join_failures.is_empty()
            && self.processes_lost.is_empty()
            && self.closes.keys().all(|cause| cause == FINISHED)
    }
}
