//! A room's life on its shard: read, tick, write.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use drumline_room::Room;
use drumline_shared::limits::MAX_TICK;
use tokio::sync::mpsc;

use crate::close::CloseReason;
use crate::connection::{Arrival, Connection, Sent};
use crate::lobby::Registration;
use crate::shard::NewRoom;
use crate::socket::READ_BUFFER_BYTES;

/// How long a room stays open without players.
const EMPTY_LIMIT: Duration = Duration::from_secs(30);
/// How long a closed connection may take for its goodbye.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// A room and its players' connections. It reads no clock: whoever drives it says what time it is.
pub struct Driver {
    room: Room,
    arrivals: mpsc::Receiver<Arrival>,
    connections: Vec<Connection>,
    /// Connections saying goodbye, and until when they may.
    draining: Vec<(Connection, Instant)>,
    /// Memory for what one player is sent.
    frames: Vec<u8>,
    snapshots_coalesced: u64,
    /// When the room last had players.
    occupied: Instant,
    /// Whether only goodbyes are left to be said.
    ending: bool,
    registration: Registration,
}

impl Driver {
    /// Makes a room.
    #[must_use]
    pub fn new(new: NewRoom, now: Instant) -> Self {
        // The registration comes first: if making the room panics, it is dropped, and the room is gone from the lobby.
        let NewRoom { registration, make, arrivals } = new;
        Self {
            room: make(),
            arrivals,
            connections: Vec::new(),
            draining: Vec::new(),
            frames: Vec::new(),
            snapshots_coalesced: 0,
            occupied: now,
            ending: false,
            registration,
        }
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

    /// Does everything that a tick asks for; whether there is to be another. There is none once the room has been empty for a
    /// while, or has [ended](Self::end) and said its goodbyes.
    pub fn step(&mut self, now: Instant) -> bool {
        if self.ending {
            self.drain(now);
            return !self.draining.is_empty();
        }
        self.admit(now);
        self.receive(now);
        self.room.tick();
        self.send(now);
        self.drain(now);
        self.publish();
        if self.room.current_tick() == MAX_TICK {
            self.end(now);
            return true;
        }
        if !self.connections.is_empty() {
            self.occupied = now;
        }
        now.duration_since(self.occupied) <= EMPTY_LIMIT || !self.registration.retire()
    }

    /// Begins the end of the room: closes every connection. What is left are the next steps' goodbyes.
    pub fn end(&mut self, now: Instant) {
        self.ending = true;
        self.admit(now);
        while !self.connections.is_empty() {
            self.part(0, CloseReason::ServerStopping, now);
        }
    }

    /// Seats the players whose sockets have arrived.
    fn admit(&mut self, now: Instant) {
        while let Ok(arrival) = self.arrivals.try_recv() {
            let name = arrival.name.clone();
            let connection = Connection::open(arrival, &mut self.room, now);
            tracing::info!(room = self.registration.entry().id, player = %connection.player, name, "joined");
            self.connections.push(connection);
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

    /// Gives each player their snapshot.
    fn send(&mut self, now: Instant) {
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            match connection.send(&mut self.room, &mut self.frames, now) {
                Ok(Sent::Snapshot) => index += 1,
                Ok(Sent::Coalesced) => {
                    self.snapshots_coalesced += 1;
                    index += 1;
                }
                Err(reason) => self.part(index, reason, now),
            }
        }
    }

    /// Frees a player's seat and sees their connection off.
    fn part(&mut self, index: usize, reason: CloseReason, now: Instant) {
        let mut connection = self.connections.swap_remove(index);
        tracing::info!(room = self.registration.entry().id, player = %connection.player, reason = reason.name(), "left");
        self.registration.lobby().count_close(reason);
        self.room.leave(connection.player);
        if reason != CloseReason::Lost {
            connection.close(reason);
            self.draining.push((connection, now + DRAIN_LIMIT));
        }
    }

    fn drain(&mut self, now: Instant) {
        self.draining.retain_mut(|(connection, until)| !connection.drain() && now < *until);
    }

    /// Shows the lobby where the room stands.
    fn publish(&self) {
        let stats = self.room.stats();
        let entry = self.registration.entry();
        entry.tick.store(self.room.current_tick(), Relaxed);
        entry.snapshots_coalesced.store(self.snapshots_coalesced, Relaxed);
        entry.inputs_dropped.store(stats.inputs.dropped() + stats.malformed_inputs, Relaxed);
        entry.mismatches_reported.store(stats.mismatches_reported, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::lobby::Seat;
    use crate::testing::{arrival, open_room};

    const PERIOD: Duration = Duration::from_nanos(33_333_333);

    #[test]
    fn a_client_that_is_silent_for_too_long_is_closed() {
        let (lobby, room, seat) = open_room();
        let (arrival, mut client) = arrival(seat);
        Seat::send(arrival);
        let mut now = Instant::now();
        let limit = now + Duration::from_secs(17);
        let mut driver = Driver::new(room, now);
        // The client reads nothing, so it answers no ping.
        while now < limit {
            now += PERIOD;
            assert!(driver.step(now));
        }
        assert_eq!(lobby.listing().closes.get("silent"), Some(&1));
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        let reason = CloseReason::Silent.text();
        let close_frame =
            [&[0x88, 2 + reason.len() as u8][..], &4003u16.to_be_bytes(), reason.as_bytes()].concat();
        assert!(received.ends_with(&close_frame));
    }

    #[test]
    fn an_empty_room_closes_after_a_while() {
        let (lobby, room, seat) = open_room();
        drop(seat);
        let opened = Instant::now();
        let mut now = opened;
        let mut driver = Driver::new(room, now);
        assert_eq!(lobby.listing().rooms.len(), 1);
        while driver.step(now) {
            now += PERIOD;
        }
        let open_for = now - opened;
        assert!(open_for > EMPTY_LIMIT && open_for <= EMPTY_LIMIT + PERIOD, "{open_for:?}");
        assert_eq!(lobby.listing().rooms.len(), 0);
    }

    #[test]
    fn a_room_that_ends_waits_for_goodbyes_but_not_for_ever() {
        let (lobby, room, seat) = open_room();
        let (arrival, client) = arrival(seat);
        Seat::send(arrival);
        let start = Instant::now();
        let mut driver = Driver::new(room, start);
        assert!(driver.step(start));
        driver.end(start);
        assert_eq!(lobby.listing().closes.get("server_stopping"), Some(&1));
        // The client says nothing.
        assert!(driver.step(start + DRAIN_LIMIT / 2));
        assert!(!driver.step(start + DRAIN_LIMIT));
        drop(client);
    }
}
