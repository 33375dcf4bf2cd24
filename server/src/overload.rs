//! Whether a shard has more to do than it has time for.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::config::checked;

/// Of how long a stretch the share of late ticks is taken.
const STRETCH: Duration = Duration::from_secs(1);

/// The settings of refusing joins under overload.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct OverloadConfig {
    /// How many of a hundred ticks may be late by more than half a period; off if zero.
    #[serde(deserialize_with = "checked::within::<_, _, 0, 99>")]
    pub late_percent: u32,
    /// For how many seconds more must be, or half as many for that to be over.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 600>")]
    pub seconds: u32,
}

impl Default for OverloadConfig {
    fn default() -> Self {
        Self { late_percent: 50, seconds: 10 }
    }
}

/// What a shard knows of its own load. It reads no clock.
#[derive(Debug)]
pub struct Overload {
    config: OverloadConfig,
    began: Instant,
    ticks: u64,
    late: u64,
    is_overloaded: bool,
    /// For how long the ticks have spoken for the other state.
    otherwise_for: Duration,
}

impl Overload {
    /// All is well.
    #[must_use]
    pub fn new(config: OverloadConfig, now: Instant) -> Self {
        let otherwise_for = Duration::ZERO;
        Self { config, began: now, ticks: 0, late: 0, is_overloaded: false, otherwise_for }
    }

    /// Takes note of a tick that ended at `now`, and of those that it made the room skip; whether the shard is overloaded.
    pub fn record(&mut self, lateness: Duration, period: Duration, skipped: u64, now: Instant) -> bool {
        if self.config.late_percent == 0 {
            return false;
        }
        self.ticks += 1 + skipped;
        self.late += u64::from(lateness > period / 2) + skipped;
        let time = now.saturating_duration_since(self.began);
        if time >= STRETCH {
            self.judge(time);
            (self.began, self.ticks, self.late) = (now, 0, 0);
        }
        self.is_overloaded
    }

    /// Whether the shard has more to do than it has time for.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.is_overloaded
    }

    /// Nothing is to be done: the load is gone, whatever it was.
    pub fn rest(&mut self, now: Instant) {
        *self = Self::new(self.config, now);
    }

    fn judge(&mut self, time: Duration) {
        let limit = u64::from(self.config.late_percent) * self.ticks;
        // To be well again takes less than to be overloaded, or else it would change all the time.
        let is_otherwise =
            if self.is_overloaded { 200 * self.late <= limit } else { 100 * self.late > limit };
        if !is_otherwise {
            self.otherwise_for = Duration::ZERO;
            return;
        }
        let window = Duration::from_secs(self.config.seconds.into());
        // A single stall, however long, is no overload yet.
        self.otherwise_for += time.min(window / 2);
        if self.otherwise_for >= window {
            self.is_overloaded = !self.is_overloaded;
            self.otherwise_for = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(50);

    struct Rig {
        overload: Overload,
        now: Instant,
        start: Instant,
    }

    impl Rig {
        fn new(late_percent: u32) -> Self {
            let start = Instant::now();
            let overload = Overload::new(OverloadConfig { late_percent, seconds: 5 }, start);
            Self { overload, now: start, start }
        }

        /// Ticks for some seconds, so many of each twenty late; in which second the state changed last.
        fn pass(&mut self, seconds: u32, late: u32) -> Option<u64> {
            let mut before = self.overload.is_overloaded;
            let mut changed = None;
            for tick in 0..20 * seconds {
                self.now += PERIOD;
                let lateness = if tick % 20 < late { PERIOD / 2 + PERIOD / 10 } else { PERIOD / 2 };
                let is = self.overload.record(lateness, PERIOD, 0, self.now);
                if is != before {
                    changed = Some((self.now - self.start).as_secs());
                }
                before = is;
            }
            changed
        }
    }

    #[test]
    fn it_takes_some_seconds_and_some_to_be_well_again() {
        let mut rig = Rig::new(40);
        assert_eq!(rig.pass(60, 8), None, "as many as may be");
        assert_eq!(rig.pass(4, 9), None);
        assert_eq!(rig.pass(1, 8), None, "one good second, and it begins anew");
        assert_eq!(rig.pass(5, 9), Some(70));
        assert_eq!(rig.pass(20, 5), None, "between the limits it stays");
        assert_eq!(rig.pass(4, 4), None);
        assert_eq!(rig.pass(1, 20), None);
        assert_eq!(rig.pass(5, 4), Some(100));
    }

    #[test]
    fn a_single_stall_is_none_but_one_after_the_other_is() {
        let mut rig = Rig::new(50);
        let mut stall = || {
            rig.now += Duration::from_secs(20);
            rig.overload.record(Duration::ZERO, PERIOD, 400, rig.now)
        };
        assert!(!stall());
        assert!(stall());
    }

    #[test]
    fn it_can_be_off_and_ends_with_the_load() {
        let mut off = Rig::new(0);
        assert_eq!(off.pass(60, 20), None);
        let mut rig = Rig::new(10);
        assert_eq!(rig.pass(5, 20), Some(5));
        rig.overload.rest(rig.now);
        assert!(!rig.overload.is_overloaded);
        assert_eq!(rig.pass(4, 20), None, "it counts anew");
    }
}
