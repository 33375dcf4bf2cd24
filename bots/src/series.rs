//! A run second by second.

use serde::{Deserialize, Serialize};

/// What happened in a second of the measurement. A time that nothing was measured for in it is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// Which second: 0 is the first.
    pub second: u32,
    /// Bots in rooms in it: of each room the most at once.
    pub bots: u64,
    /// Bots that have come in it.
    pub joined: u64,
    /// Joins that failed in it.
    pub join_failures: u64,
    /// Snapshots applied.
    pub updates: u64,
    /// Bytes of all messages received, with their WebSocket headers.
    pub bytes: u64,
    /// From one snapshot to the next: the median.
    pub interval_ms_p50: Option<f64>,
    /// From one snapshot to the next: 99 of 100 are at most this.
    pub interval_ms_p99: Option<f64>,
    /// From one snapshot to the next: the longest.
    pub interval_ms_max: Option<f64>,
    /// From an input to its effect: the median.
    pub latency_ms_p50: Option<f64>,
    /// From an input to its effect: 99 of 100 are at most this.
    pub latency_ms_p99: Option<f64>,
    /// How old what bots show is: the median.
    pub staleness_ms_p50: Option<f64>,
    /// How old what bots show is: 99 of 100 looks found at most this.
    pub staleness_ms_p99: Option<f64>,
    /// Ticks that were never delivered because a later snapshot stood for them.
    pub coalesced: u64,
    /// Snapshots whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
    /// Connections that ended for good before their time.
    pub closes: u64,
    /// Connections that were lost and resumed.
    pub resumes: u64,
    /// How late the threads of the swarm were woken by their timers at most.
    pub generator_lateness_ms_max: f64,
    /// The share of a core that the busiest thread of the swarm used.
    pub generator_cpu: f64,
    /// What the server says of itself, if it was asked.
    pub server: Option<ServerSecond>,
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSecond {
    /// How late its ticks were: the median.
    pub tick_lateness_ms_p50: Option<f64>,
    /// How late its ticks were: 99 of 100 were at most this.
    pub tick_lateness_ms_p99: Option<f64>,
    /// The share of a core that each of its shards spent in ticks, on average.
    pub busy: Option<f64>,
    /// Cores that its process took.
    pub cpu: Option<f64>,
    /// Rooms that it has.
    pub rooms: Option<u64>,
    /// Players in them.
    pub players: Option<u64>,
}
