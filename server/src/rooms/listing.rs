//! Rooms and servers as the API lists them: to everybody what a lobby needs, to operators all.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use drumline_room::Options;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::measure::tick_quality::ShardListing;

use super::entry::RoomEntry;
use super::entry::state::RoomState;
use super::seats::ticket_counts::TicketCounts;

/// The most rooms on a page of the list, and the default.
pub const MAX_PAGE: usize = 1000;

/// A public room in `GET /api/rooms` and `GET /api/rooms/{id}`. How it fares is for operators alone.
#[derive(Debug, Clone, Serialize)]
pub struct PublicRoom {
    /// The room's id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode; empty if it is the default one.
    pub mode: String,
    /// The game's options.
    pub options: Options,
    /// The stage of its life.
    pub state: RoomState,
    /// Seats taken, held ones included.
    pub players: u16,
    /// Seats held for players whose connections are lost.
    pub held_seats: u16,
    /// Bots that the game has seated, which are not among the players.
    pub bots: u16,
    /// True if anybody may watch.
    pub spectate: bool,
    /// Viewers.
    pub viewers: u16,
    /// Players that the game admits, at most.
    pub max_players: u16,
    /// The game's own facts about the room; absent if it has set none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// The last tick.
    pub tick: u32,
    /// Ticks a second.
    pub tick_rate_hz: u32,
}

/// A room in the admin API: in the overview with the number of its players, by itself with a list of them.
#[derive(Debug, Clone, Serialize)]
pub struct RoomListing<Players = u16> {
    /// The room's id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode; empty if it is the default one.
    pub mode: String,
    /// The game's options.
    pub options: Options,
    /// True if only its code lets players join. It is in no public list.
    pub private: bool,
    /// The stage of its life.
    pub state: RoomState,
    /// Seats taken, held ones included; or the players in them.
    pub players: Players,
    /// Seats held for players whose connections are lost.
    pub held_seats: u16,
    /// Spectators, who take no seats.
    pub spectators: u16,
    /// All seats.
    pub max_players: u16,
    /// The last tick.
    pub tick: u32,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// Players who have resumed so far.
    pub resumes: u64,
    /// Snapshots that were not sent because the client had not read the one before.
    pub snapshots_coalesced: u64,
    /// Inputs dropped for any reason.
    pub inputs_dropped: u64,
    /// Mirrors that clients reported to differ from the world.
    pub mismatches_reported: u64,
    /// Values of the game's state that did not fit their fields and were clamped.
    pub clamped_values: u64,
}

impl PublicRoom {
    /// The public listing of a room.
    #[must_use]
    pub fn of(entry: &RoomEntry) -> Self {
        Self {
            id: entry.id.clone(),
            game: entry.game,
            mode: entry.mode.clone(),
            options: entry.options.clone(),
            state: entry.state(),
            players: entry.seats_taken(),
            held_seats: entry.held_seats.load(Relaxed),
            bots: entry.board.bots(),
            spectate: entry.max_viewers > 0,
            viewers: entry.viewers.load(Relaxed),
            max_players: entry.board.max_players(),
            metadata: entry.board.metadata().map(|metadata| (*metadata).clone()),
            tick: entry.tick.load(Relaxed),
            tick_rate_hz: entry.tick_rate_hz,
        }
    }
}

impl RoomListing {
    /// The listing of a room, with the number of players.
    #[must_use]
    pub fn of(entry: &RoomEntry) -> Self {
        Self::with_players(entry, entry.seats_taken())
    }
}

impl<Players> RoomListing<Players> {
    /// The listing of a room, with `players`.
    #[must_use]
    pub fn with_players(entry: &RoomEntry, players: Players) -> Self {
        Self {
            id: entry.id.clone(),
            game: entry.game,
            mode: entry.mode.clone(),
            options: entry.options.clone(),
            private: entry.code.is_some(),
            state: entry.state(),
            players,
            held_seats: entry.held_seats.load(Relaxed),
            spectators: entry.spectators.load(Relaxed),
            max_players: entry.max_players,
            tick: entry.tick.load(Relaxed),
            tick_rate_hz: entry.tick_rate_hz,
            resumes: entry.resumes.load(Relaxed),
            snapshots_coalesced: entry.snapshots_coalesced.load(Relaxed),
            inputs_dropped: entry.inputs_dropped.load(Relaxed),
            mismatches_reported: entry.mismatches_reported.load(Relaxed),
            clamped_values: entry.clamped_values.load(Relaxed),
        }
    }
}

/// The answer of `GET /api/rooms`: a page of the public rooms.
#[derive(Debug, Clone, Serialize)]
pub struct RoomPage {
    /// The rooms, by id.
    pub rooms: Vec<PublicRoom>,
    /// The id of the last of these; `None` if no more follow.
    pub next: Option<String>,
}

/// All rooms of a server and its counters, for operators.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// The open rooms, by id.
    pub rooms: Vec<RoomListing>,
    /// Rooms that have ended recently, the newest last.
    pub closed: Vec<ClosedRoom>,
    /// The threads that run the rooms.
    pub shards: Vec<ShardListing>,
    /// Joins refused so far, by cause.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Connections ended so far, by cause.
    pub closes: BTreeMap<&'static str, u64>,
    /// Tickets so far.
    pub tickets: TicketCounts,
}

/// A room that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedRoom {
    /// Its id.
    pub id: String,
    /// The game's name.
    pub game: &'static str,
    /// The game's mode.
    pub mode: String,
    /// True if it was private.
    pub private: bool,
    /// Its last tick.
    pub tick: u32,
    /// The reason for its end.
    pub reason: &'static str,
}

/// The rooms to list: the query of `GET /api/rooms`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RoomFilter {
    /// Only rooms of this game.
    pub game: Option<String>,
    /// Only rooms of this mode.
    pub mode: Option<String>,
    /// Only rooms whose metadata have these values, by name, compared with the text of a value: the parameters that begin with
    /// `metadata.`.
    #[serde(skip)]
    pub metadata: BTreeMap<String, String>,
    /// Only rooms in this state.
    pub state: Option<RoomState>,
    /// Only rooms that admit a player.
    #[serde(default)]
    pub free: bool,
    /// At most this many rooms.
    pub limit: Option<usize>,
    /// Only rooms after the one with this id, which may have ended meanwhile.
    #[serde(default, deserialize_with = "not_empty")]
    pub after: Option<String>,
}

impl RoomFilter {
    /// The most rooms in an answer.
    #[must_use]
    pub fn page_size(&self) -> usize {
        self.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE)
    }

    /// Returns true if a room is to be listed.
    #[must_use]
    pub fn accepts(&self, room: &RoomEntry) -> bool {
        let is_free = || room.state().admits_players() && room.has_free_seat();
        self.game.as_ref().is_none_or(|game| game == room.game)
            && self.mode.as_ref().is_none_or(|mode| *mode == room.mode)
            && self.state.is_none_or(|state| state == room.state())
            && (!self.free || is_free())
            && self.has_metadata(room)
    }

    fn has_metadata(&self, room: &RoomEntry) -> bool {
        if self.metadata.is_empty() {
            return true;
        }
        let metadata = room.board.metadata();
        self.metadata.iter().all(|(name, wanted)| {
            let value = metadata.as_deref().and_then(|metadata| metadata.get(name));
            let text = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            text.as_ref() == Some(wanted)
        })
    }
}

fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.filter(|text: &String| !text.is_empty()))
}
