//! Where a room is in its life.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Where a room is in its life. It goes through these in order, but for the lock, which can be taken off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RoomState {
    /// There, and nobody has come yet.
    Created,
    /// Played, and open to more.
    Open,
    /// Played, and closed to others.
    Locked,
    /// About to end: those who are there may stay for a while.
    Draining,
    /// Ended.
    Closed,
}

impl RoomState {
    const ALL: [Self; 5] = [Self::Created, Self::Open, Self::Locked, Self::Draining, Self::Closed];

    /// A name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it takes players.
    #[must_use]
    pub fn takes_players(self) -> bool {
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

    /// Goes from one state to another; whether it was in the first.
    pub fn change(&self, from: RoomState, to: RoomState) -> bool {
        self.0.compare_exchange(from as u8, to as u8, Relaxed, Relaxed).is_ok()
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
        assert!(!shared.change(RoomState::Created, RoomState::Open), "it is closed");
        assert_eq!(shared.get(), RoomState::Closed);
    }
}
