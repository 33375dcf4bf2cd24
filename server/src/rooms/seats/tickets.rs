//! Tickets: seats and places that are reserved for a short while, and the signed tokens that claim them.
//!
//! A ticket is signed, and still looked up. The signature shows, before anything is locked, that this server issued it, and makes
//! refusals exact: forged, for another room, expired, or used. The reservation itself is not in the ticket but here; it frees
//! its seat when it is dropped, so an expired ticket, an aborted handshake and a room's end need no bookkeeping of their own.
//! All tickets live equally long, so one timer waits for the oldest.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use drumline_room::Joiner;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::rooms::entry::RoomEntry;
use crate::rooms::entry::state::RoomState;
use crate::rooms::refusal::Refusal;

use super::bad_ticket::BadTicket;
use super::reservation::{SeatReservation, SpectatorReservation};
use super::signing_key::{SigningKey, TokenKind};
use super::ticket_counts::TicketCounters;

/// The most unused tickets. Each holds a seat, but seats can be many.
const MAX_TICKETS: usize = 1 << 16;
/// Tickets for which memory is never given back.
const MIN_CAPACITY: usize = 256;

/// All unused tickets.
///
/// The ticket that a client holds is a JSON Web Token that names its game, room and kind. Its reservation is kept here and can be
/// claimed once.
pub struct Tickets {
    lifetime: Duration,
    max_unused: usize,
    key: Arc<SigningKey>,
    /// One moment on both clocks: expiry is judged by the monotonic one, and written in the ticket by the other.
    started: (Instant, SystemTime),
    held: Mutex<Held>,
    counters: Arc<TicketCounters>,
    /// Notified when a first ticket is issued after there was none.
    first: Notify,
}

/// The reservations of unused tickets.
#[derive(Default)]
struct Held {
    grants: HashMap<TicketId, HeldGrant>,
    by_expiry: BTreeSet<(Instant, TicketId)>,
}

/// A ticket's id. It is random, so that it reveals nothing about other tickets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct TicketId(u128);

/// The kind of a ticket, as it is written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// A player's seat.
    Player,
    /// A spectator's place.
    Spectator,
}

/// The reservation that a ticket claims. Dropping it frees the place.
#[derive(Debug)]
pub enum TicketGrant {
    /// A player's seat.
    Player {
        /// The seat.
        seat: SeatReservation,
        /// The player; the name is checked.
        joiner: Joiner,
    },
    /// A spectator's place.
    Spectator(SpectatorReservation),
}

/// A reservation until its ticket expires.
struct HeldGrant {
    expires: Instant,
    grant: TicketGrant,
}

/// A valid ticket, while the lock is held.
struct Verified<'a> {
    held: MutexGuard<'a, Held>,
    id: TicketId,
}

/// A ticket that has just been issued.
pub struct Ticket {
    /// The token. It is for the client alone, and must not be logged.
    pub text: String,
    /// The time for which it is valid.
    pub lifetime: Duration,
}

/// The claims in a ticket.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// Its id, in hexadecimal.
    id: String,
    game: String,
    room: String,
    kind: TicketKind,
    /// Its expiry, in seconds since 1970, to the millisecond.
    exp: f64,
}

/// The address at which a ticket is used.
#[derive(Debug, Clone, Copy)]
pub struct TicketTarget<'a> {
    /// The game of the address.
    pub game: &'a str,
    /// The room of the address, if it names one.
    pub room: Option<&'a str>,
}

impl TicketGrant {
    /// The kind of a ticket for it.
    #[must_use]
    pub fn kind(&self) -> TicketKind {
        match self {
            Self::Player { .. } => TicketKind::Player,
            Self::Spectator(_) => TicketKind::Spectator,
        }
    }

    /// The room of the place.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        match self {
            Self::Player { seat, .. } => seat.entry(),
            Self::Spectator(place) => place.entry(),
        }
    }
}

impl Tickets {
    /// No tickets yet. They will be valid for `lifetime`, and signed with `key`.
    #[must_use]
    pub fn new(lifetime: Duration, key: Arc<SigningKey>, counters: Arc<TicketCounters>) -> Self {
        Self {
            lifetime,
            max_unused: MAX_TICKETS,
            key,
            started: (Instant::now(), SystemTime::now()),
            held: Mutex::default(),
            counters,
            first: Notify::new(),
        }
    }

