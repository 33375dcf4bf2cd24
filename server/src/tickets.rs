//! Tickets: what has been reserved for somebody, for a short while, and the signed words that they claim it with.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use drumline_room::Joiner;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::Notify;

use crate::lobby::Seat;
use crate::refusal::Refusal;
use crate::room_entry::RoomEntry;
use crate::room_state::RoomState;
use crate::spectators::WatchPlace;

/// Tickets that may be out at once. Each of them keeps a seat, but seats can be many.
const MAX_TICKETS: usize = 1 << 16;
/// Tickets for which memory is kept in any case.
const MIN_CAPACITY: usize = 256;
/// Bytes of the key that a server makes for itself.
const KEY_BYTES: usize = 32;

/// All tickets that are out.
///
/// The ticket that a client holds is a JSON Web Token. It says what it is for, and its signature that it was given by this
/// server; what it stands for is kept here, and can be claimed once.
pub struct Tickets {
    lifetime: Duration,
    /// How many may be out.
    most: usize,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    /// One moment on both clocks: tickets are kept by the one, and tell of the other.
    started: (Instant, SystemTime),
    held: Mutex<Held>,
    counters: Arc<TicketCounters>,
    /// Told when there are tickets again where there were none.
    first: Notify,
}

/// What is held for those who have tickets.
#[derive(Default)]
struct Held {
    passes: HashMap<TicketId, (Instant, Pass)>,
    by_expiry: BTreeSet<(Instant, TicketId)>,
}

/// A ticket's number, which is guessed by nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct TicketId(u128);

/// What a ticket is for, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// A player's seat.
    Player,
    /// A spectator's place.
    Spectator,
}

/// What a ticket stands for. If it is dropped, it is free again.
#[derive(Debug)]
pub enum Pass {
    /// A seat, and for whom.
    Player(Seat, Joiner),
    /// A spectator's place.
    Spectator(WatchPlace),
}

/// A ticket that has just been given.
pub struct Ticket {
    /// What to claim it with. It is for the client alone, and for no log.
    pub text: String,
    /// For how long it can be used.
    pub lifetime: Duration,
}

/// How many tickets there have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TicketCounts {
    /// Given, and neither used nor expired so far.
    pub held: u64,
    /// Given.
    pub issued: u64,
    /// Used.
    pub used: u64,
    /// Not used in time.
    pub expired: u64,
}

/// Counts tickets.
#[derive(Debug, Default)]
pub struct TicketCounters {
    issued: AtomicU64,
    used: AtomicU64,
    expired: AtomicU64,
}

impl TicketCounters {
    /// How many there have been.
    #[must_use]
    pub fn counts(&self) -> TicketCounts {
        // In this order no more can have been used than issued.
        let [used, expired] = [&self.used, &self.expired].map(|counter| counter.load(Acquire));
        let issued = self.issued.load(Acquire);
        TicketCounts { held: issued - used - expired, issued, used, expired }
    }
}

/// A ticket is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadTicket {
    /// It is no ticket, or of another server, or altered.
    #[error("the ticket is not one that this server has given")]
    Forged,
    /// Its time is over.
    #[error("the ticket has expired; ask for a new one")]
    Expired,
    /// It has been used.
    #[error("the ticket has been used, and is good for once only; ask for a new one")]
    Used,
    /// The room that it is for has ended.
    #[error("the ticket's room has ended; ask for a new ticket")]
    RoomEnded,
    /// It is for another game.
    #[error("the ticket is for another game")]
    OtherGame,
    /// It is for another room.
    #[error("the ticket is for another room")]
    OtherRoom,
}

/// What a ticket says.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// Its number, in hexadecimal.
    id: String,
    game: String,
    room: String,
    kind: TicketKind,
    /// When it expires, in seconds since 1970, to the millisecond.
    exp: f64,
}

/// Where a ticket is shown.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// The game of the address.
    pub game: &'a str,
    /// The room of the address, if it names one.
    pub room: Option<&'a str>,
}

impl Pass {
    /// What a ticket for it says that it is.
    #[must_use]
    pub fn kind(&self) -> TicketKind {
        match self {
            Self::Player(..) => TicketKind::Player,
            Self::Spectator(_) => TicketKind::Spectator,
        }
    }

    /// The room that it leads to.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        match self {
            Self::Player(seat, _) => seat.entry(),
            Self::Spectator(place) => place.entry(),
        }
    }
}

impl Tickets {
    /// No tickets yet, of those that are going to be good for so long. Without a secret they are signed with a random key.
    ///
    /// # Panics
    /// If the operating system gives no random numbers.
    #[must_use]
    pub fn new(lifetime: Duration, secret: Option<&[u8]>, counters: Arc<TicketCounters>) -> Self {
        let mut random = [0; KEY_BYTES];
        SysRng.try_fill_bytes(&mut random).expect("the operating system gives random numbers");
        let secret = secret.unwrap_or(&random);
        let mut validation = Validation::new(Algorithm::HS256);
        // Whether a ticket has expired is known from what is held, to the same clock that frees the seat.
        validation.validate_exp = false;
        Self {
            lifetime,
            most: MAX_TICKETS,
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            started: (Instant::now(), SystemTime::now()),
            held: Mutex::default(),
            counters,
            first: Notify::new(),
        }
    }

