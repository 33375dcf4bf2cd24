//! Sessions: a player's claim to a seat, which outlives their connection, and the tokens by which it is known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use drumline_room::PlayerId;
use drumline_shared::session::SessionToken;
use rand::TryRng;
use rand::rngs::SysRng;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::arrival::{Arrival, Resuming};
use crate::limits::ConnectionLimits;
use crate::lobby::{Lobby, Seat};
use crate::permit::Permit;
use crate::refusal::Refusal;
use crate::room_entry::RoomEntry;
use crate::spectators::WatchPlace;

/// For how long a seat is held, unless the server is told otherwise.
pub const DEFAULT_RESUME_SECONDS: u16 = 20;
/// For how long a seat can be held.
pub const MAX_RESUME_SECONDS: u64 = 3600;

/// Tokens for which memory is kept in any case.
const MIN_CAPACITY: usize = 256;

/// All tokens that are good, and the rooms that they lead to.
#[derive(Debug)]
pub struct Sessions {
    /// For how long seats are held; zero if they are not, and then no token is good.
    resume_seconds: u16,
    /// The standard library's hasher is keyed: how long looking up a guess takes tells nothing about the tokens.
    rooms: Mutex<HashMap<SessionToken, Arc<RoomEntry>>>,
}

impl Sessions {
    /// No sessions yet, of seats that are going to be held for so long.
    #[must_use]
    pub fn new(resume_seconds: u16) -> Self {
        Self { resume_seconds, rooms: Mutex::default() }
    }

    /// For how long seats are held, as clients are told.
    #[must_use]
    pub fn resume_seconds(&self) -> u16 {
        self.resume_seconds
    }

    /// For how long seats are held, if they are.
    #[must_use]
    pub fn hold(&self) -> Option<Duration> {
        (self.resume_seconds > 0).then(|| Duration::from_secs(self.resume_seconds.into()))
    }

    /// Whether a token is good for a game, without using it.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`].
    pub fn check(&self, game: &str, token: Option<SessionToken>) -> Result<(), Refusal> {
        self.find(game, token).map(drop)
    }

    /// Takes a place on the way to a token's room.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`], or [`Refusal::TooManyResumes`].
    pub fn reserve(&self, game: &str, token: Option<SessionToken>) -> Result<WayBack, Refusal> {
        let (token, entry) = self.find(game, token)?;
        let place = entry.ways.resuming.clone().try_reserve_owned().map_err(|error| match error {
            TrySendError::Full(_) => Refusal::TooManyResumes(entry.id.clone()),
            TrySendError::Closed(_) => Refusal::UnknownSession,
        })?;
        Ok(WayBack { place, token })
    }

