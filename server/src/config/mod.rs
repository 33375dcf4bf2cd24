//! A server's configuration: its defaults, `drumline.toml`, the environment and the command line, each overriding the one before.
//!
//! This module only collects the sections. Each section's struct lives in the layer that uses it, with a default for each
//! field and its [`bounds`]. `drumline.toml` explains all keys to operators; tests compare it with the
//! structs.

mod command_line;
pub mod sections;
mod sources;

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::front::access::metrics::MetricsConfig;
use crate::front::admin::state::AdminConfig;
use crate::front::auth::settings::AuthConfig;
use crate::hooks::webhooks::WebhooksConfig;
use crate::measure::logs::LogConfig;
use crate::measure::overload::OverloadConfig;
use crate::net::tls::TlsConfig;
use crate::rooms::drain::DrainConfig;
use crate::rooms::limits::Limits;
use crate::rooms::settings::{ChatConfig, LobbyConfig, RoomsConfig};
use crate::settings::bounds;

pub use command_line::{Invocation, Program, parse_command_line};
use sections::{DeclaredSections, Sections};
pub use sources::{ConfigError, Sources};

/// The output of `drumline config --print-default`: every key with its default and its explanation. Keys without a default
/// are given as examples, behind a `#` without a space.
pub const DEFAULT_FILE: &str = include_str!("../../drumline.toml");

/// The settings of a server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; port 0 takes any free one.
    #[serde(deserialize_with = "bounds::address")]
    pub bind: SocketAddr,
    /// The `[rooms]` section.
    pub rooms: RoomsConfig,
    /// The `[lobby]` section: rooms and seats for clients.
    pub lobby: LobbyConfig,
    /// The `[auth]` section: clients' identities.
    pub auth: AuthConfig,
    /// The `[limits]` section: limits on clients.
    pub limits: Limits,
    /// The `[chat]` section.
    pub chat: ChatConfig,
    /// The `[tls]` section.
    pub tls: TlsConfig,
    /// The `[admin]` section: the dashboard and its API.
    pub admin: AdminConfig,
    /// The `[log]` section.
    pub log: LogConfig,
    /// The `[metrics]` section.
    pub metrics: MetricsConfig,
    /// The `[drain]` section.
    pub drain: DrainConfig,
    /// The `[overload]` section: when joins are refused.
    pub overload: OverloadConfig,
    /// The `[webhooks]` section: where events of rooms are sent.
    pub webhooks: WebhooksConfig,
    /// The author's own sections: see [`Server::section`](crate::Server::section).
    #[serde(skip)]
    pub sections: Sections,
}

impl Config {
    /// Parses the text of a configuration file, which errors call `name`. It has the built-in sections alone; set an author's own
    /// by [`Sections::set`].
    ///
    /// # Errors
    /// [`ConfigError`] names the line, the key and the allowed values.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, ConfigError> {
        sources::parse_file(text, name, &DeclaredSections::default())
    }

    /// The defaults, on any free port.
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
            webhooks: WebhooksConfig::default(),
            sections: Sections::default(),
        }
    }
}

#[cfg(test)]
mod tests;
