//! How many bytes a player's snapshot may have.

/// However far a player lags, so many bytes a tick are tried: what is nearest should get through.
const LEAST_BYTES: u32 = 256;
/// Seconds in which a budget grows back from nothing to all.
const RECOVERY_SECONDS: u32 = 4;

/// A player's budget: all that is configured, less while they lag. It is halved at each sign of lag, and grows back
/// evenly (additive increase, multiplicative decrease: Chiu and Jain, 1989).
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    full: u32,
    now: u32,
    /// The tick on which it was last lowered.
    lowered_at: u32,
}

impl Budget {
    /// A budget of so many bytes a tick.
    #[must_use]
    pub fn new(full: u32) -> Self {
        Self { full, now: full, lowered_at: 0 }
    }

    /// Bytes that the next snapshot may have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.now as usize
    }

    /// Begins anew with another connection on a tick: what was missed without one is no sign of lag.
    pub fn restart(&mut self, tick: u32) {
        (self.now, self.lowered_at) = (self.full, tick);
    }

    /// Follows a tick on which the player lagged or did not. Returns true if the budget is lowered.
    pub fn follow(&mut self, tick: u32, tick_rate_hz: u32, lags: bool) -> bool {
        if !lags {
            let step = self.full / (RECOVERY_SECONDS * tick_rate_hz) + 1;
            self.now = self.now.saturating_add(step).min(self.full);
            return false;
        }
        // Not again before what has been lowered can have shown an effect.
        let is_lowered = tick - self.lowered_at >= tick_rate_hz / 2;
        if is_lowered {
            self.lowered_at = tick;
            self.now = (self.now / 2).max(LEAST_BYTES.min(self.full));
        }
        is_lowered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_falls_while_there_is_lag_and_comes_back() {
        let mut budget = Budget::new(4096);
        for tick in 20..40 {
            budget.follow(tick, 20, true);
        }
        assert_eq!(budget.bytes(), 1024, "halved twice in a second");
        for tick in 40..400 {
            budget.follow(tick, 20, true);
        }
        assert_eq!(budget.bytes(), LEAST_BYTES as usize);
        let mut ticks = 0;
        while budget.bytes() < 4096 {
            ticks += 1;
            budget.follow(400 + ticks, 20, false);
        }
        assert!((60..=80).contains(&ticks), "{ticks}");
        assert_eq!(Budget::new(100).bytes(), 100);
    }
}
