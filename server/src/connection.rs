//! One player's socket: messages in, snapshots out, never more than the socket takes.
//!
//! The socket is non-blocking and is touched only at its room's ticks: an input takes effect on a tick anyway,
//! so nothing is gained by waking up for it sooner.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::{Expulsion, PlayerId, Room};
use drumline_shared::input::KIND_INPUT;
use drumline_shared::messages::{ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control};
use drumline_shared::session::SessionToken;
use tokio::sync::OwnedSemaphorePermit;

use crate::close::CloseReason;
use crate::lobby::Seat;
use crate::socket::{Socket, Written, put_frame};

/// How often a connection is asked whether it is still there.
const PING_PERIOD: Duration = Duration::from_secs(5);
/// How long a connection may be silent; its pongs count as sound.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);
/// How long a connection may refuse data.
const BLOCKED_LIMIT: Duration = Duration::from_secs(10);
/// Messages read from one connection at one tick; the rest wait, and so does their sender.
const MAX_READS_PER_TICK: usize = 128;
/// The kernel's send buffer. What it holds is stale by the time it is read, so it is kept small.
const SEND_BUFFER_BYTES: usize = 16 * 1024;

/// A socket whose handshake is done, on its way to its room.
#[derive(Debug)]
pub struct Arrival {
    /// The socket, non-blocking.
    pub stream: TcpStream,
    /// What came after the handshake and is already read.
    pub leftover: Vec<u8>,
    /// The player's name, checked.
    pub name: String,
    /// The reserved seat.
    pub seat: Seat,
    /// The connection's place among all that the server holds.
    pub permit: Arc<OwnedSemaphorePermit>,
}

/// A player's connection.
#[derive(Debug)]
pub struct Connection {
    socket: Socket,
    /// The player's seat in the room.
    pub player: PlayerId,
    /// Since when the socket has refused all data.
    blocked_since: Option<Instant>,
    /// Whether it still had not taken what was sent on earlier ticks when it was last tried.
    behind: bool,
    heard: Instant,
    pinged: Instant,
    /// The reserved seat, until the goodbye.
    seat: Option<Seat>,
    _permit: Arc<OwnedSemaphorePermit>,
}

/// What a send step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The snapshot is on its way.
    Snapshot,
    /// The client has not taken earlier ones yet: this tick's is passed over.
    Coalesced,
}

impl Connection {
    /// Seats an arrival and queues its welcome.
    ///
    /// # Panics
    /// If the room has no seat for it: seats are reserved before.
    pub fn open(arrival: Arrival, room: &mut Room, now: Instant) -> Self {
        if let Err(error) = socket2::SockRef::from(&arrival.stream).set_send_buffer_size(SEND_BUFFER_BYTES) {
            tracing::debug!(%error, "the send buffer keeps its size");
        }
        let player = room.join(&arrival.name).expect("a seat is reserved and the name is checked");
        let mut socket = Socket::new(arrival.stream, arrival.leftover);
        socket.queue(&room.welcome(player, SessionToken([0; 16]), 0));
        Self {
            socket,
            player,
            blocked_since: None,
            behind: false,
            heard: now,
            pinged: now,
            seat: Some(arrival.seat),
            _permit: arrival.permit,
        }
    }

    /// Reads what has arrived and gives it to the room. `buffer` lends memory.
    ///
    /// # Errors
    /// The reason if the connection is over, or should be.
    pub fn receive(&mut self, room: &mut Room, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        // Who does not take data is not listened to either: every ping would add a pong to what waits.
        if !self.behind {
            self.read(room, buffer, now)?;
        }
        match room.verdict(self.player) {
            Some(Expulsion::TooSlow) => Err(CloseReason::TooSlow),
            Some(Expulsion::InputFlood) => Err(CloseReason::InputFlood),
            None if now.duration_since(self.heard) > SILENCE_LIMIT => Err(CloseReason::Silent),
            None => Ok(()),
        }
    }

    fn read(&mut self, room: &mut Room, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        let mut arrived = self.socket.read(buffer)?;
        for _ in 0..MAX_READS_PER_TICK {
            let Some(received) = self.socket.next(&mut arrived)? else { return Ok(()) };
            self.heard = now;
            if let Some(message) = received.message() {
                self.handle(message, room)?;
            }
        }
        self.socket.keep(&arrived);
        Ok(())
    }

