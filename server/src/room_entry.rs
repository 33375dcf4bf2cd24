//! An open room as the lobby and the room's driver share it, and what the API shows of it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, TryLockError};

use drumline_room::{EndReason, MAX_SPECTATORS, Options, PlayerId, PlayerStats, RoomConfig, Setup};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::arrival::{Arrival, Joining, Resuming};
use crate::orders::{ORDER_QUEUE, Order};
use crate::room_state::{RoomState, SharedState};
use crate::spectators::Watching;

/// An open room.
#[derive(Debug)]
pub struct RoomEntry {
    facts: RoomFacts,
    /// Where it is in its life.
    state: SharedState,
    /// The last tick.
    pub tick: AtomicU32,
    /// Seats held for players whose connections are lost.
    pub held_seats: AtomicU16,
    /// Places of spectators that are taken.
    pub spectators: AtomicU16,
    /// How often players have come back to their seats.
    pub resumes: AtomicU64,
    /// Snapshots that were not sent because the client had not taken the one before.
    pub snapshots_coalesced: AtomicU64,
    /// Inputs dropped for whatever cause.
    pub inputs_dropped: AtomicU64,
    /// Mirrors reported to differ from the world.
    pub mismatches_reported: AtomicU64,
    /// Events that wait to be sent, about a second ago.
    pub events_waiting: AtomicU32,
    /// Whether its shard has more to do than it has time for.
    pub shard_overloaded: Arc<AtomicBool>,
    /// The ways to it.
    pub ways: Ways,
    /// Why it has ended, once it has.
    pub ended: OnceLock<EndReason>,
    /// How its players are doing, as the driver last told.
    players: Mutex<Vec<PlayerListing>>,
    /// Their names, by seat. They are for operators: a game may keep them from players who are far away.
    names: Mutex<BTreeMap<u16, String>>,
}

/// What does not change of a room; its [`RoomEntry`] has it.
#[derive(Debug)]
pub struct RoomFacts {
    /// The room's id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode; empty if it is the usual one.
    pub mode: String,
    /// The game's options.
    pub options: Options,
    /// The code with which it is joined, if it is private.
    pub code: Option<String>,
    /// Seats.
    pub max_players: u16,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// The shard that runs it.
    pub shard: usize,
}

impl Deref for RoomEntry {
    type Target = RoomFacts;

    fn deref(&self) -> &RoomFacts {
        &self.facts
    }
}

/// The ways of sockets and orders to a room.
#[derive(Debug)]
pub struct Ways {
    /// Of new players. As many places as seats: who joins holds a seat, so it is never full.
    pub joining: mpsc::Sender<Joining>,
    /// Of players who come back. Their seats are in the room already, so a place is to be had before the answer to the handshake.
    pub resuming: mpsc::Sender<Resuming>,
    /// Of spectators. As many places as there are for them in the room: who comes holds one, so it is never full.
    pub watching: mpsc::Sender<Watching>,
    /// Of what the room is told to do.
    pub orders: mpsc::Sender<Order>,
}

/// The ends of a room's [`Ways`], where it takes them in.
#[derive(Debug)]
pub struct Arrivals {
    /// New players.
    pub joining: mpsc::Receiver<Joining>,
    /// Players who come back.
    pub resuming: mpsc::Receiver<Resuming>,
    /// Spectators.
    pub watching: mpsc::Receiver<Watching>,
    /// What the room is told to do.
    pub orders: mpsc::Receiver<Order>,
}

impl Ways {
    /// The ways to a room of so many seats.
    #[must_use]
    pub fn new(seats: u16) -> (Self, Arrivals) {
        let (joining, new) = mpsc::channel(seats.into());
        let (resuming, back) = mpsc::channel(seats.into());
        let (orders, given) = mpsc::channel(ORDER_QUEUE);
        let (watching, looking) = mpsc::channel(MAX_SPECTATORS.into());
        let arrivals = Arrivals { joining: new, resuming: back, watching: looking, orders: given };
        (Self { joining, resuming, watching, orders }, arrivals)
    }

    /// Sockets that wait for the room's next tick.
    #[must_use]
    pub fn arrivals_waiting(&self) -> usize {
        waiting(&self.joining) + waiting(&self.resuming)
    }

    /// Orders that wait for it.
    #[must_use]
    pub fn orders_waiting(&self) -> usize {
        waiting(&self.orders)
    }
}

fn waiting<T>(way: &mpsc::Sender<T>) -> usize {
    way.max_capacity() - way.capacity()
}

impl Arrivals {
    /// Takes in nobody any more but those who have arrived already. Who comes now is told by the front.
    pub fn close(&mut self) {
        self.joining.close();
        self.resuming.close();
        self.watching.close();
        self.orders.close();
    }

    /// The next socket that has arrived, of whomever.
    pub fn next(&mut self) -> Option<Arrival> {
        let joining = self.joining.try_recv().ok().map(|joining| joining.arrival);
        let resuming = || self.resuming.try_recv().ok().map(|resuming| resuming.arrival);
        joining.or_else(resuming).or_else(|| self.watching.try_recv().ok().map(|watching| watching.arrival))
    }
}

