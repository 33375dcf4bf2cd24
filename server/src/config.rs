//! What a server is told: by its defaults, `drumline.toml`, the environment and the command line, in this order.
//!
//! A section is a plain struct with a default for each of its fields; its keys are explained in `drumline.toml`, which is the
//! one place where an operator reads of them. A key says by [`checked`] what it may be.

pub mod checked;
mod command_line;
mod layers;
mod secret;

use std::net::SocketAddr;

use drumline_room::DEFAULT_BUDGET_BYTES;
use serde::{Deserialize, Serialize};

use crate::admin::AdminConfig;
use crate::auth::AuthConfig;
use crate::chat::ChatConfig;
use crate::drain::DrainConfig;
use crate::limits::Limits;
use crate::lobby::LobbyConfig;
use crate::logs::LogConfig;
use crate::metrics::MetricsConfig;
use crate::overload::OverloadConfig;
use crate::sessions::{DEFAULT_RESUME_SECONDS, MAX_RESUME_SECONDS};
use crate::tls::TlsConfig;

use checked::{MAX_PLAYERS, MAX_TICK_RATE_HZ};
pub use command_line::{Told, told};
pub use layers::ConfigError;
pub use secret::Secret;

/// The file that `drumline config --print-default` prints: every key with its default and its explanation. Keys that have no
/// default stand in it as examples, behind a `#` without a space.
pub const DEFAULT_FILE: &str = include_str!("../drumline.toml");

/// The settings of a server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; port 0 takes any free one.
    #[serde(deserialize_with = "checked::address")]
    pub bind: SocketAddr,
    /// Rooms.
    pub rooms: RoomsConfig,
    /// Rooms and seats, as clients get them.
    pub lobby: LobbyConfig,
    /// Who somebody is.
    pub auth: AuthConfig,
    /// What is taken from clients.
    pub limits: Limits,
    /// Chat.
    pub chat: ChatConfig,
    /// TLS.
    pub tls: TlsConfig,
    /// The dashboard and its API.
    pub admin: AdminConfig,
    /// Logs.
    pub log: LogConfig,
    /// Metrics.
    pub metrics: MetricsConfig,
    /// Draining.
    pub drain: DrainConfig,
    /// Refusing joins under overload.
    pub overload: OverloadConfig,
}

/// The settings of rooms.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct RoomsConfig {
    /// Threads that run rooms; none is one for each processor.
    #[serde(deserialize_with = "checked::some_within::<_, _, 1, 256>")]
    pub shards: Option<u16>,
    /// Ticks a second; none is as the game says.
    #[serde(deserialize_with = "checked::some_within::<_, _, 1, MAX_TICK_RATE_HZ>")]
    pub tick_hz: Option<u32>,
    /// Seats in a room; none is as the game says.
    #[serde(deserialize_with = "checked::some_within::<_, _, 1, MAX_PLAYERS>")]
    pub max_players: Option<u16>,
    /// Bytes of a player's snapshot a tick; areas that do not fit wait.
    #[serde(deserialize_with = "checked::within::<_, _, 256, { 1 << 20 }>")]
    pub budget_bytes: u32,
    /// For how many seconds the seat of a player whose connection is lost is held; not at all if zero.
    #[serde(deserialize_with = "checked::within::<_, _, 0, MAX_RESUME_SECONDS>")]
    pub resume_seconds: u16,
    /// The seed of every room's seed, for runs that can be repeated; none is a random one.
    #[serde(deserialize_with = "checked::some_within::<_, _, 0, { u64::MAX }>")]
    pub seed: Option<u64>,
    /// What a test wants to go wrong; no configuration can ask for it.
    #[cfg(feature = "faults")]
    #[serde(skip)]
    pub fault: Option<crate::Fault>,
}

impl Config {
    /// The settings that the text of a configuration file makes; `name` is what errors call it.
    ///
    /// # Errors
    /// [`ConfigError`] names the line, the key and what it may be.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, ConfigError> {
        layers::parse_file(text, name)
    }

    /// The defaults, but on any free port.
    #[must_use]
    pub fn on_free_port() -> Self {
        Self { bind: ([127, 0, 0, 1], 0).into(), ..Self::default() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: ([127, 0, 0, 1], 7777).into(),
            rooms: RoomsConfig::default(),
            lobby: LobbyConfig::default(),
            auth: AuthConfig::default(),
            limits: Limits::default(),
            chat: ChatConfig::default(),
            tls: TlsConfig::default(),
            admin: AdminConfig::default(),
            log: LogConfig::default(),
            metrics: MetricsConfig::default(),
            drain: DrainConfig::default(),
            overload: OverloadConfig::default(),
        }
    }
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            shards: None,
            tick_hz: None,
            max_players: None,
            budget_bytes: DEFAULT_BUDGET_BYTES,
            resume_seconds: DEFAULT_RESUME_SECONDS,
            seed: None,
            #[cfg(feature = "faults")]
            fault: None,
        }
    }
}

#[cfg(test)]
mod tests;
