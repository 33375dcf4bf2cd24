//! Players and spectators who arrive: joins, resumes, and places to watch from.

use std::sync::Arc;
use std::time::Instant;

use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::net::pending_connection::PendingConnection;
use crate::net::shown_address::shown;
use crate::rooms::entry::players::Occupant;
use crate::rooms::entry::state::RoomState;
use crate::rooms::handle::{NewPlayer, NewSpectator, ReturnRight, ReturningPlayer};
use crate::rooms::request::account_of;
use crate::rooms::seats::seat::SpectatorKind;
use crate::rooms::seats::session::{NewSession, Proof, Session};
use crate::rooms::settings::SameAccount;
use crate::shard::connection::Connection;

use super::Driver;

impl Driver {
    /// Admits clients whose connections have arrived, as many as the step has time for. Clients with a seat come first.
    pub(super) fn admit_arrivals(&mut self, now: Instant) {
        self.arrived = 0;
        while self.arrived < self.arrivals_limit {
            if let Ok(player) = self.inbox.resumes.try_recv() {
                self.come_back(player, now);
            } else if let Ok(player) = self.inbox.joins.try_recv() {
                self.join(player, now);
            } else if let Ok(spectator) = self.inbox.spectators.try_recv() {
                self.spectate(spectator, now);
            } else {
                return;
            }
            self.arrived += 1;
        }
    }

    /// Clients whose connections wait to be admitted.
    #[must_use]
    pub fn arrivals_waiting(&self) -> usize {
        self.inbox.resumes.len() + self.inbox.joins.len() + self.inbox.spectators.len()
    }

    /// Seats a new player, or one whose account has the seat already.
    fn join(&mut self, NewPlayer { connection, joiner, seat }: NewPlayer, now: Instant) {
        let account = account_of(&joiner);
        let slot = Arc::clone(&connection.slot);
        let mut occupant = Occupant {
            name: joiner.name.as_str().into(),
            account: account.as_deref().map(Arc::from),
            ip: slot.ip(),
            hold: None,
        };
        // The front has checked it too, but the ban may be newer.
        if let Some(reason) = self.ban_reason(occupant.ip, occupant.account.as_deref(), now) {
            return self.refuse(connection, CloseReason::Banned, &reason, now);
        }
        // A seat that nobody else knows is a new one.
        if Arc::strong_count(&seat) > 1 {
            let proof = Proof::Seat(&seat);
            // The front has seen the seat held, but its player has come back since.
            if self.context.same_account == SameAccount::Refuse && self.is_connected(&proof) {
                let text = "your account plays in this room already";
                return self.refuse(connection, CloseReason::Refused, text, now);
            }
            if let Some(session) = self.take_session(&proof, now) {
                return self.resume(connection, session, &proof, None, now);
            }
        }
        self.make_seat();
        let player = self.room.join(joiner).expect("a seat is reserved and the name is checked");
        // With a number, if another player has the name.
        if let Some(name) = self.room.name(player) {
            occupant.name = name.into();
        }
        self.entry().change_state(RoomState::Created, RoomState::Open);
        self.context.metrics.count_joined();
        tracing::info!(room = self.id(), %player, name = &*occupant.name, client = shown(slot.ip()), "joined");
        #[cfg(feature = "faults")]
        self.expect_fault(&occupant.name, player);
        self.occupants.insert(player, occupant);
        self.newcomers.push(player);
        let room = Arc::clone(self.registration.room());
        let place = NewSession { player, account: account.as_deref(), seat, room };
        let session = Session::new(place, &self.context.tokens, slot);
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }

    /// Connects a player to their seat again.
    fn come_back(&mut self, ReturningPlayer { connection, right }: ReturningPlayer, now: Instant) {
        if let Some(reason) = self.ban_reason(connection.slot.ip(), None, now) {
            return self.refuse(connection, CloseReason::Banned, &reason, now);
        }
        match right {
            ReturnRight::Account { seat, joiner } => self.join(NewPlayer { connection, joiner, seat }, now),
            ReturnRight::Token { token, mirror_tick } => {
                let proof = Proof::Token(&token);
                let Some(session) = self.take_session(&proof, now) else {
                    // The session ended while the connection was on its way.
                    let reason = CloseReason::SessionEnded;
                    return self.refuse(connection, reason, reason.text(), now);
                };
                self.resume(connection, session, &proof, mirror_tick, now);
            }
        }
    }

    /// Returns true if the session that a proof is good for has a connection.
    fn is_connected(&self, proof: &Proof<'_>) -> bool {
        self.connections.iter().any(|connection| connection.session.accepts(proof))
    }

    /// Takes the session that a proof is good for: of a seat that is held, or of one whose older connection is not known to be
    /// lost yet, which is closed.
    fn take_session(&mut self, proof: &Proof<'_>, now: Instant) -> Option<Session> {
        if let Some(index) = self.held.iter().position(|held| held.session.accepts(proof)) {
            return Some(self.held.swap_remove(index).session);
        }
        let index = self.connections.iter().position(|connection| connection.session.accepts(proof))?;
        Some(self.close(index, CloseReason::TakenOver, CloseReason::TakenOver.text(), now))
    }

    /// Gives a session a new connection.
    fn resume(
        &mut self,
        connection: PendingConnection,
        mut session: Session,
        proof: &Proof<'_>,
        mirror_tick: Option<u32>,
        now: Instant,
    ) {
        session.set_held(false);
        session.rotate(proof, Arc::clone(&connection.slot));
        if let Some(occupant) = self.occupants.get_mut(&session.player) {
            occupant.ip = connection.slot.ip();
        }
        self.room.resume(session.player, mirror_tick);
        self.counts.resumes += 1;
        self.meter.resumes += 1;
        self.context.metrics.count_joined();
        tracing::info!(room = self.id(), player = %session.player, client = shown(connection.slot.ip()), "resumed");
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }

    /// Closes a connection that has just arrived.
    fn refuse(&mut self, connection: PendingConnection, reason: CloseReason, text: &str, now: Instant) {
        self.context.metrics.count_close(reason);
        self.closing.push(ClosingConnection::refuse_with_text(connection, reason, text, now));
    }

    /// Gives a spectator their place.
    fn spectate(&mut self, NewSpectator { connection, place }: NewSpectator, now: Instant) {
        if place.kind == SpectatorKind::Viewer {
            return self.add_viewer(NewSpectator { connection, place }, now);
        }
        let spectator = self.room.spectate().expect("a place is reserved");
        tracing::info!(room = self.id(), %spectator, client = shown(connection.slot.ip()), "spectates");
        let session = Session::of_spectator(spectator, place, Arc::clone(&connection.slot));
        self.connections.push(Connection::open(connection, session, self.context.limits, &self.room, now));
    }
}
