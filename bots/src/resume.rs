//! How a bot that has lost its connection gets its seat back.

use std::time::Duration;

use drumline_room::{Rng, RngExt, SeedableRng};
use drumline_shared::wire::control::Welcome;
use drumline_shared::wire::session::SessionToken;
use thiserror::Error;
use tokio::time::Instant;

use crate::connection::{Connection, JoinError, Request, Ticket};

/// How long nothing may be heard: then the path is taken for dead, though the connection seems to stand.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(4);
/// How long a single attempt may take.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);
/// Before an attempt a bot waits for a random time up to this, and up to twice as long before each next one, …
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// … but not longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What parts the seed of the waits from others of the bot's.
const WAITS: u64 = 0x7761_6974_c5b1_0ed3;
/// The status of a server that may have a place later.
const BUSY: u16 = 503;

/// A bot has not got its seat back.
#[derive(Debug, Error)]
pub enum ResumeError {
    /// The server does not let it in again.
    #[error("not resumed: {0}")]
    Refused(JoinError),
    /// The time for which seats are held was over.
    #[error("not resumed within {} seconds: {last}", .within.as_secs())]
    TooLate {
        /// That time.
        within: Duration,
        /// Why the last attempt failed.
        last: String,
    },
    /// The server gave it another seat than it had.
    #[error("resumed on another seat")]
    OtherSeat,
    /// The welcome had the token that was used up with it.
    #[error("resumed with the old session's token")]
    OldToken,
    /// The seat's inputs are not the bot's.
    #[error("resumed, but the server does not know the inputs of before")]
    OtherInputs,
}

/// What a bot keeps of its seat.
#[derive(Debug)]
pub struct Session {
    /// The room's id.
    pub room: String,
    /// The bot's player number.
    pub player: u16,
    /// How long a tick of the room is.
    pub tick: Duration,
    token: SessionToken,
    /// For how long the seat is held.
    held_for: Duration,
    rng: Rng,
    /// While the connection is lost, or nothing has been seen since.
    outage: Option<Outage>,
}

/// A time without a connection.
#[derive(Debug)]
struct Outage {
    began: Instant,
    attempts: u32,
}

impl Session {
    /// A session as the first welcome gives it.
    #[must_use]
    pub fn new(welcome: &Welcome, seed: u64) -> Self {
        Self {
            room: welcome.room.clone(),
            player: welcome.player,
            tick: Duration::from_secs(1) / welcome.tick_rate_hz.max(1),
            token: welcome.session,
            held_for: Duration::from_secs(welcome.resume_seconds.into()),
            rng: Rng::seed_from_u64(seed ^ WAITS),
            outage: None,
        }
    }

    /// Whether the server holds seats for those who lose their connection.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.held_for.is_zero()
    }

    /// Whether the connection is lost, or nothing has been seen since.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.outage.is_some()
    }

    /// The world is in sight: how long it was not, if it was not.
    pub fn see(&mut self) -> Option<Duration> {
        self.outage.take().map(|outage| outage.began.elapsed())
    }

    /// Gets the seat back, in as many attempts as it takes; `tick` is the one that the mirror shows, `cause` why the
    /// connection was lost. The seat is back for certain when the bot [sees](Self::see) the world again.
    ///
    /// # Errors
    /// [`ResumeError`] if it will not be.
    pub async fn resume(
        &mut self,
        ticket: &Ticket,
        tick: Option<u32>,
        cause: String,
    ) -> Result<Connection, ResumeError> {
        let outage = self.outage.get_or_insert_with(|| Outage { began: Instant::now(), attempts: 0 });
        let until = outage.began + self.held_for;
        let mut last = cause;
        loop {
            let wait = self.rng.random_range(Duration::ZERO..=longest_wait(outage.attempts));
            if Instant::now() + wait >= until {
                return Err(ResumeError::TooLate { within: self.held_for, last });
            }
            tokio::time::sleep(wait).await;
            outage.attempts += 1;
            match Connection::open(ticket, Request::Resume(self.token, tick), ATTEMPT_LIMIT).await {
                Ok((connection, welcome)) => {
                    self.check(&welcome)?;
                    return Ok(connection);
                }
                Err(JoinError::Refused { status, body }) if status != BUSY => {
                    return Err(ResumeError::Refused(JoinError::Refused { status, body }));
                }
                Err(error) => last = error.to_string(),
            }
        }
    }

    /// Takes the new token, if it is for the old seat.
    fn check(&mut self, welcome: &Welcome) -> Result<(), ResumeError> {
        if welcome.player != self.player || welcome.room != self.room {
            return Err(ResumeError::OtherSeat);
        }
        if welcome.session == self.token {
            return Err(ResumeError::OldToken);
        }
        self.token = welcome.session;
        self.held_for = Duration::from_secs(welcome.resume_seconds.into());
        Ok(())
    }
}

/// The longest wait before an attempt, after so many.
fn longest_wait(attempts: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << attempts.min(16)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        let waits = [0, 1, 2, 5, 6, 100, u32::MAX].map(|attempts| longest_wait(attempts).as_millis());
        assert_eq!(waits, [100, 200, 400, 3200, 5000, 5000, 5000]);
    }
}
