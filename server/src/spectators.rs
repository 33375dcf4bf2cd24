//! Spectators' places in rooms, and their way there.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use drumline_room::{EndReason, MAX_SPECTATORS};
use tokio::sync::mpsc::error::TrySendError;

use crate::arrival::Arrival;
use crate::connection::Goodbye;
use crate::lobby::Lobby;
use crate::refusal::Refusal;
use crate::room_entry::RoomEntry;

/// A reserved place. It is free again when this is dropped.
#[derive(Debug)]
pub struct WatchPlace {
    lobby: Arc<Lobby>,
    entry: Arc<RoomEntry>,
}

/// A new spectator.
#[derive(Debug)]
pub struct Watching {
    /// The socket.
    pub arrival: Arrival,
    /// The reserved place.
    pub place: WatchPlace,
}

impl WatchPlace {
    /// Takes a place in a room.
    ///
    /// # Errors
    /// [`Refusal::TooManySpectators`].
    pub fn reserve(lobby: Arc<Lobby>, entry: Arc<RoomEntry>) -> Result<Self, Refusal> {
        let one_more = |taken: u16| (taken < MAX_SPECTATORS).then_some(taken + 1);
        match entry.spectators.fetch_update(Relaxed, Relaxed, one_more) {
            Ok(_) => Ok(Self { lobby, entry }),
            Err(_) => Err(Refusal::TooManySpectators(entry.id.clone())),
        }
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

    /// Hands a spectator's socket to the room.
    pub fn send(self, arrival: Arrival) {
        let entry = Arc::clone(&self.entry);
        let sent = entry.ways.watching.try_send(Watching { arrival, place: self });
        if let Err(TrySendError::Closed(watching) | TrySendError::Full(watching)) = sent {
            let end = entry.ended.get().copied().unwrap_or(EndReason::ServerStopping);
            watching.place.lobby.count_close(end.into());
            Goodbye::to(watching.arrival, end.into(), Instant::now()).say();
        }
    }
}

impl Drop for WatchPlace {
    fn drop(&mut self) {
        self.entry.spectators.fetch_sub(1, Relaxed);
    }
}
