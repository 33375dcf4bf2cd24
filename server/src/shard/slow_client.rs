//! Noticing slow clients: those that do not accept the data that is sent to them.
//!
//! A slow client holds up nobody. As long as earlier bytes wait, it gets no new snapshot, so its queue never grows; when it has
//! read them, it gets the newest state. A client that accepts nothing at all for too long is closed. The room notices the other
//! kind of slowness, a client that reads but does not acknowledge.

use std::time::{Duration, Instant};

use crate::net::close_reason::CloseReason;
use crate::net::stream::Written;

/// The state of a connection's outgoing bytes.
#[derive(Debug, Default)]
pub struct SlowClient {
    /// Since when the socket has had bytes that it did not accept.
    blocked_since: Option<Instant>,
    /// True if bytes of earlier ticks still waited at the last attempt.
    is_behind: bool,
}

impl SlowClient {
    /// Records the outcome of a write.
    ///
    /// # Errors
    /// [`CloseReason::TooSlow`] if the client has accepted nothing for longer than `limit`.
    pub fn record(&mut self, written: Written, limit: Duration, now: Instant) -> Result<(), CloseReason> {
        match written {
            Written::All => self.blocked_since = None,
            // Slow progress is progress: the time starts over.
            Written::Part => self.blocked_since = Some(now),
            Written::Nothing => {
                let since = *self.blocked_since.get_or_insert(now);
                if now.duration_since(since) > limit {
                    return Err(CloseReason::TooSlow);
                }
            }
        }
        Ok(())
    }

    /// Returns true if bytes wait that the client has not accepted.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blocked_since.is_some()
    }

    /// Notes at the start of a tick's send whether the client is still behind.
    pub fn set_behind(&mut self, is_behind: bool) {
        self.is_behind = is_behind;
    }

    /// Returns true if the client was behind at the last send.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_accepts_nothing_for_too_long_is_too_slow() {
        let start = Instant::now();
        let limit = Duration::from_secs(10);
        let seconds = |seconds| start + Duration::from_secs(seconds);
        let mut slow = SlowClient::default();
        assert_eq!(slow.record(Written::Nothing, limit, start), Ok(()));
        assert_eq!(slow.record(Written::Nothing, limit, seconds(10)), Ok(()));
        assert_eq!(slow.record(Written::Part, limit, seconds(11)), Ok(()), "it accepts something");
        assert_eq!(slow.record(Written::Nothing, limit, seconds(21)), Ok(()));
        assert_eq!(slow.record(Written::Nothing, limit, seconds(22)), Err(CloseReason::TooSlow));
        assert_eq!(slow.record(Written::All, limit, seconds(23)), Ok(()));
        assert!(!slow.is_blocked());
    }
}
