//! How many seats of a room are taken, in one atomic.
//!
//! The front takes seats, and the room's thread frees them and ends the room when none is taken. Neither waits for the other: a
//! seat that is taken at the same moment as the room ends finds the count closed.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

/// Stands for a count that is closed: no room has so many seats.
const CLOSED: u32 = u32::MAX;

/// The number of seats taken, held ones included.
#[derive(Debug, Default)]
pub struct SeatCount(AtomicU32);

impl SeatCount {
    /// Seats taken.
    #[must_use]
    pub fn taken(&self) -> u16 {
        match self.0.load(Acquire) {
            CLOSED => 0,
            taken => taken as u16,
        }
    }

    /// Returns true if one of `seats` could be taken.
    #[must_use]
    pub fn has_free(&self, seats: u16) -> bool {
        self.0.load(Acquire) < seats.into()
    }

    /// Takes one of `seats`. Returns false if none is free, or the count is closed.
    #[must_use]
    pub fn take(&self, seats: u16) -> bool {
        let one_more = |taken: u32| (taken < seats.into()).then(|| taken + 1);
        self.0.fetch_update(AcqRel, Acquire, one_more).is_ok()
    }

    /// Frees a seat that was taken.
    pub fn free(&self) {
        self.0.fetch_sub(1, AcqRel);
    }

    /// Closes the count if no seat is taken; none can be taken afterwards. Returns true if it is closed.
    #[must_use]
    pub fn close(&self) -> bool {
        self.0.compare_exchange(0, CLOSED, AcqRel, Relaxed).is_ok() || self.is_closed()
    }

    /// Returns true if the count is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.load(Acquire) == CLOSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_count_gives_no_seats_and_a_count_in_use_cannot_be_closed() {
        let count = SeatCount::default();
        assert!(count.take(2) && count.take(2) && !count.take(2));
        assert!(!count.close() && count.taken() == 2);
        count.free();
        assert!(count.has_free(2) && !count.close());
        count.free();
        assert!(count.close() && count.close() && count.is_closed());
        assert!(!count.take(2) && !count.has_free(2) && count.taken() == 0);
    }
}
