//! One player's socket: messages in, snapshots out, never more than the socket takes.
//!
//! The socket is non-blocking and is touched only at its room's ticks: an input takes effect on a tick anyway,
//! so nothing is gained by waking up for it sooner.

use std::io::{ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use drumline_room::{Expulsion, PlayerId, Room};
use drumline_shared::input::KIND_INPUT;
use drumline_shared::limits::{MAX_CLIENT_MESSAGE_BYTES, MAX_SERVER_MESSAGE_BYTES};
use drumline_shared::messages::{ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control};
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use crate::close::CloseReason;
use crate::lobby::Seat;
use crate::socket::Socket;

/// How often a connection is asked whether it is still there.
const PING_PERIOD: Duration = Duration::from_secs(5);
/// How long a connection may be silent; its pongs count as sound.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);
/// How long a connection may refuse data.
const BLOCKED_LIMIT: Duration = Duration::from_secs(10);
/// Messages read from one connection at one tick; the rest wait in the kernel, and so does their sender.
const MAX_READS_PER_TICK: usize = 128;
/// Bytes read from one connection at one tick: what an honest client sends in seconds.
const MAX_READ_BYTES_PER_TICK: usize = 16 * 1024;
/// Read at once: room for some twenty inputs. Each connection has a buffer of this size for as long as no message
/// is longer, and the library fills it with zeros before every read, so it is kept small.
const READ_BUFFER_BYTES: usize = 512;
/// The kernel's send buffer. What it holds is stale by the time it is read, so it is kept small too.
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
    socket: WebSocket<Socket>,
    /// The player's seat in the room.
    pub player: PlayerId,
    /// Since when the socket has refused data.
    blocked_since: Option<Instant>,
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
    /// # Errors
    /// The reason if the connection is already broken.
    pub fn open(arrival: Arrival, room: &mut Room, now: Instant) -> Result<Self, CloseReason> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(SEND_BUFFER_BYTES)
            .max_write_buffer_size(2 * MAX_SERVER_MESSAGE_BYTES)
            .max_message_size(Some(MAX_CLIENT_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_CLIENT_MESSAGE_BYTES));
        if let Err(error) = socket2::SockRef::from(&arrival.stream).set_send_buffer_size(SEND_BUFFER_BYTES) {
            tracing::debug!(%error, "the send buffer keeps its size");
        }
        let socket = WebSocket::from_partially_read(
            Socket::new(arrival.stream),
            arrival.leftover,
            Role::Server,
            Some(config),
        );
        let player = room.join(&arrival.name).expect("a seat is reserved and the name is checked");
        let mut connection = Self {
            socket,
            player,
            blocked_since: None,
            heard: now,
            pinged: now,
            seat: Some(arrival.seat),
            _permit: arrival.permit,
        };
        let welcome = Bytes::from(room.welcome(player));
        match connection.queue(Message::Binary(welcome)) {
            Ok(()) => Ok(connection),
            Err(reason) => {
                room.leave(player);
                Err(reason)
            }
        }
    }

    /// Reads what has arrived and gives it to the room.
    ///
    /// # Errors
    /// The reason if the connection is over, or should be.
    pub fn receive(&mut self, room: &mut Room, now: Instant) -> Result<(), CloseReason> {
        // Who does not take data is not listened to either: every ping would add a pong to what waits.
        let reads = if self.blocked_since.is_some() { 0 } else { MAX_READS_PER_TICK };
        self.socket.get_mut().grant(MAX_READ_BYTES_PER_TICK);
        for _ in 0..reads {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(reason_of(&error)),
            };
            self.heard = now;
            match message {
                Message::Binary(bytes) => self.handle(&bytes, room)?,
                Message::Text(_) => return Err(CloseReason::TextMessage),
                Message::Close(_) => return Err(CloseReason::Left),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        match room.verdict(self.player) {
            Some(Expulsion::TooSlow) => Err(CloseReason::TooSlow),
            Some(Expulsion::InputFlood) => Err(CloseReason::InputFlood),
            None if now.duration_since(self.heard) > SILENCE_LIMIT => Err(CloseReason::Silent),
            None => Ok(()),
        }
    }

    fn handle(&mut self, message: &[u8], room: &mut Room) -> Result<(), CloseReason> {
        match message.first() {
            Some(&KIND_INPUT) => {
                room.handle_input(self.player, message).map_err(|_| CloseReason::Malformed)?;
            }
            Some(&KIND_CONTROL) => match read_control(message).map_err(|_| CloseReason::Malformed)? {
                ClientMessage::Ping { nonce } => {
                    let pong = ServerMessage::Pong { nonce, tick: room.current_tick() };
                    self.queue(Message::Binary(write_control(&pong).into()))?;
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
    /// `arena` lends memory.
    ///
    /// # Errors
    /// The reason if the connection is over, or should be.
    pub fn send(&mut self, room: &mut Room, arena: &mut BytesMut, now: Instant) -> Result<Sent, CloseReason> {
        if self.blocked_since.is_some() && !self.flush(now)? {
            return Ok(Sent::Coalesced);
        }
        while let Some(event) = room.poll_event(self.player) {
            self.queue(Message::Binary(event))?;
        }
        let snapshot = room.poll_frame(self.player);
        if let Some(snapshot) = &snapshot {
            arena.extend_from_slice(&snapshot.prefix);
            arena.extend_from_slice(&snapshot.body);
            self.queue(Message::Binary(arena.split().freeze()))?;
        }
        if now.duration_since(self.pinged) > PING_PERIOD {
            self.pinged = now;
            self.queue(Message::Ping(Bytes::new()))?;
        }
        self.flush(now)?;
        Ok(if snapshot.is_some() { Sent::Snapshot } else { Sent::Coalesced })
    }

    /// Begins the goodbye of a player who has left the room; the connection is then to be [`drain`](Self::drain)ed. The seat is
    /// free at once, however long the goodbye takes.
    pub fn close(&mut self, reason: CloseReason) {
        self.seat = None;
        // Whatever fails here, the connection is dropped after its time to drain.
        let _ = self.socket.close(Some(reason.frame()));
    }

    /// Carries on with the goodbye; whether it is over. What still arrives is thrown away unread: after an
    /// error the library's reader must not be used again, and a socket closed on unread data would cut off the
    /// close frame.
    pub fn drain(&mut self) -> bool {
        if matches!(self.socket.flush(), Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock) {
            return false;
        }
        let stream = self.socket.get_mut().stream();
        if stream.shutdown(Shutdown::Write).is_err() {
            return true;
        }
        let mut thrown_away = [0; 1024];
        for _ in 0..MAX_READS_PER_TICK {
            match stream.read(&mut thrown_away) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != ErrorKind::WouldBlock,
            }
        }
        false
    }

    fn queue(&mut self, message: Message) -> Result<(), CloseReason> {
        match self.socket.write(message) {
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(reason_of(&error)),
            Ok(()) => Ok(()),
        }
    }

    /// Writes what is queued; whether all of it has left.
    fn flush(&mut self, now: Instant) -> Result<bool, CloseReason> {
        match self.socket.flush() {
            Ok(()) => {
                self.blocked_since = None;
                Ok(true)
            }
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                let since = *self.blocked_since.get_or_insert(now);
                if now.duration_since(since) > BLOCKED_LIMIT { Err(CloseReason::TooSlow) } else { Ok(false) }
            }
            Err(error) => Err(reason_of(&error)),
        }
    }
}

fn reason_of(error: &Error) -> CloseReason {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => CloseReason::Left,
        Error::Capacity(_) => CloseReason::MessageTooBig,
        Error::WriteBufferFull(_) => CloseReason::TooSlow,
        Error::Utf8(_) => CloseReason::TextMessage,
        Error::Protocol(error) if is_reset(error) => CloseReason::Lost,
        Error::Protocol(_) => CloseReason::ProtocolError,
        _ => CloseReason::Lost,
    }
}

fn is_reset(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    matches!(error, tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::testing::{arrival, open_room};

    #[test]
    fn who_takes_no_pongs_gets_no_more_pings_in() {
        let (_lobby, new, seat) = open_room();
        let mut room = (new.make)();
        let (arrival, mut client) = arrival(seat);
        client.set_nonblocking(true).unwrap();
        let now = Instant::now();
        let mut connection = Connection::open(arrival, &mut room, now).unwrap();
        let mut arena = BytesMut::new();
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
                connection.receive(&mut room, now).unwrap();
                room.tick();
                connection.send(&mut room, &mut arena, now).unwrap();
            }
            taken
        };
        let at_first = ticks(250);
        let later = ticks(250);
        assert!(at_first > 100_000, "the buffers on the way take something: {at_first} bytes");
        assert_eq!(later, 0, "and once they are full, the server takes no more");
    }
}
