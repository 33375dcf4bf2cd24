//! How a room ends.

use std::time::Instant;

use drumline_room::EndReason;
use drumline_shared::limits::MAX_TICK;

use super::Driver;
use crate::connection::Goodbye;
use crate::contain::contain;
use crate::lobby::Registration;
use crate::metrics::RoomMeter;
use crate::sessions::Session;

impl Driver {
    /// Tells the game and the players by when the room ends, if the server drains.
    pub(super) fn heed_drain(&mut self, now: Instant) {
        self.deadline = self.registration.lobby().drain().deadline();
        let Some(deadline) = self.deadline else { return };
        let left = deadline.saturating_duration_since(now);
        self.room.drain(left.as_secs_f32());
        for connection in &mut self.connections {
            connection.announce_end(deadline, left);
        }
    }

    /// Why the room ends with this step, if it does.
    pub(super) fn finding(&mut self, now: Instant) -> Option<EndReason> {
        // Who only looks on keeps no room open.
        let mut sessions = self.connections.iter().map(|connection| &connection.session);
        let is_empty = self.held.is_empty() && sessions.all(Session::is_of_spectator);
        if !is_empty {
            self.occupied = now;
        }
        if self.closing {
            Some(EndReason::Operator)
        } else if self.room.has_ended() {
            Some(EndReason::Game)
        } else if self.deadline.is_some_and(|deadline| is_empty || now >= deadline) {
            // Seats that wait for their players are left by them: nobody is let in.
            Some(EndReason::ServerStopping)
        } else if self.room.current_tick() == MAX_TICK {
            Some(EndReason::LastTick)
        } else if now.duration_since(self.occupied) > self.registration.lobby().empty_limit()
            && self.registration.retire()
        {
            Some(EndReason::Empty)
        } else {
            None
        }
    }

    /// Begins the end of the room: closes every connection and then the game. What is left are the next steps' goodbyes.
    ///
    /// # Panics
    /// If the game does.
    pub fn end(&mut self, reason: EndReason, now: Instant) {
        self.dismiss(reason, now);
        self.room.close(reason);
    }

    /// Ends the room because its game has panicked. The game may still save what there is; how it takes that is nobody's concern.
    pub fn fail(&mut self, message: &str, now: Instant) {
        report(&self.registration, &self.meter, message);
        self.dismiss(EndReason::Panic, now);
        if let Err(message) = contain(|| self.room.close(EndReason::Panic)) {
            report(&self.registration, &self.meter, &message);
        }
    }

    /// Takes the room out of the lobby and closes every connection, without a word to the game.
    fn dismiss(&mut self, reason: EndReason, now: Instant) {
        self.ending = true;
        self.registration.end(reason);
        self.arrivals.close();
        while let Some(arrival) = self.at_the_door.take().or_else(|| self.arrivals.next()) {
            self.registration.lobby().count_close(reason.into());
            self.goodbyes.push(Goodbye::to(arrival, reason.into(), now));
        }
        while !self.connections.is_empty() {
            drop(self.close(0, reason.into(), now));
        }
        self.held.clear();
        self.meter.flush(&self.room.stats(), now);
    }
}

/// Tells that a game has panicked.
pub(super) fn report(registration: &Registration, meter: &RoomMeter, message: &str) {
    let entry = registration.entry();
    meter.panic();
    tracing::error!(room = entry.id, game = entry.game, panic = message, "the game panicked");
}
