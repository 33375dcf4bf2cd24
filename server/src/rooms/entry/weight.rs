//! The weight of a room: its cost, as its thread measures it about once a second, or an estimate until then.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64};

/// The estimate for a room that is not measured yet, in microseconds of a processor a second.
const NEW_ROOM_US: u64 = 1_000;
/// The estimate for a player who came after the last measurement, or is on the way.
const NEW_PLAYER_US: u64 = 200;

/// The cost of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Microseconds of a processor a second.
    pub busy_us: u64,
    /// Bytes of memory, about.
    pub memory_bytes: u64,
}

impl Weight {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            busy_us: self.busy_us.saturating_add(other.busy_us),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
        }
    }

    /// An equal share of it for each of some players; all of it if there are none.
    #[must_use]
    pub fn share(self, players: u16) -> Self {
        let parts = u64::from(players.max(1));
        Self { busy_us: self.busy_us / parts, memory_bytes: self.memory_bytes / parts }
    }
}

/// A [`Weight`] that a room's thread publishes.
#[derive(Debug, Default)]
pub struct SharedWeight {
    is_measured: AtomicBool,
    busy_us: AtomicU32,
    memory_bytes: AtomicU64,
    /// Seats that were taken at the measurement.
    seats: AtomicU16,
}

impl SharedWeight {
    /// Publishes a measurement of a room with this many seats taken.
    pub fn publish(&self, weight: Weight, seats_taken: u16) {
        self.busy_us.store(u32::try_from(weight.busy_us).unwrap_or(u32::MAX), Relaxed);
        self.memory_bytes.store(weight.memory_bytes, Relaxed);
        self.seats.store(seats_taken, Relaxed);
        self.is_measured.store(true, Relaxed);
    }

    /// The weight of a room in which this many seats are taken now.
    #[must_use]
    pub fn get(&self, seats_taken: u16) -> Weight {
        let (known_us, known_seats) = if self.is_measured.load(Relaxed) {
            (self.busy_us.load(Relaxed).into(), self.seats.load(Relaxed))
        } else {
            (NEW_ROOM_US, 0)
        };
        let new_us = NEW_PLAYER_US * u64::from(seats_taken.saturating_sub(known_seats));
        Weight { busy_us: known_us + new_us, memory_bytes: self.memory_bytes.load(Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_are_estimated_until_they_are_measured() {
        let shared = SharedWeight::default();
        assert_eq!(shared.get(3).busy_us, NEW_ROOM_US + 3 * NEW_PLAYER_US);
        let measured = Weight { busy_us: 70, memory_bytes: 5000 };
        shared.publish(measured, 3);
        assert_eq!(shared.get(3), measured);
        assert_eq!(shared.get(2), measured, "until the next measurement");
        assert_eq!(shared.get(5).busy_us, 70 + 2 * NEW_PLAYER_US);
    }

    #[test]
    fn players_share_a_room_and_an_empty_one_is_not_shared() {
        let weight = Weight { busy_us: 90, memory_bytes: 9 };
        assert_eq!(weight.share(3), Weight { busy_us: 30, memory_bytes: 3 });
        assert_eq!(weight.share(0), weight);
    }
}
