//! A place that a client has been promised before its connection arrives: a seat, a spectator's place, or the way back to its
//! own seat. Dropping it frees the place.

use std::sync::Arc;

use drumline_room::{EndReason, Joiner};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::net::close_reason::CloseReason;
use crate::net::pending_connection::PendingConnection;
use crate::rooms::entry::RoomEntry;
use crate::rooms::handle::{NewPlayer, NewSpectator, ReturnRight, ReturningPlayer, RoomHandle};
use crate::rooms::refusal::Refusal;
use crate::rooms::settings::SameAccount;

use super::seat::{Claimed, Seat, SpectatorKind, SpectatorPlace};
use super::session_tokens::SessionClaims;

/// A reserved seat, and the room that it is in.
#[derive(Debug)]
pub struct SeatReservation {
    room: Arc<RoomHandle>,
    seat: Arc<Seat>,
}

/// A reserved spectator's place, and the room that it is in.
#[derive(Debug)]
pub struct SpectatorReservation {
    room: Arc<RoomHandle>,
    place: SpectatorPlace,
}

/// A reserved place in the queue of returning players.
#[derive(Debug)]
pub struct ResumeReservation {
    place: mpsc::OwnedPermit<ReturningPlayer>,
    right: ReturnRight,
}

/// A connection that its room no longer accepts, because the room has ended meanwhile.
#[derive(Debug)]
pub struct Undeliverable {
    /// The connection, which is to be closed.
    pub connection: PendingConnection,
    /// The reason to close it with.
    pub reason: CloseReason,
}

impl SeatReservation {
    /// Takes a seat in a room; `None` if none can be taken any more.
    #[must_use]
    pub fn new(room: Arc<RoomHandle>) -> Option<Self> {
        let seat = Seat::take(Arc::clone(&room.entry))?;
        Some(Self { room, seat: Arc::new(seat) })
    }

    /// The seat that a player's account has already, reserved once more: the first that comes takes it, and later ones take it
    /// over.
    #[must_use]
    pub fn of_account(room: Arc<RoomHandle>, seat: Arc<Seat>) -> Self {
        Self { room, seat }
    }

    /// The seat, for the registry to find it by its player's account.
    #[must_use]
    pub fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }

    /// Claims the seat for a connection.
    #[must_use]
    pub fn claim(&self) -> Claimed {
        self.seat.claim()
    }

    /// Checks that a player whose account has the seat already may come for it.
    ///
    /// # Errors
    /// [`Refusal::AlreadyHere`] if the seat is in use, and that may not be taken over.
    pub fn check(&self, same_account: SameAccount) -> Result<(), Refusal> {
        if same_account == SameAccount::Refuse && self.seat.is_in_use() {
            return Err(Refusal::AlreadyHere(self.entry().id.clone()));
        }
        Ok(())
    }

    /// The room that the seat is in.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.room.entry
    }

    /// Passes a new player's connection to the room.
    ///
    /// # Errors
    /// [`Undeliverable`] if the room has ended; the seat is free then.
    pub fn send(self, connection: PendingConnection, joiner: Joiner) -> Result<(), Undeliverable> {
        let player = NewPlayer { connection, joiner, seat: self.seat };
        self.room.queues.joins.try_send(player).map_err(|error| {
            let (TrySendError::Closed(player) | TrySendError::Full(player)) = error;
            undeliverable(player.connection, &self.room.entry)
        })
    }
}

impl SpectatorReservation {
    /// Takes a spectator's place in a room.
    ///
    /// # Errors
    /// [`Refusal::TooManySpectators`].
    pub fn new(room: Arc<RoomHandle>, kind: SpectatorKind) -> Result<Self, Refusal> {
        let place = SpectatorPlace::take(Arc::clone(&room.entry), kind)?;
        Ok(Self { room, place })
    }

    /// The room that the place is in.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.room.entry
    }

    /// Passes a spectator's connection to the room.
    ///
    /// # Errors
    /// [`Undeliverable`] if the room has ended; the place is free then.
    pub fn send(self, connection: PendingConnection) -> Result<(), Undeliverable> {
        let spectator = NewSpectator { connection, place: self.place };
        self.room.queues.spectators.try_send(spectator).map_err(|error| {
            let (TrySendError::Closed(spectator) | TrySendError::Full(spectator)) = error;
            undeliverable(spectator.connection, &self.room.entry)
        })
    }
}

impl ResumeReservation {
    /// Reserves the way back to the seat of a session, by its token.
    ///
    /// # Errors
    /// [`Refusal::UnknownSession`] if the room has ended, or [`Refusal::TooManyResumes`] if the queue is full.
    pub fn by_token(
        room: &RoomHandle,
        token: SessionClaims,
        mirror_tick: Option<u32>,
    ) -> Result<Self, Refusal> {
        Self::new(room, ReturnRight::Token { token, mirror_tick })
    }

    /// Reserves the way back to the seat that a player's account has.
    ///
    /// # Errors
    /// The same.
    pub fn by_account(
        SeatReservation { room, seat }: SeatReservation,
        joiner: Joiner,
    ) -> Result<Self, Refusal> {
        Self::new(&room, ReturnRight::Account { seat, joiner })
    }

    fn new(room: &RoomHandle, right: ReturnRight) -> Result<Self, Refusal> {
        let place = room.queues.resumes.clone().try_reserve_owned().map_err(|error| match error {
            TrySendError::Full(_) => Refusal::TooManyResumes(room.entry.id.clone()),
            TrySendError::Closed(_) => Refusal::UnknownSession,
        })?;
        Ok(Self { place, right })
    }

    /// Passes a returning player's connection to the room. If the room has ended meanwhile, the connection is dropped, and
    /// the client learns the reason when it asks again.
    pub fn send(self, connection: PendingConnection) {
        self.place.send(ReturningPlayer { connection, right: self.right });
    }
}

fn undeliverable(connection: PendingConnection, entry: &RoomEntry) -> Undeliverable {
    let end = entry.ended.get().copied().unwrap_or(EndReason::ServerStopping);
    Undeliverable { connection, reason: end.into() }
}
