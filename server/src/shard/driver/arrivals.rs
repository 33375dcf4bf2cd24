//! Players and spectators who arrive: joins, resumes, and places to watch from.

use std::sync::Arc;
use std::time::Instant;

use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::rooms::entry::state::RoomState;
use crate::rooms::handle::{NewPlayer, NewSpectator, ReturningPlayer};
use crate::rooms::seats::session::Session;
use crate::shard::connection::Connection;

use super::Driver;

impl Driver {
    /// Admits the clients whose connections have arrived.
    pub(super) fn admit_arrivals(&mut self, now: Instant) {
        while let Ok(player) = self.inbox.joins.try_recv() {
            self.join(player, now);
        }
        // Joins end with the free seats, but resumes bring no seats: no more than wait now, however fast others follow.
        for _ in 0..self.inbox.resumes.len() {
            let Ok(player) = self.inbox.resumes.try_recv() else { break };
            self.resume(player, now);
        }
        while let Ok(spectator) = self.inbox.spectators.try_recv() {
            self.spectate(spectator, now);
        }
    }

    /// Seats a new player.
    fn join(&mut self, NewPlayer { connection, joiner, seat }: NewPlayer, now: Instant) {
        let name = joiner.name.clone();
        let slot = Arc::clone(&connection.slot);
        let player = self.room.join(joiner).expect("a seat is reserved and the name is checked");
        self.entry().change_state(RoomState::Created, RoomState::Open);
        self.context.metrics.count_joined();
        tracing::info!(room = self.id(), %player, name, "joined");
        #[cfg(feature = "faults")]
        self.expect_fault(&name, player);
        self.names.insert(player, name.into());
        let room = Arc::clone(self.registration.room());
        let session = Session::new(player, seat, room, &self.context.tokens, slot);
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }

    /// Connects a player to their seat again: one that is held, or one whose older connection is not known to be lost yet.
    fn resume(&mut self, ReturningPlayer { connection, token, mirror_tick }: ReturningPlayer, now: Instant) {
        let held = self.held.iter().position(|held| held.session.accepts(token));
        let connected = || self.connections.iter().position(|connection| connection.session.accepts(token));
        let mut session = if let Some(index) = held {
            self.held.swap_remove(index).session
        } else if let Some(index) = connected() {
            self.close(index, CloseReason::TakenOver, CloseReason::TakenOver.text(), now)
        } else {
            // The session ended while the connection was on its way.
            self.context.metrics.count_close(CloseReason::SessionEnded);
            return self.closing.push(ClosingConnection::refuse(connection, CloseReason::SessionEnded, now));
        };
        session.rotate(token, Arc::clone(&connection.slot));
        self.room.resume(session.player, mirror_tick);
        self.counts.resumes += 1;
        self.meter.resumes += 1;
        self.context.metrics.count_joined();
        tracing::info!(room = self.id(), player = %session.player, "resumed");
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }

    /// Gives a spectator their place.
    fn spectate(&mut self, NewSpectator { connection, place }: NewSpectator, now: Instant) {
        let spectator = self.room.spectate().expect("a place is reserved");
        tracing::info!(room = self.id(), %spectator, "spectates");
        let session = Session::of_spectator(spectator, place, Arc::clone(&connection.slot));
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }
}
