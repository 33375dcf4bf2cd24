//! A room's players as the API shows them: published by the room's thread about once a second.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, TryLockError};

use drumline_room::{PlayerId, PlayerStats};
use serde::Serialize;

/// A player's connection and inputs, about a second ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlayerListing {
    /// The player's seat.
    pub player: u16,
    /// False if the connection is lost and the seat is held.
    pub connected: bool,
    /// Ticks by which the last consumed input was early or, if negative, late; `None` before the first.
    pub slack_ticks: Option<i8>,
    /// Inputs that arrived in time.
    pub accepted: u64,
    /// Inputs that arrived late and were applied on the next tick.
    pub late: u64,
    /// Inputs dropped for any reason.
    pub dropped: u64,
    /// Ticks on which the last input was repeated.
    pub repeated: u64,
    /// Ticks on which the neutral input was used.
    pub neutral: u64,
    /// Ticks from the newest acknowledged snapshot to the newest sent one.
    pub unacked_ticks: u32,
    /// The most bytes that a snapshot may have.
    pub budget_bytes: usize,
}

/// A player's listing with the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPlayer {
    /// The name.
    pub name: String,
    /// The player's figures.
    #[serde(flatten)]
    pub listing: PlayerListing,
}

impl PlayerListing {
    /// The listing of a player.
    #[must_use]
    pub fn new((player, stats): (PlayerId, PlayerStats)) -> Self {
        let PlayerStats { connected, inputs, slack_ticks, unacked_ticks, budget_bytes } = stats;
        Self {
            player: player.0,
            connected,
            slack_ticks,
            accepted: inputs.accepted,
            late: inputs.late,
            dropped: inputs.dropped(),
            repeated: inputs.repeated,
            neutral: inputs.neutral,
            unacked_ticks,
            budget_bytes,
        }
    }
}

/// The outcome of a [`PlayerBoard::publish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// Readers see the new figures.
    Done,
    /// A reader holds the lock: try again at the next tick.
    Busy,
}

/// The players' figures and names.
#[derive(Debug, Default)]
pub struct PlayerBoard {
    listings: Mutex<Vec<PlayerListing>>,
    /// By seat. Names are for operators: a game may hide them from players who are far away.
    names: Mutex<BTreeMap<u16, String>>,
}

impl PlayerBoard {
    /// The figures by seat, as they were last published.
    #[must_use]
    pub fn listings(&self) -> Vec<PlayerListing> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The figures with the players' names.
    #[must_use]
    pub fn named(&self) -> Vec<NamedPlayer> {
        let listings = self.listings();
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let with_name = |listing: PlayerListing| NamedPlayer {
            name: names.get(&listing.player).cloned().unwrap_or_default(),
            listing,
        };
        listings.into_iter().map(with_name).collect()
    }

    /// Sets the name of the player in a seat; `None` if the seat is free now.
    pub fn set_name(&self, player: PlayerId, name: Option<String>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match name {
            Some(name) => names.insert(player.0, name),
            None => names.remove(&player.0),
        };
    }

    /// Publishes new figures, unless a reader holds the lock: a tick waits for nobody.
    pub fn publish(&self, players: impl Iterator<Item = PlayerListing>) -> Published {
        let mut listings = match self.listings.try_lock() {
            Ok(listings) => listings,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Published::Busy,
        };
        listings.clear();
        listings.extend(players);
        Published::Done
    }
}
