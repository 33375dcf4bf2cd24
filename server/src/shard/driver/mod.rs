//! A room's life on its shard. Each step reads, ticks and writes, in the order of [`Driver::step`].

mod actions;
mod arrivals;
mod bans;
mod clamped;
mod ending;
#[cfg(feature = "faults")]
mod faults;
mod publishing;
mod sleeping;
mod viewers;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use drumline_room::{PlayerId, Room};

use crate::measure::metrics::RoomMeter;
use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::net::connection_slot::LentPlace;
use crate::net::shown_address::shown;
use crate::net::websocket::READ_BUFFER_BYTES;
use crate::rooms::context::RoomContext;
use crate::rooms::entry::RoomEntry;
use crate::rooms::entry::players::Occupant;
use crate::rooms::handle::RoomInbox;
use crate::rooms::operator_command::OperatorCommand;
use crate::rooms::registration::Registration;
use crate::rooms::seats::session::Session;

use super::connection::{Connection, Parted, Sent};
use super::jobs::RoomJobs;
use super::new_room::{ReadyRoom, RoomParts};
use actions::SeatedBot;
use bans::{AppliedBans, RoomBan};
use clamped::ClampedReport;
use publishing::Counts;
use sleeping::Sleeper;
use viewers::Viewers;

/// The longest time that spectators wait for a snapshot while all ticks are late.
const SPECTATOR_PERIOD: Duration = Duration::from_secs(1);

/// A room and its connections. It reads no clock: its caller passes the time.
pub struct Driver {
    room: Room,
    inbox: RoomInbox,
    /// The most clients that the next step admits; the others wait.
    pub arrivals_limit: usize,
    /// Clients that the last step has admitted.
    pub arrived: usize,
    context: RoomContext,
    connections: Vec<Connection>,
    held: Vec<HeldSeat>,
    /// The persons in the seats, held ones included.
    occupants: BTreeMap<PlayerId, Occupant>,
    bans: AppliedBans,
    /// Players whom the game has not let in or refused yet.
    newcomers: Vec<PlayerId>,
    /// Players whom the game has banned.
    room_bans: Vec<RoomBan>,
    /// The bots that the game has seated.
    bots: Vec<SeatedBot>,
    /// The game's work outside.
    jobs: RoomJobs,
    audience: Viewers,
    closing: Vec<ClosingConnection>,
    /// Memory for the frames of one client.
    frames: Vec<u8>,
    counts: Counts,
    clamped: ClampedReport,
    /// The start of the last step.
    stepped_at: Instant,
    spectators_sent_at: Instant,
    /// The last time at which the room had players.
    occupied_at: Instant,
    sleeper: Sleeper,
    /// The time by which the room ends; `None` if the server does not drain.
    deadline: Option<Instant>,
    /// True if an operator wants the room to end with this tick.
    is_closed_by_operator: bool,
    /// True once the room has ended and only closing connections are left.
    has_ended: bool,
    /// The room's counters for the metrics. They are not lost when the driver is dropped.
    pub meter: RoomMeter,
    registration: Registration,
    #[cfg(feature = "faults")]
    injector: Option<faults::FaultInjector>,
}

/// A seat held for a player whose connection is lost.
struct HeldSeat {
    session: Session,
    /// The loss of the connection.
    since: Instant,
    until: Instant,
    /// The place for the player's way back, if all slots are taken.
    _lent: LentPlace,
}

/// Whether a room has another step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is another step, at the next deadline.
    Continues,
    /// There was no tick, because the room sleeps, and there is another step.
    Sleeps,
    /// The room has [ended](Driver::end) and all its connections are closed: the driver can be dropped.
    Ended,
}

