//! What operators see of the server and of a room.

use serde::Serialize;

use crate::front::Front;
use crate::lobby::Listing;
use crate::room_entry::{NamedPlayer, RoomEntry, RoomListing};

/// What `GET /api/admin/overview` answers. Counters count from the server's start.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The server's version.
    pub version: &'static str,
    /// For how long it has been running.
    pub uptime_seconds: f64,
    /// How long a drain still lasts, if one is under way.
    pub draining_seconds: Option<u64>,
    /// Connections, those included that are not players'.
    pub connections: usize,
    /// How many there may be.
    pub max_connections: usize,
    /// Memory that the process has in use.
    pub memory_bytes: u64,
    /// Players who have joined.
    pub joins: u64,
    /// Bytes received from players.
    pub bytes_in: u64,
    /// Bytes sent to them.
    pub bytes_out: u64,
    /// Rooms, private ones too, shards, and what has been counted by cause.
    #[serde(flatten)]
    pub listing: Listing,
}

impl Overview {
    /// The server now.
    #[must_use]
    pub fn of(front: &Front) -> Self {
        let metrics = front.lobby.metrics();
        let (bytes_in, bytes_out) = metrics.bytes();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: front.admin.started.elapsed().as_secs_f64(),
            draining_seconds: front.lobby.drain().seconds_left(),
            connections: front.connections(),
            max_connections: front.guards.max_connections(),
            memory_bytes: metrics.resident_bytes(),
            joins: metrics.joined(),
            bytes_in,
            bytes_out,
            listing: front.lobby.listing(),
        }
    }
}

/// What `GET /api/admin/rooms/{id}` answers.
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
        Self { code: entry.code.clone(), shard: entry.shard, listing: entry.listing(entry.named_players()) }
    }
}