    /// Issues a ticket for a reservation.
    ///
    /// # Errors
    /// [`Refusal::TooManyTickets`] if too many are unused.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    pub fn issue(&self, grant: TicketGrant, now: Instant) -> Result<Ticket, Refusal> {
        let mut number = [0; 16];
        SysRng.try_fill_bytes(&mut number).expect("the operating system has random numbers");
        let id = TicketId(u128::from_le_bytes(number));
        let expires = now + self.lifetime;
        let claims = Claims {
            id: format!("{:032x}", id.0),
            game: grant.entry().game.to_owned(),
            room: grant.entry().id.clone(),
            kind: grant.kind(),
            exp: self.unix_ms(expires) as f64 / 1000.0,
        };
        let mut held = self.lock();
        if held.grants.len() >= self.max_unused {
            drop(held);
            return Err(Refusal::TooManyTickets);
        }
        self.counters.count_issued();
        let was_empty = held.grants.is_empty();
        held.grants.insert(id, HeldGrant { expires, grant });
        held.by_expiry.insert((expires, id));
        drop(held);
        if was_empty {
            self.first.notify_one();
        }
        Ok(Ticket { text: self.key.sign(TokenKind::Ticket, &claims), lifetime: self.lifetime })
    }

    /// Checks that a ticket is valid at an address now, without using it.
    ///
    /// # Errors
    /// [`BadTicket`] if it is not.
    pub fn check(&self, text: &str, target: TicketTarget<'_>, now: Instant) -> Result<(), BadTicket> {
        self.verify(text, target, now).map(drop)
    }

    /// Uses a ticket.
    ///
    /// # Errors
    /// [`BadTicket`] if it is not valid.
    pub fn take(&self, text: &str, target: TicketTarget<'_>, now: Instant) -> Result<TicketGrant, BadTicket> {
        let Verified { mut held, id } = self.verify(text, target, now)?;
        let HeldGrant { expires, grant } = held.grants.remove(&id).expect("the ticket was just found");
        held.by_expiry.remove(&(expires, id));
        self.counters.count_used();
        Ok(grant)
    }

    /// Verifies a ticket: its signature, its address, its expiry, and that it is unused.
    fn verify(&self, text: &str, target: TicketTarget<'_>, now: Instant) -> Result<Verified<'_>, BadTicket> {
        let claims: Claims = self.key.verify(TokenKind::Ticket, text).ok_or(BadTicket::Forged)?;
        let id = u128::from_str_radix(&claims.id, 16).map(TicketId).map_err(|_| BadTicket::Forged)?;
        if claims.game != target.game {
            return Err(BadTicket::OtherGame);
        }
        if target.room.is_some_and(|room| room != claims.room) {
            return Err(BadTicket::OtherRoom);
        }
        let held = self.lock();
        match held.grants.get(&id) {
            Some(held) if now >= held.expires => Err(BadTicket::Expired),
            Some(held) if held.grant.entry().state() == RoomState::Closed => Err(BadTicket::RoomEnded),
            Some(_) => Ok(Verified { held, id }),
            None if self.unix_ms(now) as f64 >= (claims.exp * 1000.0).round() => Err(BadTicket::Expired),
            None => Err(BadTicket::Used),
        }
    }

    /// Frees the places that were not claimed in time. Returns the next expiry; `None` if no ticket is left.
    pub fn expire(&self, now: Instant) -> Option<Instant> {
        let mut expired = Vec::new();
        let mut held = self.lock();
        while let Some(&(expires, id)) = held.by_expiry.first()
            && expires <= now
        {
            held.by_expiry.pop_first();
            expired.extend(held.grants.remove(&id));
        }
        self.counters.count_expired(expired.len());
        let next = held.by_expiry.first().map(|(expires, _)| *expires);
        // Give memory back after a storm of joins.
        if held.grants.capacity() > 8 * held.grants.len().max(MIN_CAPACITY) {
            let twice = 2 * held.grants.len();
            held.grants.shrink_to(twice);
        }
        // `expired` is dropped after the lock is released: it may drop whole rooms.
        drop(held);
        next
    }

    /// Frees the places that are not claimed in time, for ever.
    pub async fn expire_forever(self: Arc<Self>) {
        loop {
            match self.expire(Instant::now()) {
                // All tickets live equally long: no new one expires earlier.
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => self.first.notified().await,
            }
        }
    }

    /// A time in milliseconds since 1970.
    fn unix_ms(&self, at: Instant) -> u64 {
        let (instant, time) = self.started;
        let time = time + at.saturating_duration_since(instant);
        time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // No code panics while the tickets are inconsistent, so a poisoned lock is still good.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
