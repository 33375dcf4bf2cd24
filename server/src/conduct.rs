//! How a client behaves on its connection: how much it says, and whether anybody plays.

use std::hash::Hasher;
use std::time::Instant;

use drumline_shared::input::row_bytes;
use rustc_hash::FxHasher;

use crate::close::CloseReason;
use crate::limits::ConnectionLimits;
use crate::rates::Rate;

/// The conduct of a client since its connection was opened.
#[derive(Debug)]
pub struct Conduct {
    messages: Rate,
    bytes: Rate,
    /// A hash of the last input's row.
    input: u64,
    /// When the inputs last changed, or something else was said.
    acted: Instant,
}

impl Conduct {
    /// Nothing has been said yet in a room that ticks so often.
    #[must_use]
    pub fn new(limits: &ConnectionLimits, tick_rate_hz: u32, now: Instant) -> Self {
        let messages = Rate::new(limits.messages(tick_rate_hz), now);
        Self { messages, bytes: Rate::new(limits.bytes(), now), input: 0, acted: now }
    }

    /// Counts what was said in a tick.
    ///
    /// # Errors
    /// [`CloseReason::MessageFlood`] if it is too much.
    pub fn count(&self, messages: usize, bytes: usize, now: Instant) -> Result<(), CloseReason> {
        if self.messages.take(messages, now) && self.bytes.take(bytes, now) {
            Ok(())
        } else {
            Err(CloseReason::MessageFlood)
        }
    }

    /// Looks at an input. One that is like the last one may come from nobody.
    pub fn see_input(&mut self, message: &[u8], now: Instant) {
        let mut hasher = FxHasher::default();
        hasher.write(row_bytes(message));
        let input = hasher.finish();
        if input != self.input {
            self.input = input;
            self.act(now);
        }
    }

    /// Something else was said than an input: somebody is there.
    pub fn act(&mut self, now: Instant) {
        self.acted = now;
    }

    /// Whether somebody still plays.
    ///
    /// # Errors
    /// [`CloseReason::Idle`] if not.
    pub fn check_idle(&self, limits: &ConnectionLimits, now: Instant) -> Result<(), CloseReason> {
        match limits.idle {
            Some(idle) if now.saturating_duration_since(self.acted) > idle => Err(CloseReason::Idle),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limits::Limits;

    #[test]
    fn more_messages_or_bytes_than_a_stall_can_hold_up_are_a_flood() {
        let start = Instant::now();
        let seconds = |seconds| start + Duration::from_secs(seconds);
        let limits = Limits {
            messages_per_second: 100,
            bytes_per_second: 5000,
            burst_seconds: 10,
            ..Limits::default()
        }
        .of_connections();
        let conduct = Conduct::new(&limits, 30, start);
        assert_eq!(conduct.count(1000, 50_000, start), Ok(()), "what ten seconds have held up");
        for second in 1..=20 {
            assert_eq!(conduct.count(100, 5000, seconds(second)), Ok(()));
        }
        assert_eq!(conduct.count(1, 20, seconds(20)), Err(CloseReason::MessageFlood));
        let conduct = Conduct::new(&limits, 30, start);
        assert_eq!(conduct.count(1, 50_001, start), Err(CloseReason::MessageFlood));
        let conduct = Conduct::new(&limits, 240, start);
        assert_eq!(conduct.count(7200, 50_000, start), Ok(()), "a fast room takes three a tick");
    }

    #[test]
    fn who_sends_the_same_for_ever_is_nobody() {
        let start = Instant::now();
        let seconds = |seconds| start + Duration::from_secs(seconds);
        let limits = Limits { idle_seconds: 60, ..Limits::default() }.of_connections();
        let mut conduct = Conduct::new(&limits, 30, start);
        // The head of an input, in which its number and its tick are, changes all the time.
        let input = |number, row: u8| [1, number, 0, number, 0, 2, 0, row];
        conduct.see_input(&input(1, 0), seconds(10));
        conduct.see_input(&input(2, 7), seconds(40));
        conduct.see_input(&input(3, 7), seconds(100));
        assert_eq!(conduct.check_idle(&limits, seconds(100)), Ok(()));
        assert_eq!(conduct.check_idle(&limits, seconds(101)), Err(CloseReason::Idle));
        conduct.act(seconds(101));
        assert_eq!(conduct.check_idle(&limits, seconds(161)), Ok(()));
        let mut never = limits;
        never.idle = None;
        assert_eq!(conduct.check_idle(&never, seconds(1_000_000)), Ok(()));
    }
}
