//! A reserved place in a room. It is counted in the room's entry, and free again when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use drumline_room::MAX_SPECTATORS;

use crate::rooms::entry::RoomEntry;
use crate::rooms::refusal::Refusal;

/// A player's seat.
#[derive(Debug)]
pub struct Seat {
    entry: Arc<RoomEntry>,
    /// True once a connection has come for it.
    is_claimed: AtomicBool,
    /// True while it is held for a player whose connection is lost.
    is_held: AtomicBool,
}

/// The outcome of [`Seat::claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// No connection has come for the seat before.
    First,
    /// One has.
    Again,
}

/// A spectator's place. Spectators take no seats.
#[derive(Debug)]
pub struct SpectatorPlace {
    entry: Arc<RoomEntry>,
    /// The kind of the spectator.
    pub kind: SpectatorKind,
}

/// The kind of a spectator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpectatorKind {
    /// An operator, who sees the newest tick.
    Operator,
    /// A viewer, if the game allows it. All viewers share one stream.
    Viewer,
}

impl Seat {
    /// Takes a seat; `None` if all are taken, or the room has ended for want of players.
    #[must_use]
    pub fn take(entry: Arc<RoomEntry>) -> Option<Self> {
        let (is_claimed, is_held) = Default::default();
        entry.seats.take(entry.board.seats_for_players()).then(|| Self { entry, is_claimed, is_held })
    }

    /// Notes whether it is held for a player whose connection is lost.
    pub fn set_held(&self, held: bool) {
        self.is_held.store(held, Relaxed);
    }

    /// Returns true if a connection has it, or is on the way to it.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.is_claimed.load(Relaxed) && !self.is_held.load(Relaxed)
    }

    /// Claims the seat for a connection.
    #[must_use]
    pub fn claim(&self) -> Claimed {
        if self.is_claimed.swap(true, Relaxed) { Claimed::Again } else { Claimed::First }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.entry.seats.free();
    }
}

impl SpectatorPlace {
    /// Takes a spectator's place in a room.
    ///
    /// # Errors
    /// [`Refusal::TooManySpectators`].
    pub fn take(entry: Arc<RoomEntry>, kind: SpectatorKind) -> Result<Self, Refusal> {
        let (taken, most) = match kind {
            SpectatorKind::Operator => (&entry.spectators, MAX_SPECTATORS),
            SpectatorKind::Viewer => (&entry.viewers, entry.max_viewers),
        };
        let one_more = |taken: u16| (taken < most).then_some(taken + 1);
        match taken.fetch_update(Relaxed, Relaxed, one_more) {
            Ok(_) => Ok(Self { entry, kind }),
            Err(_) => Err(Refusal::TooManySpectators(entry.id.clone())),
        }
    }

    /// The room that it is in.
    #[must_use]
    pub fn entry(&self) -> &RoomEntry {
        &self.entry
    }
}

impl Drop for SpectatorPlace {
    fn drop(&mut self) {
        let taken = match self.kind {
            SpectatorKind::Operator => &self.entry.spectators,
            SpectatorKind::Viewer => &self.entry.viewers,
        };
        taken.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_counts_until_it_is_dropped() {
        let entry = Arc::new(RoomEntry::for_test(2));
        let seats = [(); 2].map(|()| Seat::take(Arc::clone(&entry)).unwrap());
        assert!(!entry.has_free_seat() && Seat::take(Arc::clone(&entry)).is_none());
        assert_eq!([(); 2].map(|()| seats[0].claim()), [Claimed::First, Claimed::Again]);
        drop(seats);
        assert!(entry.has_free_seat() && entry.seats_taken() == 0);
    }

    #[test]
    fn spectators_have_places_of_their_own() {
        let entry = Arc::new(RoomEntry::for_test(1));
        let take = || SpectatorPlace::take(Arc::clone(&entry), SpectatorKind::Operator);
        let places: Vec<_> = (0..MAX_SPECTATORS).map(|_| take().unwrap()).collect();
        assert!(matches!(take(), Err(Refusal::TooManySpectators(_))));
        drop(places);
        assert!(take().is_ok() && entry.has_free_seat());
    }
}
