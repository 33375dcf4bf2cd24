//! The server's own measurements: [tick quality](tick_quality), [overload] and the [schedule] of ticks, [metrics] for Prometheus,
//! and [logs].

pub mod logs;
pub mod metrics;
pub mod overload;
pub mod panic_message;
pub mod schedule;
pub mod tick_quality;
