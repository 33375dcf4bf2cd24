//! How the lobby is set: the `[lobby]` of the configuration.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::config::{Secret, checked};

/// The settings of the lobby.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct LobbyConfig {
    /// For how many seconds a reserved seat waits for its ticket.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 300>")]
    pub ticket_seconds: u16,
    /// Whether a seat can be had with a ticket alone.
    pub require_ticket: bool,
    /// For how many seconds a room stays open without players.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 86_400>")]
    pub empty_seconds: u32,
    /// Rooms open at once, in all games.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 65_536>")]
    pub max_rooms: usize,
    /// Rooms open without any player. Beyond these an empty one is used again where a new one is asked for.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 65_536>")]
    pub max_empty_rooms: usize,
    /// The key that tickets are signed with; none is a random one.
    #[serde(deserialize_with = "long_secret")]
    pub ticket_key: Option<Secret>,
}

impl Default for LobbyConfig {
    fn default() -> Self {
        Self {
            ticket_seconds: 15,
            require_ticket: false,
            empty_seconds: 30,
            max_rooms: 4096,
            max_empty_rooms: 64,
            ticket_key: None,
        }
    }
}

/// A secret that nobody finds by trying.
fn long_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    const MIN_BYTES: usize = 32;
    let secret = Secret::deserialize(deserializer)?;
    if secret.expose().len() < MIN_BYTES {
        return Err(D::Error::custom(format_args!("expected a text of at least {MIN_BYTES} characters")));
    }
    Ok(Some(secret))
}
