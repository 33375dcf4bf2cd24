//! The settings of a room, and the terms on which its clients may come back.

use crate::simulation::SimulationConfig;
use crate::simulation::setup::Setup;
use crate::text::ChatRules;

/// The default of [`RoomConfig::budget_bytes`]: far more than the view of a well-behaved game needs on a tick.
pub const DEFAULT_BUDGET_BYTES: u32 = 4096;

/// The settings of a room.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// Seats.
    pub max_players: u16,
    /// Ticks a second. It is what the length of a tick is taken to be.
    pub tick_rate_hz: u32,
    /// The room's id, seed, mode and options.
    pub setup: Setup,
    /// Bytes that a player's snapshot may have. Areas that do not fit wait for a later one; at least one goes.
    pub budget_bytes: u32,
    /// Bytes of events and replies that may be kept for a client until it acknowledges them. Beyond it a client that also leaves
    /// the oldest of them unacknowledged for five seconds should be [kicked](crate::Room::kick_reason), and a client that is away
    /// loses the oldest. Four times as many are the end of any patience.
    pub outbox_bytes: u32,
    /// The rules of the chat.
    pub chat: ChatRules,
}

impl RoomConfig {
    /// The part of it that the simulation depends on.
    #[must_use]
    pub fn simulation(&self) -> SimulationConfig {
        let &Self { max_players, tick_rate_hz, chat, .. } = self;
        SimulationConfig { max_players, tick_rate_hz, setup: self.setup.clone(), chat }
    }
}

/// The terms on which a client may come back, for its [welcome](crate::Room::welcome). The driver keeps them.
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionTerms<'a> {
    /// The token with which the client can resume its seat; empty if it cannot.
    pub token: &'a str,
    /// Seconds for which the seat is held after a lost connection.
    pub resume_seconds: u16,
    /// Seconds for which it is held after the client has closed with code 1001.
    pub reload_seconds: u16,
}
