//! The settings of rooms, of the lobby and of chat: the sections `[rooms]`, `[lobby]` and `[chat]` of the configuration.

use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, DEFAULT_OUTBOX_BYTES};
use serde::{Deserialize, Serialize};

use crate::settings::bounds::{self, MAX_PLAYERS, MAX_TICK_RATE_HZ};
use crate::settings::secret::{Secret, long_secret};

use super::seats::session_tokens::HoldTimes;

/// The default time that a seat is held, in seconds.
pub const DEFAULT_RESUME_SECONDS: u16 = 20;
/// The default time that a seat is held after the client's page has gone, in seconds.
pub const DEFAULT_RELOAD_SECONDS: u16 = 8;
/// Viewers of a room, at most, unless the operator says otherwise.
const DEFAULT_SPECTATORS: u16 = 64;
/// The longest time that a seat can be held, in seconds.
const MAX_RESUME_SECONDS: u64 = 3600;
/// The largest allowed limit of a chat message's bytes.
const MAX_CHAT_BYTES: u64 = drumline_shared::limits::MAX_CHAT_BYTES as u64;

/// The `[rooms]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct RoomsConfig {
    /// Threads that run rooms; `None` is one for each processor.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 1, 256>")]
    pub shards: Option<u16>,
    /// Ticks a second; `None` is the game's own rate.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 1, MAX_TICK_RATE_HZ>")]
    pub tick_hz: Option<u32>,
    /// Seats in a room; `None` is the game's own number.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 1, MAX_PLAYERS>")]
    pub max_players: Option<u16>,
    /// The most bytes of a player's snapshot a tick; areas that do not fit wait.
    #[serde(deserialize_with = "bounds::within::<_, _, 256, { 1 << 20 }>")]
    pub budget_bytes: u32,
    /// The most bytes of events and replies that are kept for a client until it acknowledges them.
    #[serde(deserialize_with = "bounds::within::<_, _, { 1 << 20 }, { 1 << 28 }>")]
    pub outbox_bytes: u32,
    /// Seconds for which the seat of a player whose connection is lost is held; 0 frees it at once.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, MAX_RESUME_SECONDS>")]
    pub resume_seconds: u16,
    /// Seconds for which the seat of a player whose page has gone is held, for a page that was only reloaded; 0 frees it at once.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, MAX_RESUME_SECONDS>")]
    pub reload_seconds: u16,
    /// Viewers of a room whose game allows them, at most; 0 allows none.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 10_000>")]
    pub spectators: u16,
    /// True if a name that only looks like another player's gets a number, as the same name does.
    pub number_lookalikes: bool,
    /// The fate of an account that joins a room in which it has a seat.
    pub same_account: SameAccount,
    /// The seed of every room's seed, for runs that can be repeated; `None` is a random one.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 0, { u64::MAX }>")]
    pub seed: Option<u64>,
    /// A fault that a test injects; no configuration can ask for it.
    #[cfg(feature = "faults")]
    #[serde(skip)]
    pub fault: Option<super::fault::Fault>,
}

/// The fate of an account that joins a room in which it has a seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SameAccount {
    /// The new connection takes the seat over, and the older one is closed.
    #[default]
    TakeOver,
    /// The join is refused, unless the seat is held: then it is the way back.
    Refuse,
    /// The account gets another seat.
    Allow,
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            shards: None,
            tick_hz: None,
            max_players: None,
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: DEFAULT_OUTBOX_BYTES,
            resume_seconds: DEFAULT_RESUME_SECONDS,
            reload_seconds: DEFAULT_RELOAD_SECONDS,
            spectators: DEFAULT_SPECTATORS,
            number_lookalikes: false,
            same_account: SameAccount::default(),
            seed: None,
            #[cfg(feature = "faults")]
            fault: None,
        }
    }
}

impl RoomsConfig {
    /// The times for which seats are held.
    #[must_use]
    pub fn hold_times(&self) -> HoldTimes {
        HoldTimes { resume_seconds: self.resume_seconds, reload_seconds: self.reload_seconds }
    }
}

/// The `[lobby]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct LobbyConfig {
    /// Seconds for which a reserved seat waits for its ticket.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 300>")]
    pub ticket_seconds: u16,
    /// True if players can only join with a ticket.
    pub require_ticket: bool,
    /// Seconds for which a room stays open without players.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 86_400>")]
    pub empty_seconds: u32,
    /// The most rooms open at once, in all games.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 65_536>")]
    pub max_rooms: usize,
    /// The most rooms open without any player. Beyond them a request for a new room gets an empty one.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 65_536>")]
    pub max_empty_rooms: usize,
    /// The key that tickets and session tokens are signed with; `None` is a random one.
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

/// The `[chat]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct ChatConfig {
    /// True if players may chat.
    pub enabled: bool,
    /// The most bytes of a message.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, MAX_CHAT_BYTES>")]
    pub max_bytes: u16,
    /// Messages of a player in ten seconds, on average.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 1000>")]
    pub messages_per_10_seconds: u16,
    /// Messages of a player at once, after a pause.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 100>")]
    pub burst: u16,
}

impl Default for ChatConfig {
    fn default() -> Self {
        let ChatRules { enabled, max_bytes, per_10_seconds, burst } = ChatRules::default();
        Self { enabled, max_bytes, messages_per_10_seconds: per_10_seconds, burst }
    }
}

impl ChatConfig {
    /// The rules that rooms apply.
    #[must_use]
    pub fn rules(&self) -> ChatRules {
        let Self { enabled, max_bytes, messages_per_10_seconds: per_10_seconds, burst } = *self;
        ChatRules { enabled, max_bytes, per_10_seconds, burst }
    }
}
