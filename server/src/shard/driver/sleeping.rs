//! Sleep: a room without active players leaves ticks out. Its steps go on, so that nobody waits for it to wake.

use std::time::{Duration, Instant};

use drumline_room::Sleep;

use crate::shard::connection::Connection;

use super::Driver;

/// The time for which a room stays awake after the last sign of its players.
const AWAKE: Duration = Duration::from_secs(5);
/// The period of ticks while the room sleeps and players are connected.
const SLEEPING_PERIOD: Duration = Duration::from_millis(500);

/// A room's sleep.
#[derive(Debug)]
pub(super) struct Sleeper {
    /// The last sign of a player; `None` if nobody has been here yet.
    sign_at: Option<Instant>,
    ticked_at: Instant,
}

impl Sleeper {
    pub(super) fn new(now: Instant) -> Self {
        Self { sign_at: None, ticked_at: now }
    }
}

impl Driver {
    /// Returns true if the room ticks on this step.
    pub(super) fn ticks_now(&mut self, now: Instant) -> bool {
        let is_due = self.is_tick_due(now);
        if is_due {
            self.sleeper.ticked_at = now;
        }
        is_due
    }

    fn is_tick_due(&mut self, now: Instant) -> bool {
        let sleep = self.room.sleep();
        if sleep == Sleep::Never || self.deadline.is_some() || self.room.has_news() {
            return true;
        }
        // Spectators are operators: they watch what happens.
        if self.connections.iter().any(|connection| connection.session.is_spectator()) {
            return true;
        }
        let newest = self.connections.iter().map(|connection| Connection::last_sign(connection, sleep)).max();
        let has_players = newest.is_some();
        self.sleeper.sign_at = newest.max(self.sleeper.sign_at);
        let is_awake = self.sleeper.sign_at.is_some_and(|sign_at| now.duration_since(sign_at) < AWAKE);
        is_awake || (has_players && now.duration_since(self.sleeper.ticked_at) >= SLEEPING_PERIOD)
    }
}
