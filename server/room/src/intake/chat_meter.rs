//! The rate of a player's chat messages.

use crate::text::ChatRules;

/// Seconds over which chat messages are counted.
const PERIOD_SECONDS: u32 = 10;

/// A token bucket for one player. It counts in ticks, so that it needs no clock and is the same in every run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChatMeter {
    /// The share that was used up as of `tick`. A message is a period's worth of ticks.
    used: u64,
    tick: u32,
}

impl ChatMeter {
    /// Counts a message. Returns false, and counts nothing, if it is one too many.
    pub(super) fn allow(&mut self, rules: &ChatRules, tick: u32, tick_rate_hz: u32) -> bool {
        let message = u64::from(PERIOD_SECONDS * tick_rate_hz);
        let regained = u64::from(tick - self.tick) * u64::from(rules.per_10_seconds);
        (self.used, self.tick) = (self.used.saturating_sub(regained), tick);
        let fits = self.used + message <= message * u64::from(rules.burst);
        self.used += if fits { message } else { 0 };
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_some_every_ten_seconds() {
        let rules = ChatRules { per_10_seconds: 5, burst: 3, ..ChatRules::default() };
        let mut meter = ChatMeter::default();
        // At 30 Hz, a message is regained in 60 ticks.
        let mut allowed = |tick| (0..10).filter(|_| meter.allow(&rules, tick, 30)).count();
        assert_eq!(allowed(7), 3);
        assert_eq!(allowed(60), 0);
        assert_eq!(allowed(67), 1);
        assert_eq!(allowed(190), 2);
        assert_eq!(allowed(100_000), 3);
        let never = ChatRules { burst: 0, ..rules };
        assert!(!ChatMeter::default().allow(&never, 1000, 30));
    }
}
