//! A room's players as the API shows them: published by the room's thread about once a second.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use drumline_room::{PlayerId, PlayerStats};
use serde::Serialize;

/// A player's connection and inputs, about a second ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlayerListing {
    /// The player's number, which no other player of the room has.
    pub player: u32,
    /// The player's seat.
    pub seat: u16,
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

/// A player's listing with all that operators may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPlayer {
    /// The name.
    pub name: String,
    /// The account's subject; `None` if the server does not authenticate players.
    pub account: Option<String>,
    /// The address of the latest connection.
    pub address: IpAddr,
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
            player: player.number(),
            seat: player.seat(),
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

/// The players' figures and names. The room's thread only tries the lock, so readers may clone the list under it.
#[derive(Debug, Default)]
pub struct PlayerBoard(Mutex<Vec<PublishedPlayer>>);

/// The person in a seat, as operators see them: a game may hide names from players who are far away.
#[derive(Debug, Clone)]
pub struct Occupant {
    /// The name.
    pub name: Arc<str>,
    /// The account's subject; `None` if the server does not authenticate players.
    pub account: Option<Arc<str>>,
    /// The address of the latest connection.
    pub ip: IpAddr,
    /// The time for which the seat is held, if the game has set one.
    pub hold: Option<Duration>,
}

/// A player as the room's thread publishes them.
#[derive(Debug, Clone)]
pub struct PublishedPlayer {
    /// The person.
    pub occupant: Occupant,
    /// The player's figures.
    pub listing: PlayerListing,
}

impl PlayerBoard {
    /// The figures by seat, as they were last published.
    #[must_use]
    pub fn listings(&self) -> Vec<PlayerListing> {
        self.players().into_iter().map(|player| player.listing).collect()
    }

    /// The figures with the players' names, accounts and addresses.
    #[must_use]
    pub fn named(&self) -> Vec<NamedPlayer> {
        let named = |PublishedPlayer { occupant: Occupant { name, account, ip, .. }, listing }| NamedPlayer {
            name: name.as_ref().into(),
            account: account.as_deref().map(str::to_owned),
            address: ip,
            listing,
        };
        self.players().into_iter().map(named).collect()
    }

    fn players(&self) -> Vec<PublishedPlayer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Publishes new figures, unless a reader holds the lock: a tick waits for nobody.
    pub fn publish(&self, players: impl Iterator<Item = PublishedPlayer>) -> Published {
        let mut published = match self.0.try_lock() {
            Ok(published) => published,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Published::Busy,
        };
        published.clear();
        published.extend(players);
        Published::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_does_not_wait_for_a_reader() {
        let board = PlayerBoard::default();
        let reader = board.0.lock().unwrap();
        assert_eq!(board.publish(std::iter::empty()), Published::Busy);
        drop(reader);
        assert_eq!(board.publish(std::iter::empty()), Published::Done);
    }
}
