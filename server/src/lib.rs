//! The Drumline server, as a library for game authors. An author needs the [`prelude`] and [`Server`].
//!
//! The modules are layers; each imports only from the ones above it in this list:
//!
//! - `net`: WebSocket connections, TCP and TLS, close codes; addresses, proxies, origins, counts and rates for each address;
//! - `settings`: how one section of the configuration is read and its bounds checked;
//! - `declaration`: a game's types for TypeScript;
//! - `measure`: tick quality, overload, the schedule of ticks, metrics, logs;
//! - `rooms`: the registry of rooms, seats, tickets, sessions, refusals, listings, the drain, the directory of owners;
//! - `shard`: threads that run rooms and their players' connections;
//! - `lobby`: the registry and the shards together;
//! - `hooks`: authors' hooks and webhooks for what happens in rooms;
//! - `front`: HTTP, the handshake, the join API, authentication, the admin API;
//! - `config`, `server`: all settings together, and the program.
//!
//! A player comes in through `front::handshake`, which reserves a seat in the `lobby`; the connection then goes to the room's
//! `shard::driver`, which reads it, ticks the room and writes the snapshot, all on one thread.

mod config;
mod declaration;
mod front;
mod hooks;
mod lobby;
mod measure;
mod net;
pub mod prelude;
mod rooms;
mod server;
mod settings;
mod shard;

pub use axum;
pub use config::sections::{Section, Sections};
pub use config::{Config, ConfigError, DEFAULT_FILE};
pub use drumline_room::job::{JOB_SECONDS, MAX_JOB_BYTES, MAX_JOBS};
pub use drumline_room::{
    Action, Connection, Identity, JobRefused, MAX_METADATA_BYTES, MetadataError, Refused, Removal, math,
    testing,
};
pub use front::access::metrics::MetricsConfig;
pub use front::admin::state::AdminConfig;
pub use front::auth::settings::{AuthConfig, AuthMode, TokenAlgorithm};
pub use front::auth::{Credentials, Denied, KeyError};
pub use hooks::webhooks::WebhooksConfig;
pub use measure::logs::{LogConfig, LogFormat};
pub use measure::overload::OverloadConfig;
pub use measure::tick_quality::ShardListing;
pub use net::network::Network;
pub use net::origin::AllowedOrigin;
pub use net::proxies::ForwardedHeader;
pub use net::shown_address::AddressForm;
pub use net::tls::{TlsConfig, TlsError};
pub use rooms::bans::{BanTarget, Banned};
pub use rooms::drain::DrainConfig;
pub use rooms::entry::events::{PlayerLabel, RoomEvent, RoomLabel};
pub use rooms::entry::players::PlayerListing;
pub use rooms::entry::state::RoomState;
#[cfg(feature = "faults")]
pub use rooms::fault::{Fault, FaultKind};
pub use rooms::limits::Limits;
pub use rooms::listing::{ClosedRoom, Listing, PublicRoom, RoomListing};
pub use rooms::operator_command::OperatorCommand;
pub use rooms::refusal::Refusal;
pub use rooms::seats::bad_ticket::BadTicket;
pub use rooms::seats::ticket_counts::TicketCounts;
pub use rooms::settings::{ChatConfig, LobbyConfig, RoomsConfig, SameAccount};
pub use server::{Running, Server, StartError};
pub use settings::secret::Secret;

// Derived code reaches all that it names through this package, so that a game depends on nothing else of ours.
#[doc(hidden)]
pub use drumline_room::__private;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The game of the page about tests compiles, and its tests pass.
#[cfg(doctest)]
#[doc = include_str!("../../docs/TESTING_A_GAME.md")]
struct TestingAGame;
