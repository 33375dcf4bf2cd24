//! When ticks happen.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Absolute deadlines at a fixed rate: what a tick's work takes never lengthens the period, and rounding never
/// adds up.
#[derive(Debug)]
pub struct TickClock {
    start: Instant,
    rate_hz: u32,
    ticks: u64,
    skipped: u64,
}

impl TickClock {
    /// A clock whose first tick is one period after `start`.
    ///
    /// # Panics
    /// If the rate is zero.
    #[must_use]
    pub fn new(start: Instant, rate_hz: u32) -> Self {
        assert!(rate_hz > 0, "a clock ticks");
        Self { start, rate_hz, ticks: 0, skipped: 0 }
    }

    /// Waits for the next deadline. After a stall of more than a period the missed ticks are skipped and
    /// counted, not made up for: a server that is behind must not work faster still.
    pub async fn wait(&mut self) {
        let deadline = self.advance(Instant::now());
        sleep_until(deadline).await;
        // A deadline in the past must not keep the shard's other rooms from theirs.
        tokio::task::yield_now().await;
    }

    /// Ticks skipped so far.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.ticks += 1;
        let late = now.saturating_duration_since(self.deadline(self.ticks));
        let missed = late.as_nanos() * u128::from(self.rate_hz) / 1_000_000_000;
        self.ticks += missed as u64;
        self.skipped += missed as u64;
        self.deadline(self.ticks)
    }

    fn deadline(&self, tick: u64) -> Instant {
        let nanos = u128::from(tick) * 1_000_000_000 / u128::from(self.rate_hz);
        self.start + Duration::from_nanos(nanos as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_absolute() {
        let start = Instant::now();
        let mut clock = TickClock::new(start, 30);
        // However late each tick is handled, within its period, the next deadline is where it always was.
        for tick in 1..=30u32 {
            let deadline = clock.advance(start + Duration::from_millis(33) * (tick - 1));
            assert_eq!(deadline, start + Duration::from_nanos(u64::from(tick) * 1_000_000_000 / 30));
        }
        assert_eq!(clock.skipped(), 0);
    }

    #[test]
    fn a_stall_skips_and_counts() {
        let start = Instant::now();
        let mut clock = TickClock::new(start, 10);
        clock.advance(start);
        // 1.25 s late for the second tick: twelve periods are lost.
        let deadline = clock.advance(start + Duration::from_millis(1450));
        assert_eq!(deadline, start + Duration::from_millis(1400));
        assert_eq!(clock.skipped(), 12);
        assert_eq!(clock.advance(start + Duration::from_millis(1460)), start + Duration::from_millis(1500));
    }
}
