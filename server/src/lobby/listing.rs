//! What the lobby tells of its rooms.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::room_entry::{RoomEntry, RoomListing};
use crate::room_state::RoomState;
use crate::tick_quality::ShardListing;
use crate::tickets::TicketCounts;

/// Rooms on a page of the list, unless fewer are asked for.
pub const MAX_PAGE: usize = 1000;

/// What the server knows of itself. `GET /api/rooms` answers a page of its rooms, without the private ones.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// The open rooms, by id.
    pub rooms: Vec<RoomListing>,
    /// The id of the last of these, if there are more.
    pub next: Option<String>,
    /// Rooms that have ended lately, the newest last.
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
    /// Whether it was private.
    pub private: bool,
    /// Its last tick.
    pub tick: u32,
    /// Why it has ended.
    pub reason: &'static str,
}

/// Which rooms are asked for: the query of `GET /api/rooms`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RoomFilter {
    /// Those of a game.
    pub game: Option<String>,
    /// Those of a mode.
    pub mode: Option<String>,
    /// Those in a state.
    pub state: Option<RoomState>,
    /// Only those that take a player.
    #[serde(default)]
    pub free: bool,
    /// At most so many.
    pub limit: Option<usize>,
    /// Those after the room of this id, which may have ended meanwhile.
    #[serde(default, deserialize_with = "not_empty")]
    pub after: Option<String>,
}

impl RoomFilter {
    /// How many rooms there can be in an answer.
    #[must_use]
    pub fn page(&self) -> usize {
        self.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE)
    }

    /// Whether a room with so many seats taken is asked for.
    #[must_use]
    pub fn wants(&self, room: &RoomEntry, seats_taken: u16) -> bool {
        let is_free = || room.state().takes_players() && seats_taken < room.max_players;
        self.game.as_ref().is_none_or(|game| game == room.game)
            && self.mode.as_ref().is_none_or(|mode| *mode == room.mode)
            && self.state.is_none_or(|state| state == room.state())
            && (!self.free || is_free())
    }
}

fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.filter(|text: &String| !text.is_empty()))
}