    fn handle(&mut self, message: &[u8], room: &mut Room) -> Result<(), CloseReason> {
        match message.first() {
            Some(&KIND_INPUT) => {
                room.handle_input(self.player, message).map_err(|_| CloseReason::Malformed)?;
            }
            Some(&KIND_CONTROL) => match read_control(message).map_err(|_| CloseReason::Malformed)? {
                ClientMessage::Ping { nonce } => {
                    let pong = ServerMessage::Pong { nonce, tick: room.current_tick() };
                    self.socket.queue(&write_control(&pong));
                }
                ClientMessage::Ack { tick } => room.handle_ack(self.player, tick),
                ClientMessage::Resync { tick } => {
                    if room.handle_resync(self.player) {
                        tracing::warn!(player = %self.player, tick, "a client's mirror differs from the world");
                    }
                }
            },
            _ => return Err(CloseReason::Malformed),
        }
        Ok(())
    }

    /// Sends the events and the snapshot of the tick in one write, unless earlier ones have not been taken yet.
    /// `frames` lends memory.
    ///
    /// # Errors
    /// The reason if the connection is over, or should be.
    pub fn send(&mut self, room: &mut Room, frames: &mut Vec<u8>, now: Instant) -> Result<Sent, CloseReason> {
        self.behind = self.blocked_since.is_some() && !self.write(&[], now)?;
        if self.behind {
            return Ok(Sent::Coalesced);
        }
        frames.clear();
        while let Some(event) = room.poll_event(self.player) {
            put_frame(frames, &event);
        }
        let mut sent = Sent::Coalesced;
        if let Some(snapshot) = room.poll_snapshot(self.player) {
            put_frame(frames, snapshot);
            sent = Sent::Snapshot;
        }
        if now.duration_since(self.pinged) > PING_PERIOD {
            self.pinged = now;
            self.socket.queue_ping()?;
        }
        self.write(frames, now)?;
        Ok(sent)
    }

    /// Begins the goodbye of a player who has left the room; the connection is then to be [`drain`](Self::drain)ed. The seat is
    /// free at once, however long the goodbye takes.
    pub fn close(&mut self, reason: CloseReason) {
        self.seat = None;
        self.socket.close(reason.frame());
    }

    /// Carries on with the goodbye; whether it is over.
    pub fn drain(&mut self) -> bool {
        self.socket.drain()
    }

    /// Writes what waits and then `frames`; whether all of it has left.
    fn write(&mut self, frames: &[u8], now: Instant) -> Result<bool, CloseReason> {
        let written = self.socket.write(frames)?;
        match written {
            Written::All => self.blocked_since = None,
            // Slowly, but it takes data: that is a sign of life.
            Written::Part => (self.blocked_since, self.heard) = (Some(now), now),
            Written::Nothing => {
                let since = *self.blocked_since.get_or_insert(now);
                if now.duration_since(since) > BLOCKED_LIMIT {
                    return Err(CloseReason::TooSlow);
                }
            }
        }
        Ok(written == Written::All)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::socket::READ_BUFFER_BYTES;
    use crate::testing::{arrival, open_room};

    #[test]
    fn who_takes_no_pongs_gets_no_more_pings_in() {
        let (_lobby, new, seat) = open_room();
        let mut room = (new.make)();
        let (arrival, mut client) = arrival(seat);
        client.set_nonblocking(true).unwrap();
        let now = Instant::now();
        let mut connection = Connection::open(arrival, &mut room, now);
        let (mut buffer, mut frames) = ([0; READ_BUFFER_BYTES], Vec::new());
        // Pings of 125 bytes under a mask of zeros, as many as the buffers on the way take; nothing is ever read.
        let pings = [&[0x89, 0xfd, 0, 0, 0, 0][..], &[7; 125]].concat().repeat(64);
        let mut at = 0;
        let mut ticks = |count| {
            let mut taken = 0;
            for _ in 0..count {
                while let Ok(bytes) = client.write(&pings[at..]) {
                    taken += bytes;
                    at = (at + bytes) % pings.len();
                }
                connection.receive(&mut room, &mut buffer, now).unwrap();
                room.tick();
                connection.send(&mut room, &mut frames, now).unwrap();
            }
            taken
        };
        let at_first = ticks(250);
        let later = ticks(250);
        assert!(at_first > 100_000, "the buffers on the way take something: {at_first} bytes");
        assert_eq!(later, 0, "and once they are full, the server takes no more");
    }
}
