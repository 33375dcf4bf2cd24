//! How a room ends.
//!
//! However it ends, everybody learns why: players in the room, players who have just arrived and, through the front, clients
//! in the middle of their handshake.

use std::time::Instant;

use drumline_room::{Action, EndReason};
use drumline_shared::limits::{MAX_FRAME_COLUMNS, MAX_TICK};

use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::rooms::registration::Removal;
use crate::rooms::seats::session::Session;
use crate::shard::contain_panic::contain_panic;

use super::Driver;

impl Driver {
    /// Tells the game and the players the deadline of the drain, if the server drains.
    pub(super) fn apply_drain(&mut self, now: Instant) {
        self.deadline = self.context.drain.deadline();
        let Some(deadline) = self.deadline else { return };
        let left = deadline.saturating_duration_since(now);
        self.room.drain(left.as_secs_f32());
        for connection in &mut self.connections {
            connection.announce_end(deadline, left);
        }
    }

    /// The reason for which the room ends with this step; `None` if it continues.
    pub(super) fn end_reason(&mut self, now: Instant) -> Option<EndReason> {
        // Spectators keep no room open.
        let mut sessions = self.connections.iter().map(|connection| &connection.session);
        let is_empty = self.held.is_empty() && sessions.all(Session::is_spectator);
        if !is_empty {
            self.occupied_at = now;
        }
        if let Some(reason) = self.entry().dismissed() {
            Some(reason)
        } else if self.is_closed_by_operator {
            Some(EndReason::Operator)
        } else if let Some(reason) = self.room.end_reason() {
            if reason == EndReason::WorldTooLarge {
                tracing::error!(
                    room = self.id(),
                    limit = MAX_FRAME_COLUMNS,
                    "the world has more columns than a client can hold: keep fewer entities, or replicate fewer fields"
                );
            }
            Some(reason)
        } else if self.deadline.is_some_and(|deadline| is_empty || now >= deadline) {
            // Seats that are reserved but not taken do not count: a draining server admits nobody.
            Some(EndReason::ServerStopping)
        } else if self.room.current_tick() == MAX_TICK {
            Some(EndReason::LastTick)
        } else if now.duration_since(self.occupied_at) > self.context.empty_limit
            && self.registration.retire() == Removal::Removed
        {
            Some(EndReason::Empty)
        } else {
            None
        }
    }

    /// Ends the room: closes every connection and then the game. Later steps only finish the closing connections.
    ///
    /// `Game::close` is the game's last call, with the players still seated, so that a game can save scores or its world.
    ///
    /// # Panics
    /// If the game does.
    pub fn end(&mut self, reason: EndReason, now: Instant) {
        self.close_all(reason, now);
        self.room.close(reason);
        self.start_last_job();
    }

    /// Starts the job that the game has left, if any. It outlives the room.
    fn start_last_job(&mut self) {
        for action in self.room.take_actions() {
            if let Action::Start(job) = action {
                self.jobs.start_last(job);
            }
        }
    }

    /// Ends the room because its game has panicked. The game is still closed: its state is suspect, but a game that can save
    /// something of it should. A second panic is contained as well.
    pub fn fail(&mut self, message: &str, now: Instant) {
        self.registration.report_panic(message);
        self.close_all(EndReason::Panic, now);
        if let Err(message) = contain_panic(|| self.room.close(EndReason::Panic)) {
            self.registration.report_panic(&message);
        }
        self.start_last_job();
    }

    /// Takes the room out of the registry and closes every connection, without calling the game.
    fn close_all(&mut self, reason: EndReason, now: Instant) {
        self.has_ended = true;
        for (player, occupant) in &self.occupants {
            self.announce_leave(*player, occupant);
        }
        self.registration.end(reason);
        self.inbox.close();
        let close_reason = CloseReason::from(reason);
        while let Some(connection) = self.inbox.next_connection() {
            self.context.metrics.count_close(close_reason);
            self.closing.push(ClosingConnection::refuse(connection, close_reason, now));
        }
        while !self.connections.is_empty() {
            drop(self.close(0, close_reason, close_reason.text(), now));
        }
        self.close_viewers(close_reason, now);
        self.held.clear();
        self.meter.flush(&self.room.stats(), now);
    }
}
