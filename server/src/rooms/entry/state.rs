//! The stages of a room's life.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// The stage of a room's life. A room passes through them in order, except that a locked room can be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RoomState {
    /// Open, and nobody has joined yet.
    Created,
    /// In play, and open to new players.
    Open,
    /// In play, and closed to new players.
    Locked,
    /// About to end: its players may stay until the drain's deadline.
    Draining,
    /// Ended.
    Closed,
}

impl RoomState {
    const ALL: [Self; 5] = [Self::Created, Self::Open, Self::Locked, Self::Draining, Self::Closed];

    /// The name in the API, in metrics and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns true if new players may join.
    #[must_use]
    pub fn admits_players(self) -> bool {
        matches!(self, Self::Created | Self::Open)
    }
}

/// A [`RoomState`] that threads share.
#[derive(Debug)]
pub struct SharedState(AtomicU8);

impl Default for SharedState {
    fn default() -> Self {
        Self(AtomicU8::new(RoomState::Created as u8))
    }
}

impl SharedState {
    /// The state.
    #[must_use]
    pub fn get(&self) -> RoomState {
        RoomState::ALL[usize::from(self.0.load(Relaxed))]
    }

    /// Sets the state.
    pub fn set(&self, state: RoomState) {
        self.0.store(state as u8, Relaxed);
    }

    /// Sets the state to `to` if it is `from`.
    pub fn change(&self, from: RoomState, to: RoomState) {
        // A failure means that the state is another one, which stays.
        let _ = self.0.compare_exchange(from as u8, to as u8, Relaxed, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_the_one_that_was_set() {
        let shared = SharedState::default();
        assert_eq!(shared.get(), RoomState::Created);
        for state in RoomState::ALL {
            shared.set(state);
            assert_eq!(shared.get(), state);
        }
        shared.change(RoomState::Created, RoomState::Open);
        assert_eq!(shared.get(), RoomState::Closed, "it was not created any more");
        shared.change(RoomState::Closed, RoomState::Open);
        assert_eq!(shared.get(), RoomState::Open);
    }
}
