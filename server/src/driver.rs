//! A room's life on its shard: read, tick, write.

mod ending;
#[cfg(feature = "faults")]
pub mod faults;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use drumline_room::{EndReason, PlayerId, Room};

use crate::arrival::{Arrival, Joining, Resuming};
use crate::close::CloseReason;
use crate::connection::{Connection, Goodbye, Sent};
use crate::contain::contain;
use crate::lobby::Registration;
use crate::metrics::RoomMeter;
use crate::orders::Order;
use crate::room_entry::{Arrivals, PlayerListing};
use crate::room_state::RoomState;
use crate::sessions::Session;
use crate::shard::NewRoom;
use crate::socket::READ_BUFFER_BYTES;
use crate::spectators::Watching;
use ending::report;

/// How often the lobby is told how the players are doing.
const TELL_PERIOD: Duration = Duration::from_secs(1);

/// How long spectators wait at the most while all ticks are late.
const SHOW_PERIOD: Duration = Duration::from_secs(1);

/// A room and its players' connections. It reads no clock: whoever drives it says what time it is.
pub struct Driver {
    room: Room,
    arrivals: Arrivals,
    /// The socket of a player whom the game is being told of.
    at_the_door: Option<Arrival>,
    connections: Vec<Connection>,
    /// Seats of players whose connections are lost, and until when they are held.
    held: Vec<(Session, Instant)>,
    goodbyes: Vec<Goodbye>,
    /// Memory for what one player is sent.
    frames: Vec<u8>,
    snapshots_coalesced: u64,
    resumes: u64,
    /// When the lobby was last told how the players are doing.
    told: Instant,
    /// When the last tick was, and when spectators were last given anything.
    stepped: Instant,
    shown: Instant,
    /// When the room last had players.
    occupied: Instant,
    /// By when the room ends, if the server drains.
    deadline: Option<Instant>,
    /// Whether an operator wants the room to end with this tick.
    closing: bool,
    /// Whether only goodbyes are left to be said.
    ending: bool,
    /// What is counted for the metrics. What is in it when the driver is dropped is not lost.
    pub meter: RoomMeter,
    registration: Registration,
    /// What a test wants to go wrong.
    #[cfg(feature = "faults")]
    faulty: Option<faults::Faulty>,
}

impl Driver {
    /// Makes a room; none if its game panics, and then who has arrived is told so.
    #[must_use]
    pub fn open(new: NewRoom, now: Instant) -> Option<Self> {
        let NewRoom { registration, make, mut arrivals } = new;
        let meter = RoomMeter::new(registration.lobby().metrics().game(registration.entry().game), now);
        let room = contain(make).map_err(|message| {
            report(&registration, &meter, &message);
            registration.end(EndReason::Panic);
            arrivals.close();
            while let Some(arrival) = arrivals.next() {
                registration.lobby().count_close(CloseReason::RoomFailed);
                Goodbye::to(arrival, CloseReason::RoomFailed, now).say();
            }
        });
        let mut room = room.ok()?;
        room.set_ack_timeout(registration.lobby().limits().unacked_seconds);
        Some(Self {
            room,
            arrivals,
            at_the_door: None,
            connections: Vec::new(),
            held: Vec::new(),
            goodbyes: Vec::new(),
            frames: Vec::new(),
            snapshots_coalesced: 0,
            resumes: 0,
            told: now,
            stepped: now,
            shown: now,
            occupied: now,
            deadline: None,
            closing: false,
            ending: false,
            meter,
            #[cfg(feature = "faults")]
            faulty: registration.lobby().fault().map(faults::Faulty::new),
            registration,
        })
    }

