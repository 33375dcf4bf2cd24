//! A reserved place in a room. It is counted in the room's entry, and free again when it is dropped.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use drumline_room::MAX_SPECTATORS;

use crate::rooms::entry::RoomEntry;
use crate::rooms::refusal::Refusal;

/// A player's seat.
#[derive(Debug)]
pub struct Seat {
    entry: Arc<RoomEntry>,
}

/// A spectator's place. Spectators take no seats.
#[derive(Debug)]
pub struct SpectatorPlace {
    entry: Arc<RoomEntry>,
}

impl Seat {
    /// Takes a seat. Only the registry calls this, under its lock: no seat is taken between the check and the count.
    ///
    /// # Panics
    /// If all seats are taken.
    #[must_use]
    pub fn take(entry: Arc<RoomEntry>) -> Self {
        assert!(entry.has_free_seat(), "a room that was found has a free seat");
        entry.seats_taken.fetch_add(1, Relaxed);
        Self { entry }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Without the registry's lock: a seat that becomes free between another's check and count does no harm.
        self.entry.seats_taken.fetch_sub(1, Relaxed);
    }
}

impl SpectatorPlace {
    /// Takes a spectator's place in a room.
    ///
    /// # Errors
    /// [`Refusal::TooManySpectators`].
    pub fn take(entry: Arc<RoomEntry>) -> Result<Self, Refusal> {
        let one_more = |taken: u16| (taken < MAX_SPECTATORS).then_some(taken + 1);
        match entry.spectators.fetch_update(Relaxed, Relaxed, one_more) {
            Ok(_) => Ok(Self { entry }),
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
        self.entry.spectators.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_counts_until_it_is_dropped() {
        let entry = Arc::new(RoomEntry::for_test(2));
        let seats = [(); 2].map(|()| Seat::take(Arc::clone(&entry)));
        assert!(!entry.has_free_seat());
        drop(seats);
        assert!(entry.has_free_seat() && entry.seats_taken() == 0);
    }

    #[test]
    fn spectators_have_places_of_their_own() {
        let entry = Arc::new(RoomEntry::for_test(1));
        let take = || SpectatorPlace::take(Arc::clone(&entry));
        let places: Vec<_> = (0..MAX_SPECTATORS).map(|_| take().unwrap()).collect();
        assert!(matches!(take(), Err(Refusal::TooManySpectators(_))));
        drop(places);
        assert!(take().is_ok() && entry.has_free_seat());
    }
}
