//! Whether a shard is overloaded: whether too many of its ticks are late.
//!
//! The processor's load is not the measure. A shard may be busy for nine tenths of its time and keep every deadline, or be idle
//! and miss them because the machine has other work; only missed deadlines are bad for players.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::settings::bounds;

/// The interval over which the share of late ticks is taken.
const INTERVAL: Duration = Duration::from_secs(1);

/// The `[overload]` section: when joins are refused.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct OverloadConfig {
    /// The percentage of ticks that may be late by more than half a period; 0 turns the check off.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 99>")]
    pub late_percent: u32,
    /// Seconds for which more ticks must be late; for the overload to end, at most half as many for as long.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 600>")]
    pub seconds: u32,
}

impl Default for OverloadConfig {
    fn default() -> Self {
        Self { late_percent: 50, seconds: 10 }
    }
}

/// A shard's overload. It reads no clock.
#[derive(Debug)]
pub struct Overload {
    config: OverloadConfig,
    began: Instant,
    ticks: u64,
    late: u64,
    is_overloaded: bool,
    /// The time for which the ticks have indicated the other state.
    contrary_for: Duration,
}

impl Overload {
    /// A shard that is not overloaded.
    #[must_use]
    pub fn new(config: OverloadConfig, now: Instant) -> Self {
        let contrary_for = Duration::ZERO;
        Self { config, began: now, ticks: 0, late: 0, is_overloaded: false, contrary_for }
    }

    /// Records a tick that ended at `now`, and the ticks that its room skipped after it.
    pub fn record(&mut self, lateness: Duration, period: Duration, skipped: u64, now: Instant) {
        if self.config.late_percent == 0 {
            return;
        }
        self.ticks += 1 + skipped;
        self.late += u64::from(lateness > period / 2) + skipped;
        let time = now.saturating_duration_since(self.began);
        if time >= INTERVAL {
            self.judge(time);
            (self.began, self.ticks, self.late) = (now, 0, 0);
        }
    }

    /// Returns true if the shard is overloaded.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.is_overloaded
    }

    /// Returns true if the shard is overloaded and does not recover: rooms should end.
    #[must_use]
    pub fn needs_relief(&self) -> bool {
        self.is_overloaded && self.contrary_for.is_zero()
    }

    /// The shard has no rooms any more: it starts over.
    pub fn reset(&mut self, now: Instant) {
        *self = Self::new(self.config, now);
    }

    fn judge(&mut self, time: Duration) {
        let limit = u64::from(self.config.late_percent) * self.ticks;
        // An overload ends at half the limit that it begins at; otherwise the state would flip all the time.
        let is_contrary = if self.is_overloaded { 200 * self.late <= limit } else { 100 * self.late > limit };
        if !is_contrary {
            self.contrary_for = Duration::ZERO;
            return;
        }
        let window = Duration::from_secs(self.config.seconds.into());
        // A single stall counts for at most half the window: it is not an overload, however long it is.
        self.contrary_for += time.min(window / 2);
        if self.contrary_for >= window {
            self.is_overloaded = !self.is_overloaded;
            self.contrary_for = Duration::ZERO;
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

        /// Ticks for some seconds, `late` of every twenty late. Returns the second of the last change.
        fn pass(&mut self, seconds: u32, late: u32) -> Option<u64> {
            let mut before = self.overload.is_overloaded;
            let mut changed = None;
            for tick in 0..20 * seconds {
                self.now += PERIOD;
                let lateness = if tick % 20 < late { PERIOD / 2 + PERIOD / 10 } else { PERIOD / 2 };
                self.overload.record(lateness, PERIOD, 0, self.now);
                let is = self.overload.is_overloaded();
                if is != before {
                    changed = Some((self.now - self.start).as_secs());
                }
                before = is;
            }
            changed
        }
    }

    #[test]
    fn overload_begins_and_ends_after_some_seconds() {
        let mut rig = Rig::new(40);
        assert_eq!(rig.pass(60, 8), None, "at the limit");
        assert_eq!(rig.pass(4, 9), None);
        assert_eq!(rig.pass(1, 8), None, "one good second starts the count over");
        assert_eq!(rig.pass(5, 9), Some(70));
        assert_eq!(rig.pass(20, 5), None, "between the limits it stays");
        assert_eq!(rig.pass(4, 4), None);
        assert_eq!(rig.pass(1, 20), None);
        assert_eq!(rig.pass(5, 4), Some(100));
    }

    #[test]
    fn a_single_stall_is_no_overload_but_several_in_a_row_are() {
        let mut rig = Rig::new(50);
        let mut stall = || {
            rig.now += Duration::from_secs(20);
            rig.overload.record(Duration::ZERO, PERIOD, 400, rig.now);
            rig.overload.is_overloaded()
        };
        assert!(!stall());
        assert!(stall());
    }

    #[test]
    fn overload_can_be_off_and_ends_when_no_room_is_left() {
        let mut off = Rig::new(0);
        assert_eq!(off.pass(60, 20), None);
        let mut rig = Rig::new(10);
        assert_eq!(rig.pass(5, 20), Some(5));
        rig.overload.reset(rig.now);
        assert!(!rig.overload.is_overloaded);
        assert_eq!(rig.pass(4, 20), None, "the count starts over");
    }
}