    fn find(
        &self,
        game: &str,
        token: Option<SessionToken>,
    ) -> Result<(SessionToken, Arc<RoomEntry>), Refusal> {
        let token = token.ok_or(Refusal::UnknownSession)?;
        let rooms = self.lock();
        let entry = rooms.get(&token).filter(|entry| entry.game == game).ok_or(Refusal::UnknownSession)?;
        Ok((token, Arc::clone(entry)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionToken, Arc<RoomEntry>>> {
        // Nothing here leaves the tokens half-changed when it panics.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new token for a room, good from now on.
    fn issue(&self, entry: &Arc<RoomEntry>) -> SessionToken {
        let mut token = SessionToken([0; 16]);
        SysRng.try_fill_bytes(&mut token.0).expect("the operating system gives random numbers");
        if self.resume_seconds > 0 {
            self.lock().insert(token, Arc::clone(entry));
        }
        token
    }

    fn revoke(&self, token: SessionToken) {
        let mut rooms = self.lock();
        let entry = rooms.remove(&token);
        // After a storm of joiners, what it took is given back.
        if rooms.capacity() > 8 * rooms.len().max(MIN_CAPACITY) {
            let twice = 2 * rooms.len();
            rooms.shrink_to(twice);
        }
        // What the entry may take with it is dropped when the lock is free again.
        drop(rooms);
        drop(entry);
    }

    /// How many tokens are good.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}

/// A place on the way of a player to the room where their seat is.
#[derive(Debug)]
pub struct WayBack {
    place: mpsc::OwnedPermit<Resuming>,
    token: SessionToken,
}

impl WayBack {
    /// Hands a socket to the room. If that has ended meanwhile, the socket is closed, and whoever asks again learns why.
    pub fn send(self, arrival: Arrival, mirror_tick: Option<u32>) {
        self.place.send(Resuming { arrival, token: self.token, mirror_tick });
    }
}

/// A player's claim to a seat. Whatever ends it, its tokens are good no longer, and then the seat is free. A spectator's,
/// to their
/// place, has no token, and ends with its connection.
///
/// With each resume it gets a new token. The one that was used stays good until the client has shown that it has got the new
/// one: the connection could be lost before.
#[derive(Debug)]
pub struct Session {
    /// The player's seat in the room, or the spectator's place.
    pub player: PlayerId,
    token: SessionToken,
    /// The token that was used last, until the new one has arrived.
    former: Option<SessionToken>,
    /// The place of its last connection among all that the server holds. A held seat takes one as well, or a client could fill
    /// the server by coming and going.
    permit: Arc<Permit>,
    /// Whether the client has ever said anything.
    has_spoken: bool,
    claim: Claim,
}

/// What a session is a claim to.
#[derive(Debug)]
enum Claim {
    /// A player's seat.
    Seat(Seat),
    /// A spectator's place.
    Place(WatchPlace),
}

impl Claim {
    fn entry(&self) -> &Arc<RoomEntry> {
        match self {
            Self::Seat(seat) => seat.entry(),
            Self::Place(place) => place.entry(),
        }
    }

    fn lobby(&self) -> &Lobby {
        match self {
            Self::Seat(seat) => seat.lobby(),
            Self::Place(place) => place.lobby(),
        }
    }
}

impl Session {
    /// The session of a new player.
    #[must_use]
    pub fn new(seat: Seat, player: PlayerId, permit: Arc<Permit>) -> Self {
        let token = seat.lobby().sessions().issue(seat.entry());
        Self { player, token, former: None, permit, has_spoken: false, claim: Claim::Seat(seat) }
    }

    /// That of a new spectator.
    #[must_use]
    pub fn of_spectator(place: WatchPlace, id: PlayerId, permit: Arc<Permit>) -> Self {
        let claim = Claim::Place(place);
        Self { player: id, token: SessionToken([0; 16]), former: None, permit, has_spoken: false, claim }
    }

    /// Whether it is a spectator's.
    #[must_use]
    pub fn is_of_spectator(&self) -> bool {
        matches!(self.claim, Claim::Place(_))
    }

    /// The place of its last connection.
    #[must_use]
    pub fn permit(&self) -> Arc<Permit> {
        Arc::clone(&self.permit)
    }

    /// The token that the client is told.
    #[must_use]
    pub fn token(&self) -> SessionToken {
        self.token
    }

    /// For how long the seat is held, as the client is told.
    #[must_use]
    pub fn resume_seconds(&self) -> u16 {
        if self.is_of_spectator() { 0 } else { self.sessions().resume_seconds() }
    }

    /// What is asked of its connections.
    #[must_use]
    pub fn limits(&self) -> &ConnectionLimits {
        self.claim.lobby().limits()
    }

    /// How often its room ticks in a second.
    #[must_use]
    pub fn tick_rate_hz(&self) -> u32 {
        self.claim.entry().tick_rate_hz
    }

    /// The room that the seat is in.
    #[must_use]
    pub fn room_id(&self) -> &str {
        &self.claim.entry().id
    }

    /// Whether a token is good for it.
    #[must_use]
    pub fn admits(&self, token: SessionToken) -> bool {
        !self.is_of_spectator() && (self.token == token || self.former == Some(token))
    }

    /// Gets a new token, because a good one has been used for another connection, and takes that one's place.
    pub fn rotate(&mut self, used: SessionToken, permit: Arc<Permit>) {
        self.permit = permit;
        let new = self.sessions().issue(self.claim.entry());
        let others = [Some(std::mem::replace(&mut self.token, new)), self.former.replace(used)];
        for other in others.into_iter().flatten().filter(|other| *other != used) {
            self.sessions().revoke(other);
        }
    }

    /// Whether the seat is to be held when the connection is lost. Who comes and goes without a word would else fill a room with
    /// nobody, and a spectator has no seat.
    #[must_use]
    pub fn may_come_back(&self) -> bool {
        self.has_spoken && !self.is_of_spectator()
    }

    /// Notes that the client has the token.
    pub fn confirm(&mut self) {
        self.has_spoken = true;
        if let Some(former) = self.former.take() {
            self.sessions().revoke(former);
        }
    }

    fn sessions(&self) -> &Sessions {
        self.claim.lobby().sessions()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.is_of_spectator() {
            return;
        }
        for token in [Some(self.token), self.former].into_iter().flatten() {
            self.sessions().revoke(token);
        }
    }
}
