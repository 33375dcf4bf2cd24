//! A game's own words on its room, for lists and joins: the players that it admits, its bots, its metadata.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use arc_swap::ArcSwapOption;
use serde_json::Value;

/// A board that the room's thread writes, without a lock, and the front reads.
#[derive(Debug)]
pub struct GameBoard {
    /// Players that the game admits, at most.
    max_players: AtomicU16,
    /// Bots in seats.
    bots: AtomicU16,
    /// Those of them that do not give way to players.
    steady_bots: AtomicU16,
    metadata: ArcSwapOption<Value>,
}

impl GameBoard {
    /// The board of a room with some seats, of which the game has said nothing yet.
    #[must_use]
    pub fn new(seats: u16) -> Self {
        Self {
            max_players: AtomicU16::new(seats),
            bots: AtomicU16::new(0),
            steady_bots: AtomicU16::new(0),
            metadata: ArcSwapOption::empty(),
        }
    }

    /// Players that the game admits, at most.
    #[must_use]
    pub fn max_players(&self) -> u16 {
        self.max_players.load(Relaxed)
    }

    /// Sets how many players the game admits.
    pub fn set_max_players(&self, players: u16) {
        self.max_players.store(players, Relaxed);
    }

    /// Seats that players may take.
    #[must_use]
    pub fn seats_for_players(&self) -> u16 {
        self.max_players().saturating_sub(self.steady_bots.load(Relaxed))
    }

    /// Bots in seats.
    #[must_use]
    pub fn bots(&self) -> u16 {
        self.bots.load(Relaxed)
    }

    /// Sets the number of bots, and of those that do not give way.
    pub fn set_bots(&self, bots: u16, steady: u16) {
        self.bots.store(bots, Relaxed);
        self.steady_bots.store(steady, Relaxed);
    }

    /// The room's metadata; `None` if the game has set none.
    #[must_use]
    pub fn metadata(&self) -> Option<Arc<Value>> {
        self.metadata.load_full()
    }

    /// Sets the room's metadata.
    pub fn set_metadata(&self, metadata: Value) {
        self.metadata.store(Some(Arc::new(metadata)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_that_stay_take_seats_from_players() {
        let board = GameBoard::new(4);
        board.set_bots(3, 1);
        assert_eq!((board.bots(), board.seats_for_players()), (3, 3));
        board.set_max_players(1);
        assert_eq!(board.seats_for_players(), 0);
    }
}
