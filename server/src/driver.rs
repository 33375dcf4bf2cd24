//! A room's life on its shard: wait for the tick, read, tick, write.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::BytesMut;
use drumline_room::Room;
use drumline_shared::limits::MAX_TICK;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::clock::TickClock;
use crate::close::CloseReason;
use crate::connection::{Arrival, Connection, Sent};
use crate::lobby::Registration;
use crate::shard::NewRoom;

/// How long a room stays open without players.
const EMPTY_LIMIT: Duration = Duration::from_secs(30);
/// How long a closed connection may take for its goodbye.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// A room and its players' connections.
pub struct Driver {
    room: Room,
    arrivals: mpsc::Receiver<Arrival>,
    stop: watch::Receiver<bool>,
    connections: Vec<Connection>,
    /// Connections saying goodbye, and until when they may.
    draining: Vec<(Connection, Instant)>,
    /// Memory for messages; it is used again once the sockets have let go of it.
    arena: BytesMut,
    snapshots_coalesced: u64,
    registration: Registration,
}

impl Driver {
    /// Makes a room and runs it to its end.
    pub async fn run_new(new: NewRoom, stop: watch::Receiver<bool>) {
        // The registration comes first: if making the room panics, it is dropped, and the room is gone from the lobby.
        let NewRoom { registration, make, arrivals } = new;
        let driver = Self {
            room: make(),
            arrivals,
            stop,
            connections: Vec::new(),
            draining: Vec::new(),
            arena: BytesMut::new(),
            snapshots_coalesced: 0,
            registration,
        };
        driver.run().await;
    }

    /// Runs the room until it has been empty for a while, or the server stops.
    async fn run(mut self) {
        let mut clock = TickClock::new(Instant::now(), self.registration.entry().tick_rate_hz);
        let mut occupied = Instant::now();
        while !*self.stop.borrow() && self.room.current_tick() < MAX_TICK {
            clock.wait().await;
            let now = Instant::now();
            self.admit(now);
            self.receive(now);
            self.room.tick();
            self.send(now);
            self.drain(now);
            self.publish();
            if !self.connections.is_empty() {
                occupied = now;
            } else if now.duration_since(occupied) > EMPTY_LIMIT && self.registration.retire() {
                break;
            }
        }
        self.say_goodbye().await;
        if clock.skipped() > 0 {
            tracing::warn!(
                room = self.registration.entry().id,
                skipped = clock.skipped(),
                "ticks were skipped"
            );
        }
    }

    /// Seats the players whose sockets have arrived.
    fn admit(&mut self, now: Instant) {
        while let Ok(arrival) = self.arrivals.try_recv() {
            let name = arrival.name.clone();
            match Connection::open(arrival, &mut self.room, now) {
                Ok(connection) => {
                    tracing::info!(room = self.registration.entry().id, player = %connection.player, name, "joined");
                    self.connections.push(connection);
                }
                Err(reason) => self.registration.lobby().count_close(reason),
            }
        }
    }

    /// Gives the room what has arrived from its players.
    fn receive(&mut self, now: Instant) {
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            match connection.receive(&mut self.room, now) {
                Ok(()) => index += 1,
                Err(reason) => self.part(index, reason, now),
            }
        }
    }

    /// Gives each player their snapshot.
    fn send(&mut self, now: Instant) {
        let mut index = 0;
        while let Some(connection) = self.connections.get_mut(index) {
            match connection.send(&mut self.room, &mut self.arena, now) {
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

    /// Closes every connection, and waits for their goodbyes as long as it may.
    async fn say_goodbye(&mut self) {
        let now = Instant::now();
        self.admit(now);
        while !self.connections.is_empty() {
            self.part(0, CloseReason::ServerStopping, now);
        }
        while !self.draining.is_empty() {
            sleep(Duration::from_millis(5)).await;
            self.drain(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use tokio::task::LocalSet;

    use super::*;
    use crate::lobby::Seat;
    use crate::testing::{arrival, open_room};

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_silent_for_too_long_is_closed() {
        let (lobby, room, seat) = open_room();
        let (arrival, mut client) = arrival(seat);
        Seat::send(arrival);
        let (stop, stopped) = watch::channel(false);
        let local = LocalSet::new();
        let run = local.spawn_local(Driver::run_new(room, stopped));
        // The client reads nothing, so it answers no ping.
        local.run_until(sleep(Duration::from_secs(17))).await;
        assert_eq!(lobby.listing().closes.get("silent"), Some(&1));
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        let reason = CloseReason::Silent.text();
        let close_frame =
            [&[0x88, 2 + reason.len() as u8][..], &4003u16.to_be_bytes(), reason.as_bytes()].concat();
        assert!(received.ends_with(&close_frame));
        stop.send_replace(true);
        local.await;
        run.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_room_closes_after_a_while() {
        let (lobby, room, seat) = open_room();
        drop(seat);
        let (_stop, stopped) = watch::channel(false);
        let opened = Instant::now();
        assert_eq!(lobby.listing().rooms.len(), 1);
        Driver::run_new(room, stopped).await;
        assert!(opened.elapsed() > EMPTY_LIMIT);
        assert_eq!(lobby.listing().rooms.len(), 0);
    }
}