impl Driver {
    /// The driver of a room that has just been made.
    #[must_use]
    pub fn open(ready: ReadyRoom, now: Instant) -> Self {
        let ReadyRoom { mut room, parts: RoomParts { registration, inbox, context, jobs } } = ready;
        room.set_ack_timeout(context.limits.unacked_seconds);
        let meter = RoomMeter::new(registration.metrics(), now);
        Self {
            room,
            inbox,
            arrivals_limit: usize::MAX,
            arrived: 0,
            connections: Vec::new(),
            held: Vec::new(),
            occupants: BTreeMap::new(),
            bans: AppliedBans::default(),
            newcomers: Vec::new(),
            room_bans: Vec::new(),
            bots: Vec::new(),
            jobs,
            audience: Viewers::default(),
            closing: Vec::new(),
            frames: Vec::new(),
            counts: Counts::new(now),
            clamped: ClampedReport::default(),
            stepped_at: now,
            spectators_sent_at: now,
            occupied_at: now,
            sleeper: Sleeper::new(now),
            deadline: None,
            is_closed_by_operator: false,
            has_ended: false,
            meter,
            #[cfg(feature = "faults")]
            injector: context.fault.as_ref().map(faults::FaultInjector::new),
            context,
            registration,
        }
    }

    fn entry(&self) -> &RoomEntry {
        self.registration.entry()
    }

