//! A client's activity on its connection: the rate of its messages, and whether a person plays.

use std::hash::Hasher;
use std::time::{Duration, Instant};

use drumline_room::Sleep;
use drumline_shared::wire::input::row_bytes;
use rustc_hash::FxHasher;

use crate::net::close_reason::CloseReason;
use crate::net::rates::{Rate, RateExceeded};
use crate::rooms::limits::ConnectionLimits;

/// The activity of a client since its connection was opened.
#[derive(Debug)]
pub struct ClientActivity {
    messages: Rate,
    bytes: Rate,
    /// A hash of the last input's row.
    input: u64,
    /// The time at which the inputs last changed, or another message came.
    active_at: Instant,
    /// The time of the last message of any kind.
    message_at: Instant,
    /// The time of the last input, command or chat message.
    played_at: Instant,
}

impl ClientActivity {
    /// No messages yet, in a room of this tick rate.
    #[must_use]
    pub fn new(limits: &ConnectionLimits, tick_rate_hz: u32, now: Instant) -> Self {
        let messages = Rate::new(limits.messages(tick_rate_hz), now);
        Self {
            messages,
            bytes: Rate::new(limits.bytes(), now),
            input: 0,
            active_at: now,
            message_at: now,
            played_at: now,
        }
    }

    /// Counts the messages and bytes of a tick.
    ///
    /// # Errors
    /// [`CloseReason::MessageFlood`] if they exceed the limits.
    pub fn count(&self, messages: usize, bytes: usize, now: Instant) -> Result<(), CloseReason> {
        let flood = |RateExceeded| CloseReason::MessageFlood;
        self.messages.take(messages, now).map_err(flood)?;
        self.bytes.take(bytes, now).map_err(flood)
    }

    /// Notes a message of any kind.
    pub fn note_message(&mut self, now: Instant) {
        self.message_at = now;
    }

    /// The last sign of the client that keeps its room awake.
    #[must_use]
    pub fn last_sign(&self, sleep: Sleep) -> Instant {
        if sleep == Sleep::Unplayed { self.played_at } else { self.message_at }
    }

    /// Notes an input. Only one that differs from the last one is activity: a page without a player repeats its input.
    pub fn note_input(&mut self, message: &[u8], now: Instant) {
        let mut hasher = FxHasher::default();
        hasher.write(row_bytes(message));
        let input = hasher.finish();
        self.played_at = now;
        if input != self.input {
            self.input = input;
            self.note_action(now);
        }
    }

    /// Notes a message that only a person causes: a command or chat.
    pub fn note_action(&mut self, now: Instant) {
        self.active_at = now;
        self.played_at = now;
    }

    /// Checks that the client still acknowledges snapshots.
    ///
    /// # Errors
    /// [`CloseReason::TooSlow`] if it has sent no message at all for too long. The room counts ticks, of which it has few while
    /// it sleeps.
    pub fn check_acknowledges(&self, limits: &ConnectionLimits, now: Instant) -> Result<(), CloseReason> {
        let limit = Duration::from_secs(limits.unacked_seconds.into());
        if now.saturating_duration_since(self.message_at) > limit {
            Err(CloseReason::TooSlow)
        } else {
            Ok(())
        }
    }

    /// Checks that somebody still plays.
    ///
    /// # Errors
    /// [`CloseReason::Idle`] if there has been no activity for too long.
    pub fn check_idle(&self, limits: &ConnectionLimits, now: Instant) -> Result<(), CloseReason> {
        match limits.idle {
            Some(idle) if now.saturating_duration_since(self.active_at) > idle => Err(CloseReason::Idle),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::limits::Limits;

    #[test]
    fn more_than_a_stalled_network_can_hold_up_is_a_flood() {
        let start = Instant::now();
        let seconds = |seconds| start + Duration::from_secs(seconds);
        let limits = Limits {
            messages_per_second: 100,
            bytes_per_second: 5000,
            burst_seconds: 10,
            ..Limits::default()
        }
        .of_connections();
        let activity = ClientActivity::new(&limits, 30, start);
        assert_eq!(activity.count(1000, 50_000, start), Ok(()), "as much as ten seconds can hold up");
        for second in 1..=20 {
            assert_eq!(activity.count(100, 5000, seconds(second)), Ok(()));
        }
        assert_eq!(activity.count(1, 20, seconds(20)), Err(CloseReason::MessageFlood));
        let activity = ClientActivity::new(&limits, 30, start);
        assert_eq!(activity.count(1, 50_001, start), Err(CloseReason::MessageFlood));
        let activity = ClientActivity::new(&limits, 240, start);
        assert_eq!(activity.count(7200, 50_000, start), Ok(()), "a fast room takes three a tick");
    }

    #[test]
    fn a_client_that_always_sends_the_same_input_is_idle() {
        let start = Instant::now();
        let seconds = |seconds| start + Duration::from_secs(seconds);
        let limits = Limits { idle_seconds: 60, ..Limits::default() }.of_connections();
        let mut activity = ClientActivity::new(&limits, 30, start);
        // The header of an input, with its number and its tick, changes all the time.
        let input = |number, row: u8| [1, number, 0, number, 0, 2, 0, row];
        activity.note_input(&input(1, 0), seconds(10));
        activity.note_input(&input(2, 7), seconds(40));
        activity.note_input(&input(3, 7), seconds(100));
        assert_eq!(activity.check_idle(&limits, seconds(100)), Ok(()));
        assert_eq!(activity.check_idle(&limits, seconds(101)), Err(CloseReason::Idle));
        activity.note_action(seconds(101));
        assert_eq!(activity.check_idle(&limits, seconds(161)), Ok(()));
        let mut never = limits;
        never.idle = None;
        assert_eq!(activity.check_idle(&never, seconds(1_000_000)), Ok(()));
    }
}
