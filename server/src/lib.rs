//! The Drumline server: shards, connections, the lobby and the HTTP front around [`drumline_room`].
//!
//! A game author needs only [`Server`]. Inside, a player goes this way: `play` checks the handshake and, by their
//! `entrance`, takes a seat in the `lobby` or finds their own by its `sessions`; the socket goes to the room's `shard`;
//! there, at the deadlines of its `schedule`, the room's `driver` reads the `connection`, ticks the room and writes the
//! snapshot, all on one thread.

mod accept;
mod admin;
mod api;
mod arrival;
mod auth;
mod bearer;
mod chat;
mod close;
mod conduct;
mod config;
mod connection;
mod contain;
mod cors;
mod counts;
mod drain;
mod driver;
mod entrance;
mod files;
mod front;
mod guards;
mod hang_up;
mod health;
mod http;
mod join_api;
mod limits;
mod lobby;
mod logs;
mod memory;
mod metrics;
mod network;
mod orders;
mod origin;
mod overload;
mod peer;
mod permit;
mod play;
mod rates;
mod refusal;
mod room_entry;
mod room_state;
mod schedule;
mod server;
mod sessions;
mod shard;
mod signals;
mod socket;
mod spectators;
mod stream;
#[cfg(test)]
mod testing;
mod tick_quality;
mod tickets;
mod tls;

pub use admin::AdminConfig;
pub use auth::{AuthConfig, AuthMode, Credentials, Denied, KeyError, TokenAlgorithm};
pub use chat::ChatConfig;
pub use config::{Config, ConfigError, DEFAULT_FILE, RoomsConfig, Secret};
pub use drain::DrainConfig;
#[cfg(feature = "faults")]
pub use driver::faults::{Fault, FaultKind};
pub use drumline_room::Identity;
pub use limits::Limits;
pub use lobby::{ClosedRoom, Listing, LobbyConfig};
pub use logs::{LogConfig, LogFormat};
pub use metrics::MetricsConfig;
pub use network::Network;
pub use orders::Order;
pub use origin::AllowedOrigin;
pub use overload::OverloadConfig;
pub use peer::ForwardedHeader;
pub use refusal::Refusal;
pub use room_entry::{PlayerListing, RoomListing};
pub use room_state::RoomState;
pub use server::{Running, Server, StartError};
pub use tick_quality::ShardListing;
pub use tickets::{BadTicket, TicketCounts};
pub use tls::{TlsConfig, TlsError};

/// Everything a game needs: `use drumline::prelude::*`.
pub mod prelude {
    pub use drumline_room::{
        Channel, EndReason, Game, Identity, Interest, Joiner, Nothing, Options, PlayerId, Request, Rewound,
        Rng, RngExt, RoomRules, SeedableRng, Setup, SetupError, Sight, Tick, Verdict,
    };
    pub use drumline_shared::{Entity, EntityId, Home, Message, Place, Replicate, Single, Table, World};

    pub use crate::Server;
}

// The derive macros reach the parts that they need through this package, so that a game depends on nothing else of ours.
#[doc(hidden)]
pub use {drumline_room, drumline_shared};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
