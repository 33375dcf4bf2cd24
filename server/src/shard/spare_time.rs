//! How much of some work the spare time of a shard is enough for. It learns what the work costs.

use std::time::Duration;

/// The cost before anything is measured.
const START_COST: Duration = Duration::from_micros(100);
/// The least cost: a cost of nothing would allow everything.
const LEAST_COST: Duration = Duration::from_micros(5);
/// The greatest cost: one measurement of a stalled machine must not stand for long.
const GREATEST_COST: Duration = Duration::from_millis(1);

/// Work of one kind: rooms to open, or players to admit.
#[derive(Debug)]
pub struct SpareTime {
    /// The cost of one, on average.
    cost: Duration,
}

impl Default for SpareTime {
    fn default() -> Self {
        Self { cost: START_COST }
    }
}

impl SpareTime {
    /// How many the spare time is enough for.
    #[must_use]
    pub fn limit(&self, spare: Duration) -> usize {
        (spare.as_nanos() / self.cost.as_nanos()).min(usize::MAX as u128) as usize
    }

    /// Notes that some were done, and took this time together.
    pub fn spent(&mut self, count: usize, time: Duration) {
        if let Ok(count @ 1..) = u32::try_from(count) {
            self.cost = ((self.cost * 3 + time / count) / 4).clamp(LEAST_COST, GREATEST_COST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_learned() {
        let mut work = SpareTime::default();
        assert_eq!((work.limit(Duration::from_millis(1)), work.limit(Duration::from_micros(99))), (10, 0));
        (0..20).for_each(|_| work.spent(4, Duration::from_millis(2)));
        assert!((19..=20).contains(&work.limit(Duration::from_millis(10))));
        (0..20).for_each(|_| work.spent(1, Duration::from_secs(1)));
        assert_eq!(work.limit(Duration::from_millis(1)), 1, "a stall counts for a while");
        (0..40).for_each(|_| work.spent(4, Duration::ZERO));
        assert_eq!(work.limit(Duration::from_millis(1)), 200, "nothing is free");
        work.spent(0, Duration::from_secs(1));
        assert_eq!(work.limit(Duration::from_millis(1)), 200, "none was done");
    }
}