    /// The room's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.registration.entry().id
    }

    /// Ticks a second.
    #[must_use]
    pub fn tick_rate_hz(&self) -> u32 {
        self.registration.entry().tick_rate_hz
    }

    /// Does everything that a tick asks for; whether there is to be another. There is none once the room has
    /// [ended](Self::end) and said its goodbyes.
    ///
    /// # Panics
    /// If the game does: the room has then [failed](Self::fail).
    pub fn step(&mut self, now: Instant) -> bool {
        if self.ending {
            self.say_goodbyes(now);
            return !self.goodbyes.is_empty();
        }
        #[cfg(feature = "faults")]
        if self.go_wrong(now) {
            return true;
        }
        self.admit(now);
        self.expire(now);
        self.obey(now);
        self.heed_drain(now);
        self.receive(now);
        self.room.tick();
        self.send(now);
        self.say_goodbyes(now);
        self.publish(now);
        match self.finding(now) {
            Some(reason) => self.end(reason, now),
            None => return true,
        }
        !self.goodbyes.is_empty()
    }

    /// Does what the room has been told to do.
    fn obey(&mut self, now: Instant) {
        for _ in 0..self.arrivals.orders.len() {
            match self.arrivals.orders.try_recv() {
                Ok(Order::Kick { player, reason }) => self.kick(player, &reason, now),
                Ok(Order::Close) => self.closing = true,
                Ok(Order::Lock(locked)) => self.room.lock(locked),
                Err(_) => return,
            }
        }
    }

    /// Sees a player off, if they are here or their seat is held.
    fn kick(&mut self, player: PlayerId, reason: &str, now: Instant) {
        let words = if reason.is_empty() { CloseReason::Kicked.text() } else { reason };
        let is_theirs = |session: &Session| session.player == player;
        if let Some(index) = self.connections.iter().position(|connection| is_theirs(&connection.session)) {
            let session = self.close_saying(index, (CloseReason::Kicked, words), now);
            self.free(session);
        } else if let Some(index) = self.held.iter().position(|(session, _)| is_theirs(session)) {
            let (session, _) = self.held.swap_remove(index);
            self.free(session);
        }
    }

    /// Takes in the players whose sockets have arrived.
    fn admit(&mut self, now: Instant) {
        while let Ok(joining) = self.arrivals.joining.try_recv() {
            self.join(joining, now);
        }
        // Unlike joins they bring no seats that could run out: no more than wait now, however fast others follow.
        for _ in 0..self.arrivals.resuming.len() {
            let Ok(resuming) = self.arrivals.resuming.try_recv() else { break };
            self.resume(resuming, now);
        }
        while let Ok(watching) = self.arrivals.watching.try_recv() {
            self.watch(watching, now);
        }
    }

    /// Gives a spectator their place.
    fn watch(&mut self, Watching { arrival, place }: Watching, now: Instant) {
        let spectator = self.room.spectate().expect("a place is reserved");
        tracing::info!(room = self.id(), %spectator, "looks on");
        let session = Session::of_spectator(place, spectator, Arc::clone(&arrival.permit));
        self.connections.push(Connection::open(arrival, session, &self.room, now));
    }

    /// Seats a new player.
    fn join(&mut self, Joining { arrival, joiner, seat }: Joining, now: Instant) {
        let name = joiner.name.clone();
        // Should the game panic, it is closed with the others.
        let arrival = self.at_the_door.insert(arrival);
        let permit = Arc::clone(&arrival.permit);
        let player = self.room.join(joiner).expect("a seat is reserved and the name is checked");
        self.registration.entry().change_state(RoomState::Created, RoomState::Open);
        self.registration.lobby().metrics().count_joined();
        tracing::info!(room = self.id(), %player, name, "joined");
        #[cfg(feature = "faults")]
        self.expect(&name, player);
        self.registration.entry().name_player(player, Some(name));
        let session = Session::new(seat, player, permit);
        let arrival = self.at_the_door.take().expect("it was just put there");
        self.connections.push(Connection::open(arrival, session, &self.room, now));
    }

    /// Gives a player who comes back their seat, also if it is not known yet that their older connection is lost.
    fn resume(&mut self, Resuming { arrival, token, mirror_tick }: Resuming, now: Instant) {
        let held = self.held.iter().position(|(session, _)| session.admits(token));
        let connected = || self.connections.iter().position(|connection| connection.session.admits(token));
        let mut session = if let Some(index) = held {
            self.held.swap_remove(index).0
        } else if let Some(index) = connected() {
            self.close(index, CloseReason::TakenOver, now)
        } else {
            // It has ended while they were on their way.
            self.registration.lobby().count_close(CloseReason::SessionEnded);
            return self.goodbyes.push(Goodbye::to(arrival, CloseReason::SessionEnded, now));
        };
        session.rotate(token, Arc::clone(&arrival.permit));
        self.room.resume(session.player, mirror_tick);
        self.resumes += 1;
        self.meter.resumes += 1;
        self.registration.lobby().metrics().count_joined();
        tracing::info!(room = self.id(), player = %session.player, "resumed");
        self.connections.push(Connection::open(arrival, session, &self.room, now));
    }

    /// Frees the seats that have been held for long enough.
    fn expire(&mut self, now: Instant) {
        while let Some(index) = self.held.iter().position(|(_, until)| now >= *until) {
            let (session, _) = self.held.swap_remove(index);
            self.free(session);
        }
    }

    /// Gives the room what has arrived from its players.
    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; READ_BUFFER_BYTES];
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            match connection.receive(&mut self.room, &mut buffer, now) {
                Ok(()) => index += 1,
                Err(reason) => self.part(index, reason, now),
            }
        }
    }

    /// Gives each player their snapshot, and then each spectator theirs. When the tick is late, spectators wait for the next.
    fn send(&mut self, now: Instant) {
        let is_late = now.duration_since(self.stepped) * 2 * self.tick_rate_hz() > Duration::from_secs(3);
        self.stepped = now;
        self.send_to(false, now);
        if !is_late || now.duration_since(self.shown) >= SHOW_PERIOD {
            self.shown = now;
            self.send_to(true, now);
        }
    }

    fn send_to(&mut self, spectators: bool, now: Instant) {
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            if connection.session.is_of_spectator() != spectators {
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
                // It is players who are not to wait.
                Ok(Sent::Coalesced) if spectators => {}
                Ok(Sent::Coalesced) => {
                    self.snapshots_coalesced += 1;
                    self.meter.coalesce();
                }
                Err(reason) => {
                    self.part(index, reason, now);
                    continue;
                }
            }
            index += 1;
        }
    }

    /// Sees a player's connection off, and frees their seat or, if it was the network's doing, holds it.
    fn part(&mut self, index: usize, reason: CloseReason, now: Instant) {
        let session = self.close(index, reason, now);
        match self.registration.lobby().sessions().hold() {
            Some(hold) if reason.is_of_network() && session.may_come_back() => {
                self.room.hold(session.player);
                self.held.push((session, now + hold));
            }
            _ => self.free(session),
        }
    }

    /// Closes a connection. What is left of it is the session.
    fn close(&mut self, index: usize, reason: CloseReason, now: Instant) -> Session {
        self.close_saying(index, (reason, reason.text()), now)
    }

    /// The same, in other words.
    fn close_saying(&mut self, index: usize, (reason, words): (CloseReason, &str), now: Instant) -> Session {
        let mut connection = self.connections.swap_remove(index);
        self.meter.traffic += connection.take_traffic();
        let (session, goodbye) = connection.part(reason, words, now);
        tracing::info!(room = self.id(), player = %session.player, reason = reason.name(), "connection ended");
        self.registration.lobby().count_close(reason);
        if reason != CloseReason::Lost {
            self.goodbyes.push(goodbye);
        }
        session
    }

    /// Frees a seat: in the room first, for who is given it by the lobby takes it at once.
    fn free(&mut self, session: Session) {
        self.room.leave(session.player);
        self.registration.entry().name_player(session.player, None);
        tracing::info!(room = self.id(), player = %session.player, "left");
        drop(session);
    }

    fn say_goodbyes(&mut self, now: Instant) {
        self.goodbyes.retain_mut(|goodbye| !goodbye.drain(now));
    }

    /// Shows the lobby where the room stands.
    fn publish(&mut self, now: Instant) {
        let stats = self.room.stats();
        let entry = self.registration.entry();
        entry.tick.store(self.room.current_tick(), Relaxed);
        if self.deadline.is_some() {
            entry.set_state(RoomState::Draining);
        } else if self.room.is_locked() {
            entry.set_state(RoomState::Locked);
        } else {
            entry.change_state(RoomState::Locked, RoomState::Open);
        }
        entry.held_seats.store(self.held.len() as u16, Relaxed);
        entry.resumes.store(self.resumes, Relaxed);
        entry.snapshots_coalesced.store(self.snapshots_coalesced, Relaxed);
        entry.inputs_dropped.store(stats.inputs.dropped() + stats.malformed_inputs, Relaxed);
        entry.mismatches_reported.store(stats.mismatches_reported, Relaxed);
        if self.meter.is_due(now) {
            entry.events_waiting.store(self.room.messages_waiting() as u32, Relaxed);
            self.meter.flush(&stats, now);
        }
        if now.duration_since(self.told) >= TELL_PERIOD
            && entry.tell_players(self.room.players().map(PlayerListing::new))
        {
            self.told = now;
        }
    }
}

#[cfg(test)]
mod tests;
