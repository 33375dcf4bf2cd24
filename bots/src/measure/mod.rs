//! Everything that a run measures.
//!
//! - Of the bots: [`input_latency`], [`timeline`] (staleness), [`room_stats`]; [`stats`] holds the [`times`] and counts.
//! - Of the swarm itself: [`generator_health`], [`environment`]. Of the server: [`server_metrics`].
//! - [`collector`] combines the measurements of all threads; [`live`] is what observers see of it meanwhile.

pub mod collector;
pub mod environment;
pub mod generator_health;
pub mod input_latency;
pub mod live;
pub mod live_counters;
pub mod phase;
pub mod room_stats;
pub mod server_metrics;
pub mod stats;
pub mod timeline;
pub mod times;
