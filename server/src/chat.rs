//! The chat's settings: the `[chat]` of the configuration.

use drumline_room::ChatRules;
use serde::{Deserialize, Serialize};

use crate::config::checked;

/// The most bytes that a message may be allowed.
const MAX_BYTES: u64 = drumline_shared::limits::MAX_CHAT_BYTES as u64;

/// The `[chat]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct ChatConfig {
    /// Whether players may chat.
    pub enabled: bool,
    /// Bytes of a message.
    #[serde(deserialize_with = "checked::within::<_, _, 1, MAX_BYTES>")]
    pub max_bytes: u16,
    /// Messages of a player in ten seconds, on average.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 1000>")]
    pub messages_per_10_seconds: u16,
    /// Messages of a player at once, after a silence.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 100>")]
    pub burst: u16,
}

impl Default for ChatConfig {
    fn default() -> Self {
        let ChatRules { enabled, max_bytes, per_10_seconds, burst } = ChatRules::default();
        Self { enabled, max_bytes, messages_per_10_seconds: per_10_seconds, burst }
    }
}

impl ChatConfig {
    /// What rooms are told.
    #[must_use]
    pub fn rules(&self) -> ChatRules {
        let Self { enabled, max_bytes, messages_per_10_seconds: per_10_seconds, burst } = *self;
        ChatRules { enabled, max_bytes, per_10_seconds, burst }
    }
}
