//! The tokens by which clients resume their sessions, and the rooms that they lead to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use drumline_shared::wire::session::SessionToken;
use rand::TryRng;
use rand::rngs::SysRng;

use crate::rooms::handle::RoomHandle;
use crate::rooms::refusal::Refusal;

use super::reservation::ResumeReservation;

/// Tokens for which memory is never given back.
const MIN_CAPACITY: usize = 256;

/// All valid tokens.
#[derive(Debug)]
pub struct SessionTokens {
    /// 0 if seats are not held; then no token is valid.
    resume_seconds: u16,
    /// The standard library's hasher is keyed: the time that a lookup takes reveals nothing about the tokens.
    rooms: Mutex<HashMap<SessionToken, Arc<RoomHandle>>>,
}

impl SessionTokens {
    /// No tokens yet, of seats that are held for `resume_seconds` (0: not at all).
    #[must_use]
    pub fn new(resume_seconds: u16) -> Self {
        Self { resume_seconds, rooms: Mutex::default() }
    }

    /// Seconds for which seats are held, as clients are told.
    #[must_use]
    pub fn resume_seconds(&self) -> u16 {
        self.resume_seconds
    }

    /// The time for which seats are held; `None` if they are not.
    #[must_use]
    pub fn hold_time(&self) -> Option<Duration> {
        (self.resume_seconds > 0).then(|| Duration::from_secs(self.resume_seconds.into()))
    }

    /// Checks that a token is valid for a game, without using it.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`].
    pub fn check(&self, game: &str, token: Option<SessionToken>) -> Result<(), Refusal> {
        let token = token.ok_or(Refusal::UnknownSession)?;
        self.room(game, token).map(drop)
    }

    /// Reserves a place on the way back to a token's room.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`], or [`Refusal::TooManyResumes`].
    pub fn reserve(&self, game: &str, token: Option<SessionToken>) -> Result<ResumeReservation, Refusal> {
        let token = token.ok_or(Refusal::UnknownSession)?;
        ResumeReservation::new(&*self.room(game, token)?, token)
    }

    fn room(&self, game: &str, token: SessionToken) -> Result<Arc<RoomHandle>, Refusal> {
        let rooms = self.lock();
        let room = rooms.get(&token).filter(|room| room.entry.game == game);
        room.cloned().ok_or(Refusal::UnknownSession)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionToken, Arc<RoomHandle>>> {
        // No code panics while the map is inconsistent, so a poisoned lock is still good.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Issues a new token for a room. It comes from the operating system, whatever the seed of the rooms: a seed that is known
    /// must not make tokens known.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    pub fn issue(&self, room: &Arc<RoomHandle>) -> SessionToken {
        let mut token = SessionToken([0; 16]);
        SysRng.try_fill_bytes(&mut token.0).expect("the operating system has random numbers");
        if self.resume_seconds > 0 {
            self.lock().insert(token, Arc::clone(room));
        }
        token
    }

    /// Makes a token invalid.
    pub fn revoke(&self, token: SessionToken) {
        let mut rooms = self.lock();
        let room = rooms.remove(&token);
        // Give memory back after a storm of joins.
        if rooms.capacity() > 8 * rooms.len().max(MIN_CAPACITY) {
            let twice = 2 * rooms.len();
            rooms.shrink_to(twice);
        }
        // The room may be dropped with its last token, and its queues with it: not under the lock.
        drop(rooms);
        drop(room);
    }

    /// The number of valid tokens.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}
