//! A shard's state as other threads see it.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::measure::overload::Overload;
use crate::measure::tick_quality::ShardListing;
use crate::rooms::entry::players::Published;

/// A shard whose current step takes longer than this is stuck.
pub const STUCK_LIMIT: Duration = Duration::from_secs(10);

/// The state that a shard shares with its handle.
#[derive(Debug)]
pub struct ShardStatus {
    started: Instant,
    stopping: AtomicBool,
    overloaded: AtomicBool,
    needs_relief: AtomicBool,
    refuses_joins: Arc<AtomicBool>,
    /// The start of the current step in milliseconds after `started`; 0 between steps.
    step_began_ms: AtomicU64,
    figures: Mutex<ShardListing>,
}

impl ShardStatus {
    /// The status of a shard that starts.
    #[must_use]
    pub fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self {
            started: now,
            stopping: AtomicBool::new(false),
            overloaded: AtomicBool::new(false),
            needs_relief: AtomicBool::new(false),
            refuses_joins: Arc::default(),
            step_began_ms: AtomicU64::new(0),
            figures: Mutex::default(),
        })
    }

    /// The time at which the shard started.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Tells the shard to stop.
    pub fn stop(&self) {
        self.stopping.store(true, Release);
    }

    /// Returns true once the shard has been told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Acquire)
    }

    /// True while joins are refused; the shard's rooms share the flag.
    #[must_use]
    pub fn refuses_joins(&self) -> &Arc<AtomicBool> {
        &self.refuses_joins
    }

    /// Returns true if the shard is overloaded.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.overloaded.load(Relaxed)
    }

    /// Returns true if the shard is overloaded and does not recover.
    #[must_use]
    pub fn needs_relief(&self) -> bool {
        self.needs_relief.load(Relaxed)
    }

    /// Publishes the shard's overload.
    pub fn publish_overload(&self, overload: &Overload) {
        self.overloaded.store(overload.is_overloaded(), Relaxed);
        self.needs_relief.store(overload.needs_relief(), Relaxed);
    }

    /// Notes that a step begins.
    pub fn begin_step(&self, now: Instant) {
        let ms = now.saturating_duration_since(self.started).as_millis() as u64;
        self.step_began_ms.store(ms.max(1), Relaxed);
    }

    /// Notes that the step has ended.
    pub fn end_step(&self) {
        self.step_began_ms.store(0, Relaxed);
    }

    /// Returns true if the current step takes longer than [`STUCK_LIMIT`].
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        let began_ms = self.step_began_ms.load(Relaxed);
        let began = self.started + Duration::from_millis(began_ms);
        began_ms > 0 && now.saturating_duration_since(began) > STUCK_LIMIT
    }

    /// The figures of the shard's ticks, as they were last published.
    #[must_use]
    pub fn figures(&self) -> ShardListing {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Publishes the figures of the shard's ticks, unless a reader holds the lock: a tick waits for nobody.
    pub fn publish(&self, figures: ShardListing) -> Published {
        match self.figures.try_lock() {
            Ok(mut published) => *published = figures,
            Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() = figures,
            Err(TryLockError::WouldBlock) => return Published::Busy,
        }
        Published::Done
    }

    /// Publishes the last figures, of a shard that has no more ticks.
    pub fn publish_last(&self, figures: ShardListing) {
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = figures;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_does_not_wait_for_a_reader() {
        let status = ShardStatus::new(Instant::now());
        let reader = status.figures.lock().unwrap();
        assert_eq!(status.publish(ShardListing::default()), Published::Busy);
        drop(reader);
        assert_eq!(status.publish(ShardListing::default()), Published::Done);
    }

    #[test]
    fn a_shard_in_one_step_for_too_long_is_stuck() {
        let began = Instant::now();
        let status = ShardStatus::new(began);
        assert!(!status.is_stuck(began + Duration::from_secs(3600)), "it waits for a deadline or a room");
        status.begin_step(began);
        assert!(!status.is_stuck(began + STUCK_LIMIT));
        assert!(status.is_stuck(began + STUCK_LIMIT + Duration::from_millis(2)));
        status.end_step();
        assert!(!status.is_stuck(began + Duration::from_secs(3600)));
    }
}
