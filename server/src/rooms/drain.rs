//! Draining: the server admits nobody any more, and its rooms end by a deadline.
//!
//! A drain is one number that each room reads on its ticks. Nothing is sent to rooms, so nothing can be lost in a full queue or
//! reach a room before it is open. Rooms end by themselves; the program waits until none is left.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::settings::bounds;

/// Stands for the deadline while there is none.
const NEVER: u64 = u64::MAX;

/// The settings of draining.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct DrainConfig {
    /// Seconds for which rooms may continue; 0 ends them at once.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 86_400>")]
    pub seconds: u32,
    /// Seconds for which the end of the program waits for the last jobs of rooms, with which games save their state.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 3600>")]
    pub save_seconds: u32,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self { seconds: 30, save_seconds: 10 }
    }
}

impl DrainConfig {
    /// The time for which the program's end waits for last jobs.
    #[must_use]
    pub fn save_time(&self) -> Duration {
        Duration::from_secs(self.save_seconds.into())
    }

    /// The time for which rooms may continue.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

/// The deadline of a drain, if the server drains. Rooms read it on each tick.
#[derive(Debug)]
pub struct Drain {
    origin: Instant,
    /// Milliseconds from the origin.
    deadline_ms: AtomicU64,
    begun: watch::Sender<bool>,
}

impl Drain {
    /// No drain yet.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { origin: now, deadline_ms: AtomicU64::new(NEVER), begun: watch::Sender::new(false) }
    }

    /// Begins a drain that ends after `time`, or moves the deadline of one that is under way.
    pub fn begin(&self, time: Duration, now: Instant) {
        let deadline = now.saturating_duration_since(self.origin) + time;
        self.deadline_ms.store(deadline.as_millis().min(u128::from(NEVER - 1)) as u64, Relaxed);
        self.begun.send_replace(true);
        tracing::info!(seconds = time.as_secs(), "draining: no more joins");
    }

    /// The time by which rooms end; `None` if the server does not drain.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let ms = self.deadline_ms.load(Relaxed);
        (ms != NEVER).then(|| self.origin + Duration::from_millis(ms))
    }

    /// Seconds until the deadline, rounded up; `None` if the server does not drain.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        let left = self.deadline()?.saturating_duration_since(Instant::now());
        Some(left.as_secs_f64().ceil() as u64)
    }

    /// Waits until a drain begins.
    pub async fn begun(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_has_a_deadline_which_can_be_moved() {
        let start = Instant::now();
        let drain = Drain::new(start);
        assert_eq!(drain.deadline(), None);
        let later = start + Duration::from_secs(100);
        drain.begin(Duration::from_secs(30), later);
        assert_eq!(drain.deadline(), Some(start + Duration::from_secs(130)));
        drain.begin(Duration::ZERO, later);
        assert_eq!(drain.deadline(), Some(later));
    }
}
