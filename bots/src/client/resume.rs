//! Resuming: how a bot that has lost its connection gets its seat back.

use std::time::Duration;

use drumline_room::{PlayerId, Rng, RngExt, SeedableRng};
use drumline_shared::wire::control::Welcome;
use thiserror::Error;
use tokio::time::Instant;

use crate::client::connect::{Connection, JoinTarget, SeatRequest};
use crate::client::join_error::JoinError;

/// After this time without any message, the connection counts as lost, even if it seems to be open.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(4);
/// Longest time that one attempt may take.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);
/// Before its first attempt a bot waits for a random time up to this; the limit doubles with each further attempt, …
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// … up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Separates the seed of the waits from the bot's other seeds.
const WAITS: u64 = 0x7761_6974_c5b1_0ed3;
/// The HTTP status of a server that may have a place later.
const BUSY: u16 = 503;

/// A bot did not get its seat back.
#[derive(Debug, Error)]
pub enum ResumeError {
    /// The server refused to resume.
    #[error("not resumed: {0}")]
    Refused(JoinError),
    /// The server no longer holds the seat.
    #[error("not resumed within {} seconds: {last}", .within.as_secs())]
    TooLate {
        /// For how long it was held.
        within: Duration,
        /// Why the last attempt failed.
        last: String,
    },
    /// The server gave the bot another seat.
    #[error("resumed on another seat")]
    OtherSeat,
    /// The welcome repeated the old token, which is used up.
    #[error("resumed with the old session's token")]
    OldToken,
    /// The seat's inputs are not the bot's.
    #[error("resumed, but the server does not know the inputs of before")]
    OtherInputs,
}

/// A bot's session: what it needs to resume its seat.
#[derive(Debug)]
pub struct Session {
    /// The room's id.
    pub room: String,
    /// The bot's player.
    pub player: PlayerId,
    /// The length of the room's tick.
    pub tick: Duration,
    token: String,
    /// For how long the server holds the seat.
    held_for: Duration,
    rng: Rng,
    /// Set from the loss of the connection until the next snapshot.
    outage: Option<Outage>,
}

/// A time without a connection.
#[derive(Debug)]
struct Outage {
    began: Instant,
    attempts: u32,
}

impl Session {
    /// The session that the first welcome describes.
    #[must_use]
    pub fn new(welcome: &Welcome, seed: u64) -> Self {
        Self {
            room: welcome.room.clone(),
            player: PlayerId::of_number(welcome.player),
            tick: Duration::from_secs(1) / welcome.tick_rate_hz.max(1),
            token: welcome.session.clone(),
            held_for: Duration::from_secs(welcome.resume_seconds.into()),
            rng: Rng::seed_from_u64(seed ^ WAITS),
            outage: None,
        }
    }

    /// Returns true if the server holds seats of lost connections.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.held_for.is_zero()
    }

    /// Returns true from the loss of the connection until the next snapshot.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.outage.is_some()
    }

    /// A snapshot has arrived. Returns how long the outage before it lasted, if there was one.
    pub fn end_outage(&mut self) -> Option<Duration> {
        self.outage.take().map(|outage| outage.began.elapsed())
    }

    /// Resumes the seat, in as many attempts as it takes. `tick` is the tick that the mirror shows, `cause` why the
    /// connection was lost. Success is certain only with the next snapshot: see [`end_outage`](Self::end_outage).
    ///
    /// # Errors
    /// [`ResumeError`] if the seat is lost.
    pub async fn resume(
        &mut self,
        target: &JoinTarget,
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
            let request = SeatRequest::Resume { session: &self.token, tick };
            match Connection::open(target, request, ATTEMPT_LIMIT).await {
                Ok((connection, welcome)) => {
                    self.check(*welcome)?;
                    return Ok(connection);
                }
                Err(JoinError::Refused { status, body }) if status != BUSY => {
                    return Err(ResumeError::Refused(JoinError::Refused { status, body }));
                }
                Err(error) => last = error.to_string(),
            }
        }
    }

    /// Checks that the welcome is for the old seat, and takes its new token.
    fn check(&mut self, welcome: Welcome) -> Result<(), ResumeError> {
        if welcome.player != self.player.number() || welcome.room != self.room {
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

/// The longest wait before an attempt, after this many attempts.
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
