//! A run, second by second.

use serde::{Deserialize, Serialize};

/// One second of the measurement. A time without measurements in that second is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// The second's number, from 0.
    pub second: u32,
    /// Bots in rooms: of each room the most at once.
    pub bots: u64,
    /// Bots that joined.
    pub joined: u64,
    /// Joins that failed.
    pub join_failures: u64,
    /// Snapshots applied.
    pub updates: u64,
    /// Bytes of all messages received, with their WebSocket headers.
    pub bytes: u64,
    /// Time between two snapshots: median.
    pub interval_ms_p50: Option<f64>,
    /// Time between two snapshots: 99th percentile.
    pub interval_ms_p99: Option<f64>,
    /// Time between two snapshots: maximum.
    pub interval_ms_max: Option<f64>,
    /// Time from an input to its effect: median.
    pub latency_ms_p50: Option<f64>,
    /// Time from an input to its effect: 99th percentile.
    pub latency_ms_p99: Option<f64>,
    /// Age of the state that bots show: median.
    pub staleness_ms_p50: Option<f64>,
    /// Age of the state that bots show: 99th percentile.
    pub staleness_ms_p99: Option<f64>,
    /// Ticks without a snapshot of their own, because a later snapshot covered them.
    pub coalesced: u64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: u64,
    /// Connections that ended for good before their time.
    pub closes: u64,
    /// Connections that were lost and resumed.
    pub resumes: u64,
    /// How late timers woke the swarm's threads, at most.
    pub generator_lateness_ms_max: f64,
    /// CPU share of the swarm's busiest thread, of one core.
    pub generator_cpu: f64,
    /// The server's own figures, if it publishes them.
    pub server: Option<ServerSecond>,
}

/// A server's own figures, from its `/metrics`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSecond {
    /// Lateness of its ticks: median.
    pub tick_lateness_ms_p50: Option<f64>,
    /// Lateness of its ticks: 99th percentile.
    pub tick_lateness_ms_p99: Option<f64>,
    /// Mean share of a core that each of its shards spent in ticks.
    pub busy: Option<f64>,
    /// Cores that its process used.
    pub cpu: Option<f64>,
    /// Open rooms.
    pub rooms: Option<u64>,
    /// Players in rooms.
    pub players: Option<u64>,
}
