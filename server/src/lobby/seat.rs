//! What others hold of the lobby: a player's seat, and a room's place.

use std::sync::Arc;
use std::time::Instant;

use drumline_room::EndReason;
use tokio::sync::mpsc::error::TrySendError;

use crate::arrival::Joining;
use crate::connection::Goodbye;
use crate::room_entry::RoomEntry;
use crate::room_state::RoomState;

use super::Lobby;

/// A reserved seat. It is free again when this is dropped.
#[derive(Debug)]
pub struct Seat {
    lobby: Arc<Lobby>,
    entry: Arc<RoomEntry>,
}

impl Seat {
    /// A seat that has just been taken.
    #[must_use]
    pub(super) fn new(lobby: Arc<Lobby>, entry: Arc<RoomEntry>) -> Self {
        Self { lobby, entry }
    }

    /// The room that it is in.
    #[must_use]
    pub fn entry(&self) -> &Arc<RoomEntry> {
        &self.entry
    }

    /// The lobby.
    #[must_use]
    pub fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// Hands a new player's socket to the room that their seat is in.
    pub fn send(joining: Joining) {
        let entry = Arc::clone(&joining.seat.entry);
        if let Err(TrySendError::Closed(joining) | TrySendError::Full(joining)) =
            entry.ways.joining.try_send(joining)
        {
            tracing::debug!(room = entry.id, "the room ended while a player was on the way");
            let end = entry.ended.get().copied().unwrap_or(EndReason::ServerStopping);
            joining.seat.lobby().count_close(end.into());
            Goodbye::to(joining.arrival, end.into(), Instant::now()).say();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.lobby.lock().free_seat(&self.entry);
    }
}

/// A room's place in the lobby, held by its driver. Whatever ends the driver, the room is gone from the lobby with it.
#[derive(Debug)]
pub struct Registration {
    lobby: Arc<Lobby>,
    entry: Arc<RoomEntry>,
}

impl Registration {
    /// The place of a room that is about to be added.
    #[must_use]
    pub(super) fn new(lobby: Arc<Lobby>, entry: Arc<RoomEntry>) -> Self {
        Self { lobby, entry }
    }

    /// The room, as the lobby sees it.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.entry
    }

    /// The lobby.
    #[must_use]
    pub fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// Takes the room out of the lobby, unless somebody has just reserved a seat in it; whether it is out.
    #[must_use]
    pub fn retire(&self) -> bool {
        let mut rooms = self.lobby.lock();
        let empty = rooms.is_empty(&self.entry);
        if empty {
            rooms.remove(&self.entry, EndReason::Empty);
        }
        empty
    }

    /// Takes the room out of the lobby because it ends, whoever has a seat in it.
    pub fn end(&self, reason: EndReason) {
        if self.entry.ended.set(reason).is_ok() {
            self.lobby.metrics().game(self.entry.game).rooms_closed.count(reason.name());
            tracing::info!(room = self.entry.id, reason = reason.name(), "room ends");
        }
        self.entry.set_state(RoomState::Closed);
        self.lobby.lock().remove(&self.entry, reason);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.entry.set_state(RoomState::Closed);
        // A driver ends its room before it is dropped; but a room that waits to be opened has none yet.
        let reason = self.entry.ended.get().copied().unwrap_or(EndReason::ServerStopping);
        self.lobby.lock().remove(&self.entry, reason);
        tracing::info!(room = self.entry.id, "room closed");
    }
}