    /// Gives a ticket for something.
    ///
    /// # Errors
    /// [`Refusal::TooManyTickets`] if too many are out.
    pub fn issue(&self, pass: Pass, now: Instant) -> Result<Ticket, Refusal> {
        let mut number = [0; 16];
        SysRng.try_fill_bytes(&mut number).expect("the operating system gives random numbers");
        let id = TicketId(u128::from_le_bytes(number));
        let expires = now + self.lifetime;
        let claims = Claims {
            id: format!("{:032x}", id.0),
            game: pass.entry().game.to_owned(),
            room: pass.entry().id.clone(),
            kind: pass.kind(),
            exp: self.unix_ms(expires) as f64 / 1000.0,
        };
        let mut held = self.lock();
        if held.passes.len() >= self.most {
            drop(held);
            return Err(Refusal::TooManyTickets);
        }
        self.counters.issued.fetch_add(1, Release);
        let was_empty = held.passes.is_empty();
        held.passes.insert(id, (expires, pass));
        held.by_expiry.insert((expires, id));
        drop(held);
        if was_empty {
            self.first.notify_one();
        }
        let text = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        Ok(Ticket {
            text: text.expect("claims are JSON and the key is for signing"),
            lifetime: self.lifetime,
        })
    }

    /// Whether a ticket is good at a door now, without using it.
    ///
    /// # Errors
    /// [`BadTicket`] says why not.
    pub fn check(&self, text: &str, door: Door<'_>, now: Instant) -> Result<(), BadTicket> {
        self.find(text, door, now).map(drop)
    }

    /// Uses a ticket.
    ///
    /// # Errors
    /// [`BadTicket`] says why it cannot be.
    pub fn take(&self, text: &str, door: Door<'_>, now: Instant) -> Result<Pass, BadTicket> {
        let (mut held, id) = self.find(text, door, now)?;
        let (expires, pass) = held.passes.remove(&id).expect("it was just found");
        held.by_expiry.remove(&(expires, id));
        self.counters.used.fetch_add(1, Release);
        Ok(pass)
    }

    /// The ticket that a text stands for, if it is good.
    fn find(
        &self,
        text: &str,
        door: Door<'_>,
        now: Instant,
    ) -> Result<(MutexGuard<'_, Held>, TicketId), BadTicket> {
        let decoded = jsonwebtoken::decode::<Claims>(text, &self.checking, &self.validation);
        let claims = decoded.map_err(|_| BadTicket::Forged)?.claims;
        let id = u128::from_str_radix(&claims.id, 16).map(TicketId).map_err(|_| BadTicket::Forged)?;
        if claims.game != door.game {
            return Err(BadTicket::OtherGame);
        }
        if door.room.is_some_and(|room| room != claims.room) {
            return Err(BadTicket::OtherRoom);
        }
        let held = self.lock();
        match held.passes.get(&id) {
            Some((expires, _)) if now >= *expires => Err(BadTicket::Expired),
            Some((_, pass)) if pass.entry().state() == RoomState::Closed => Err(BadTicket::RoomEnded),
            Some(_) => Ok((held, id)),
            None if self.unix_ms(now) as f64 >= (claims.exp * 1000.0).round() => Err(BadTicket::Expired),
            None => Err(BadTicket::Used),
        }
    }

    /// Frees what was not claimed in time; when the next ticket expires, if there are any.
    pub fn expire(&self, now: Instant) -> Option<Instant> {
        let mut expired = Vec::new();
        let mut held = self.lock();
        while let Some(&(expires, id)) = held.by_expiry.first()
            && expires <= now
        {
            held.by_expiry.pop_first();
            expired.extend(held.passes.remove(&id));
        }
        self.counters.expired.fetch_add(expired.len() as u64, Release);
        let next = held.by_expiry.first().map(|(expires, _)| *expires);
        // After a storm of joiners, what it took is given back.
        if held.passes.capacity() > 8 * held.passes.len().max(MIN_CAPACITY) {
            let twice = 2 * held.passes.len();
            held.passes.shrink_to(twice);
        }
        // What they stood for is freed when the lock is: that takes other locks.
        drop(held);
        next
    }

    /// Frees what is not claimed in time, for ever.
    pub async fn keep_time(self: Arc<Self>) {
        loop {
            match self.expire(Instant::now()) {
                // All tickets are good for equally long: no new one expires before.
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => self.first.notified().await,
            }
        }
    }

    /// A moment in milliseconds since 1970.
    fn unix_ms(&self, at: Instant) -> u64 {
        let (instant, time) = self.started;
        let time = time + at.saturating_duration_since(instant);
        time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing here leaves the tickets half-changed when it panics.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