    /// The room's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.entry().id
    }

    /// Ticks a second.
    #[must_use]
    pub fn tick_rate_hz(&self) -> u32 {
        self.entry().tick_rate_hz
    }

    /// Does all of a tick's work.
    ///
    /// # Panics
    /// If the game does: the caller then lets the room [fail](Self::fail).
    pub fn step(&mut self, now: Instant) -> Progress {
        if self.has_ended {
            self.poll_closing(now);
            return self.progress();
        }
        #[cfg(feature = "faults")]
        if self.inject_faults(now) == faults::Injected::Delay {
            return Progress::Continues;
        }
        self.apply_bans(now);
        self.admit_arrivals(now);
        self.expire_held(now);
        self.carry_out_commands(now);
        self.apply_drain(now);
        self.take_outcomes();
        self.receive(now);
        self.receive_from_viewers(now);
        let ticks = self.ticks_now(now);
        if ticks {
            self.room.tick();
            self.log_refused_sends();
            let actions = self.remove_refused(now);
            self.announce_newcomers();
            self.send(now);
            self.send_to_viewers(now);
            self.carry_out_actions(actions, now);
        }
        self.poll_closing(now);
        self.publish(now);
        if let Some(reason) = self.end_reason(now) {
            self.end(reason, now);
        }
        if ticks || self.has_ended { self.progress() } else { Progress::Sleeps }
    }

    fn carry_out_commands(&mut self, now: Instant) {
        // No more than wait now: an operator who sends many must not hold up the tick.
        for _ in 0..self.inbox.commands.len() {
            match self.inbox.commands.try_recv() {
                Ok(OperatorCommand::Kick { player, reason }) => self.kick(player, &reason, now),
                Ok(OperatorCommand::Close) => self.is_closed_by_operator = true,
                Ok(OperatorCommand::Lock(locked)) => self.room.lock(locked),
                Err(_) => return,
            }
        }
    }

    /// Removes a player whom an operator kicks.
    fn kick(&mut self, player: PlayerId, reason: &str, now: Instant) {
        let text = if reason.is_empty() { CloseReason::Kicked.text() } else { reason };
        self.remove(player, CloseReason::Kicked, text, now);
    }

    /// Removes a player, connected or not.
    fn remove(&mut self, player: PlayerId, reason: CloseReason, text: &str, now: Instant) {
        let is_theirs = |session: &Session| session.player == player;
        if let Some(index) = self.connections.iter().position(|connection| is_theirs(&connection.session)) {
            let session = self.close(index, reason, text, now);
            self.free(session);
        } else if let Some(index) = self.held.iter().position(|held| is_theirs(&held.session)) {
            let held = self.held.swap_remove(index);
            self.free(held.session);
        }
    }

    /// Passes the clients' messages to the room.
    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; READ_BUFFER_BYTES];
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            match connection.receive(&mut self.room, &mut buffer, now) {
                Ok(()) => index += 1,
                // The last connection moves to this index.
                Err(reason) => self.disconnect(index, reason, now),
            }
        }
    }

    /// Sends each player their snapshot, and then each spectator theirs. If the tick is late, spectators wait for the next.
    fn send(&mut self, now: Instant) {
        // Late: the last step began more than one and a half periods ago.
        let is_late = now.duration_since(self.stepped_at) * 2 * self.tick_rate_hz() > Duration::from_secs(3);
        self.stepped_at = now;
        self.send_to(Recipients::Players, now);
        if !is_late || now.duration_since(self.spectators_sent_at) >= SPECTATOR_PERIOD {
            self.spectators_sent_at = now;
            self.send_to(Recipients::Spectators, now);
        }
    }

    fn send_to(&mut self, recipients: Recipients, now: Instant) {
        let is_to_spectators = recipients == Recipients::Spectators;
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            if connection.session.is_spectator() != is_to_spectators {
                index += 1;
                continue;
            }
            if let Some(slack) = self.room.slack_ticks(connection.player()) {
                self.meter.slack(slack);
            }
            let sent = connection.send(&mut self.room, &mut self.frames, now);
            self.meter.traffic += connection.take_traffic();
            match sent {
                Ok(Sent::Snapshot) => self.meter.snapshots_sent += 1,
                // The figure is about players: spectators may be slow.
                Ok(Sent::Coalesced) if is_to_spectators => {}
                Ok(Sent::Coalesced) => {
                    self.counts.snapshots_coalesced += 1;
                    self.meter.coalesce();
                }
                Err(reason) => {
                    self.disconnect(index, reason, now);
                    continue;
                }
            }
            index += 1;
        }
    }

    /// Closes a connection. Its seat is held or freed, as the reason says.
    fn disconnect(&mut self, index: usize, reason: CloseReason, now: Instant) {
        let session = self.close(index, reason, reason.text(), now);
        match self.hold_time(session.player, reason) {
            Some(time) if session.can_resume() => {
                self.room.hold(session.player);
                session.set_held(true);
                let lent = self.context.returns.lend();
                self.held.push(HeldSeat { session, since: now, until: now + time, _lent: lent });
            }
            _ => self.free(session),
        }
    }

    /// The time for which a player's seat is held; `None` if it is not.
    fn hold_time(&self, player: PlayerId, reason: CloseReason) -> Option<Duration> {
        let usual = self.context.tokens.hold_time(reason.hold())?;
        let by_game = self.occupants.get(&player).and_then(|occupant| occupant.hold);
        Some(by_game.unwrap_or(usual)).filter(|time| !time.is_zero())
    }

    /// Closes a connection and returns its session.
    fn close(&mut self, index: usize, reason: CloseReason, text: &str, now: Instant) -> Session {
        let mut connection = self.connections.swap_remove(index);
        self.meter.traffic += connection.take_traffic();
        let Parted { session, closing } = connection.part(reason, text, now);
        let occupant = self.occupants.get(&session.player);
        let client = shown(occupant.map_or_else(|| session.slot().ip(), |occupant| occupant.ip));
        tracing::info!(room = self.id(), player = %session.player, reason = reason.name(), client, "connection ended");
        self.context.metrics.count_close(reason);
        // There is nobody to send a close frame to over a lost connection.
        if reason != CloseReason::Lost {
            self.closing.push(closing);
        }
        session
    }

    /// Frees the seats that have been held for long enough.
    fn expire_held(&mut self, now: Instant) {
        while let Some(index) = self.held.iter().position(|held| now >= held.until) {
            let held = self.held.swap_remove(index);
            self.free(held.session);
        }
    }

    /// Frees a seat: in the room first, because the next player of this seat may join at once.
    fn free(&mut self, session: Session) {
        self.room.leave(session.player);
        if let Some(occupant) = self.occupants.remove(&session.player) {
            self.announce_leave(session.player, &occupant);
        }
        tracing::info!(room = self.id(), player = %session.player, "left");
        drop(session);
    }

    fn poll_closing(&mut self, now: Instant) {
        self.closing.retain_mut(|connection| connection.poll(now).is_pending());
    }

    fn progress(&self) -> Progress {
        if self.has_ended && self.closing.is_empty() { Progress::Ended } else { Progress::Continues }
    }
}

/// The connections that a send is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipients {
    Players,
    Spectators,
}

#[cfg(test)]
mod tests;
