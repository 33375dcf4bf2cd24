//! An open room as all threads see it: fixed facts, a state, and figures that its thread publishes.

pub mod board;
pub mod events;
pub mod players;
pub mod seat_count;
pub mod state;
pub mod weight;

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use drumline_room::{EndReason, Options, RoomConfig, Setup};

use board::GameBoard;
use players::PlayerBoard;
use seat_count::SeatCount;
use state::{RoomState, SharedState};
use weight::{SharedWeight, Weight};

use super::seats::session_tokens::SessionBoard;

/// An open room. Its thread writes the figures on its ticks, without locks; others read them.
#[derive(Debug)]
pub struct RoomEntry {
    facts: RoomFacts,
    state: SharedState,
    /// Seats taken, held ones included, those of bots not.
    pub seats: SeatCount,
    /// The game's own words on the room: the players that it admits, its bots, its metadata.
    pub board: GameBoard,
    /// The last tick.
    pub tick: AtomicU32,
    /// Seats held for players whose connections are lost.
    pub held_seats: AtomicU16,
    /// Operators' places to watch from that are taken.
    pub spectators: AtomicU16,
    /// Viewers, and places promised to them.
    pub viewers: AtomicU16,
    /// Players who have resumed so far.
    pub resumes: AtomicU64,
    /// Snapshots that were not sent because the client had not read the one before.
    pub snapshots_coalesced: AtomicU64,
    /// Inputs dropped for any reason.
    pub inputs_dropped: AtomicU64,
    /// Mirrors that clients reported to differ from the world.
    pub mismatches_reported: AtomicU64,
    /// Values of the state that did not fit their fields.
    pub clamped_values: AtomicU64,
    /// Events waiting to be sent, about a second ago.
    pub events_waiting: AtomicU32,
    /// True while the room's shard refuses joins; shared with the shard.
    pub refuses_joins: Arc<AtomicBool>,
    /// Its weight, as its thread measures it.
    pub measured_weight: SharedWeight,
    dismissed: OnceLock<EndReason>,
    /// The reason for its end, once it has ended.
    pub ended: OnceLock<EndReason>,
    /// Its players, by name and by how they are doing.
    pub players: PlayerBoard,
    /// The tokens by which its players can resume.
    pub sessions: SessionBoard,
}

/// The facts of a room that never change. A [`RoomEntry`] dereferences to them.
#[derive(Debug)]
pub struct RoomFacts {
    /// The room's id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode; empty if it is the default one.
    pub mode: String,
    /// The game's options.
    pub options: Options,
    /// The code to join by; `None` if the room is public.
    pub code: Option<String>,
    /// Seats.
    pub max_players: u16,
    /// Viewers, at most; 0 if the game or the operator allows none.
    pub max_viewers: u16,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// The index of the shard that runs it.
    pub shard: usize,
}

impl Deref for RoomEntry {
    type Target = RoomFacts;

    fn deref(&self) -> &RoomFacts {
        &self.facts
    }
}

impl RoomFacts {
    /// The facts of a room that is opened with `config` on a shard.
    #[must_use]
    pub fn new(config: &RoomConfig, game: &'static str, max_viewers: u16, shard: usize) -> Self {
        let RoomConfig { max_players, tick_rate_hz, setup, .. } = config.clone();
        let Setup { id, code, mode, options, .. } = setup;
        Self { id, game, mode, options, code, max_players, max_viewers, tick_rate_hz, shard }
    }
}

impl RoomEntry {
    /// A room in which nothing has happened yet.
    #[must_use]
    pub fn new(facts: RoomFacts, refuses_joins: Arc<AtomicBool>) -> Self {
        Self {
            sessions: SessionBoard::new(facts.max_players),
            board: GameBoard::new(facts.max_players),
            facts,
            state: SharedState::default(),
            seats: SeatCount::default(),
            tick: AtomicU32::new(0),
            held_seats: AtomicU16::new(0),
            spectators: AtomicU16::new(0),
            viewers: AtomicU16::new(0),
            resumes: AtomicU64::new(0),
            snapshots_coalesced: AtomicU64::new(0),
            inputs_dropped: AtomicU64::new(0),
            mismatches_reported: AtomicU64::new(0),
            clamped_values: AtomicU64::new(0),
            events_waiting: AtomicU32::new(0),
            refuses_joins,
            measured_weight: SharedWeight::default(),
            dismissed: OnceLock::new(),
            ended: OnceLock::new(),
            players: PlayerBoard::default(),
        }
    }

    /// A room of the arena with some seats.
    #[cfg(test)]
    pub fn for_test(max_players: u16) -> Self {
        let facts = RoomFacts {
            id: "test".to_owned(),
            game: "arena",
            mode: String::new(),
            options: Options::new(),
            code: None,
            max_players,
            max_viewers: 0,
            tick_rate_hz: 30,
            shard: 0,
        };
        Self::new(facts, Arc::default())
    }

    /// Seats taken, held ones included.
    #[must_use]
    pub fn seats_taken(&self) -> u16 {
        self.seats.taken()
    }

    /// Returns true if no seat is taken, and one could be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats_taken() == 0 && !self.seats.is_closed()
    }

    /// Returns true if a seat is free.
    #[must_use]
    pub fn has_free_seat(&self) -> bool {
        self.seats.has_free(self.board.seats_for_players())
    }

    /// The stage of its life that it is in.
    #[must_use]
    pub fn state(&self) -> RoomState {
        self.state.get()
    }

    /// Sets the state.
    pub fn set_state(&self, state: RoomState) {
        self.state.set(state);
    }

    /// Sets the state to `to` if it is `from`.
    pub fn change_state(&self, from: RoomState, to: RoomState) {
        self.state.change(from, to);
    }

    /// The cost of the room.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.measured_weight.get(self.seats_taken())
    }

    /// Notes that the room is out of the registry and is to end.
    pub fn dismiss(&self, reason: EndReason) {
        // A room that has been dismissed already keeps its reason.
        let _ = self.dismissed.set(reason);
    }

    /// The reason for which the room is to end; `None` if it may go on.
    #[must_use]
    pub fn dismissed(&self) -> Option<EndReason> {
        self.dismissed.get().copied()
    }

    /// Returns true if the room's shard is overloaded, so that it refuses joins.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.refuses_joins.load(Relaxed)
    }
}
