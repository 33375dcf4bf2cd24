//! The answers of the operators' API about the server and about a room.

use serde::Serialize;

use crate::front::state::Front;
use crate::rooms::entry::RoomEntry;
use crate::rooms::entry::players::NamedPlayer;
use crate::rooms::listing::{Listing, RoomListing};

/// The answer of `GET /api/admin/overview`. Counters start with the server.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The server's version.
    pub version: &'static str,
    /// Seconds since the server started.
    pub uptime_seconds: f64,
    /// Seconds until the deadline of a drain; `None` if there is none.
    pub draining_seconds: Option<u64>,
    /// Open connections, players' and others.
    pub connections: usize,
    /// All connection slots.
    pub max_connections: usize,
    /// Resident memory of the process.
    pub memory_bytes: u64,
    /// Players who have joined.
    pub joins: u64,
    /// Bytes received from players.
    pub bytes_in: u64,
    /// Bytes sent to them.
    pub bytes_out: u64,
    /// Rooms, private ones included, shards, and counters by cause.
    #[serde(flatten)]
    pub listing: Listing,
}

impl Overview {
    /// The overview of a server now.
    #[must_use]
    pub fn of(front: &Front) -> Self {
        let metrics = front.lobby.metrics();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: front.admin.started.elapsed().as_secs_f64(),
            draining_seconds: front.lobby.drain().seconds_left(),
            connections: front.connections(),
            max_connections: front.admission.max_connections(),
            memory_bytes: metrics.resident_bytes(),
            joins: metrics.joined(),
            bytes_in: metrics.received_bytes(),
            bytes_out: metrics.sent_bytes(),
            listing: front.lobby.listing(),
        }
    }
}

/// The answer of `GET /api/admin/rooms/{id}`.
#[derive(Debug, Clone, Serialize)]
pub struct RoomDetails {
    /// The code of a private room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The shard that runs it.
    pub shard: usize,
    /// The room and its players.
    #[serde(flatten)]
    pub listing: RoomListing<Vec<NamedPlayer>>,
}

impl RoomDetails {
    /// The details of a room.
    #[must_use]
    pub fn of(entry: &RoomEntry) -> Self {
        Self {
            code: entry.code.clone(),
            shard: entry.shard,
            listing: RoomListing::with_players(entry, entry.players.named()),
        }
    }
}
