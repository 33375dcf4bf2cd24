//! The state and the settings of the admin API.

use std::time::{Duration, Instant};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::settings::secret::Secret;

use super::guard::Guard;

/// The `[admin]` section: the dashboard and its API.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct AdminConfig {
    /// The operators' token. Without one the API is open to the server's own machine alone.
    #[serde(deserialize_with = "long_token")]
    pub token: Option<Secret>,
}

/// A token long enough that nobody can guess it.
fn long_token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    const MIN_BYTES: usize = 16;
    let token = Secret::deserialize(deserializer)?;
    if token.expose().len() < MIN_BYTES {
        return Err(D::Error::custom("expected at least 16 characters"));
    }
    Ok(Some(token))
}

/// The state of the admin API.
#[derive(Debug)]
pub struct AdminState {
    /// Recognizes operators.
    pub guard: Guard,
    /// The start of the server.
    pub started: Instant,
    /// The default time of a drain.
    pub drain: Duration,
}

impl AdminState {
    /// The state of a server that starts now. `is_private` if it listens on the loopback interface alone and has no proxies.
    #[must_use]
    pub fn new(config: &AdminConfig, is_private: bool, drain: Duration) -> Self {
        Self { guard: Guard::new(config.token.clone(), is_private), started: Instant::now(), drain }
    }
}