/// A line of `GET /api/rooms`, and with a list in the place of the number of players what `GET /api/rooms/{id}` answers.
#[derive(Debug, Clone, Serialize)]
pub struct RoomListing<Players = u16> {
    /// The room's id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode; empty if it is the usual one.
    pub mode: String,
    /// The game's options.
    pub options: Options,
    /// Whether it is joined by its code alone. It stands in no public list.
    pub private: bool,
    /// Where it is in its life.
    pub state: RoomState,
    /// Seats taken, those that are held included; or who is in them.
    pub players: Players,
    /// Seats held for players whose connections are lost.
    pub held_seats: u16,
    /// Spectators, who take no seats.
    pub spectators: u16,
    /// Seats in all.
    pub max_players: u16,
    /// The last tick.
    pub tick: u32,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// How often players have come back to their seats.
    pub resumes: u64,
    /// Snapshots that were not sent because the client had not taken the one before.
    pub snapshots_coalesced: u64,
    /// Inputs dropped for whatever cause.
    pub inputs_dropped: u64,
    /// Mirrors reported to differ from the world.
    pub mismatches_reported: u64,
}

/// How a player is doing, about a second ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlayerListing {
    /// The player's seat.
    pub player: u16,
    /// Whether there is a connection; else the seat is held.
    pub connected: bool,
    /// How early the last consumed input was, or, if negative, how late; none before the first.
    pub slack_ticks: Option<i8>,
    /// Inputs that arrived in time.
    pub accepted: u64,
    /// Inputs that arrived late and were applied on the next tick.
    pub late: u64,
    /// Inputs dropped for whatever cause.
    pub dropped: u64,
    /// Ticks on which the last input was repeated.
    pub repeated: u64,
    /// Ticks on which the neutral input was used.
    pub neutral: u64,
    /// Ticks from the newest snapshot that was acknowledged to the newest one given.
    pub unacked_ticks: u32,
    /// How many bytes a snapshot may have.
    pub budget_bytes: usize,
}

/// The same with the player's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPlayer {
    /// The name.
    pub name: String,
    /// How the player is doing.
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

impl RoomFacts {
    /// What there is to know of a room that is opened with a config, on a shard.
    #[must_use]
    pub fn new(config: &RoomConfig, game: &'static str, code: Option<String>, shard: usize) -> Self {
        let RoomConfig { id, max_players, tick_rate_hz, setup, .. } = config.clone();
        let Setup { mode, options, .. } = setup;
        Self { id, game, mode, options, code, max_players, tick_rate_hz, shard }
    }
}

impl RoomEntry {
    /// A room in which nothing has happened yet.
    #[must_use]
    pub fn new(facts: RoomFacts, ways: Ways) -> Self {
        Self {
            facts,
            state: SharedState::default(),
            tick: AtomicU32::new(0),
            held_seats: AtomicU16::new(0),
            spectators: AtomicU16::new(0),
            resumes: AtomicU64::new(0),
            snapshots_coalesced: AtomicU64::new(0),
            inputs_dropped: AtomicU64::new(0),
            mismatches_reported: AtomicU64::new(0),
            events_waiting: AtomicU32::new(0),
            shard_overloaded: Arc::default(),
            ways,
            ended: OnceLock::new(),
            players: Mutex::default(),
            names: Mutex::default(),
        }
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self) -> RoomState {
        self.state.get()
    }

    /// Says where it is in its life.
    pub fn set_state(&self, state: RoomState) {
        self.state.set(state);
    }

    /// Goes from one state to another; whether it was in the first.
    pub fn change_state(&self, from: RoomState, to: RoomState) -> bool {
        self.state.change(from, to)
    }

    /// Whether its shard has more to do than it has time for.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.shard_overloaded.load(Relaxed)
    }

    /// The room's listing, with the players or their number.
    #[must_use]
    pub fn listing<Players>(&self, players: Players) -> RoomListing<Players> {
        RoomListing {
            id: self.id.clone(),
            game: self.game,
            mode: self.mode.clone(),
            options: self.options.clone(),
            private: self.code.is_some(),
            state: self.state(),
            players,
            held_seats: self.held_seats.load(Relaxed),
            spectators: self.spectators.load(Relaxed),
            max_players: self.max_players,
            tick: self.tick.load(Relaxed),
            tick_rate_hz: self.tick_rate_hz,
            resumes: self.resumes.load(Relaxed),
            snapshots_coalesced: self.snapshots_coalesced.load(Relaxed),
            inputs_dropped: self.inputs_dropped.load(Relaxed),
            mismatches_reported: self.mismatches_reported.load(Relaxed),
        }
    }

    /// How the players are doing, by seat, as was last told.
    #[must_use]
    pub fn players(&self) -> Vec<PlayerListing> {
        self.players.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who has a seat, and how they are doing.
    #[must_use]
    pub fn named_players(&self) -> Vec<NamedPlayer> {
        let players = self.players();
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let with_name = |listing: PlayerListing| NamedPlayer {
            name: names.get(&listing.player).cloned().unwrap_or_default(),
            listing,
        };
        players.into_iter().map(with_name).collect()
    }

    /// Notes who has a seat now, or that nobody has.
    pub fn name_player(&self, player: PlayerId, name: Option<String>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match name {
            Some(name) => names.insert(player.0, name),
            None => names.remove(&player.0),
        };
    }

    /// Tells how the players are doing; whether that could be told without waiting for one who reads it.
    pub fn tell_players(&self, players: impl Iterator<Item = PlayerListing>) -> bool {
        let mut told = match self.players.try_lock() {
            Ok(told) => told,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        told.clear();
        told.extend(players);
        true
    }
}
