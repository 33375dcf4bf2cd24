//! One player's socket: messages in, snapshots out, never more than the socket takes.
//!
//! The socket is non-blocking and is touched only at its room's ticks: an input takes effect on a tick anyway,
//! so nothing is gained by waking up for it sooner.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::{KickReason, PlayerId, ResyncVerdict, Room};
use drumline_shared::input::KIND_INPUT;
use drumline_shared::messages::{ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::arrival::Arrival;
use crate::close::CloseReason;
use crate::conduct::Conduct;
use crate::limits::ConnectionLimits;
use crate::metrics::Traffic;
use crate::permit::Permit;
use crate::sessions::Session;
use crate::socket::{Socket, put_frame};
use crate::stream::{Stream, Written};

/// How often a connection is asked whether it is still there.
const PING_PERIOD: Duration = Duration::from_secs(5);
/// Messages read from one connection at one tick; the rest wait, and so does their sender.
const MAX_READS_PER_TICK: usize = 128;
/// How long a closed connection may take for its goodbye.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// The kernel's send buffer. What it holds is stale by the time it is read, so it is kept small.
const SEND_BUFFER_BYTES: usize = 16 * 1024;

/// A player's connection.
#[derive(Debug)]
pub struct Connection {
    socket: Socket,
    /// The player's session, of which this is the newest connection.
    pub session: Session,
    /// Since when the socket has refused all data.
    blocked_since: Option<Instant>,
    /// Whether it still had not taken what was sent on earlier ticks when it was last tried.
    behind: bool,
    heard: Instant,
    pinged: Instant,
    /// The deadline that the client was told of, if the server drains.
    announced: Option<Instant>,
    /// Bytes that nobody has asked for yet.
    traffic: Traffic,
    conduct: Conduct,
    /// Whether a test wants all that it says to be thrown away.
    #[cfg(feature = "faults")]
    pub is_unheard: bool,
}

/// A connection that says goodbye: nobody's any more.
#[derive(Debug)]
pub struct Goodbye {
    socket: Socket,
    until: Instant,
    _permit: Arc<Permit>,
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
    /// Makes an arrival the connection of a player who is seated, and queues its welcome.
    #[must_use]
    pub fn open(arrival: Arrival, session: Session, room: &Room, now: Instant) -> Self {
        let limits = session.limits();
        let conduct = Conduct::new(limits, session.tick_rate_hz(), now);
        let socket = socket_of(arrival.stream, arrival.leftover, limits.message_bytes);
        let welcome = room.welcome(session.player, session.token(), session.resume_seconds());
        let mut new = Self {
            socket,
            session,
            blocked_since: None,
            behind: false,
            heard: now,
            pinged: now,
            announced: None,
            traffic: Traffic::default(),
            conduct,
            #[cfg(feature = "faults")]
            is_unheard: false,
        };
        new.queue(&welcome);
        new
    }

    /// Has a control message wait for the next write.
    fn queue(&mut self, message: &[u8]) {
        self.traffic.sent_control += message.len() as u64;
        self.socket.queue(message);
    }

    /// Tells the client for how long the room may go on, unless it knows of this deadline.
    pub fn announce_end(&mut self, deadline: Instant, left: Duration) {
        if self.announced.replace(deadline) != Some(deadline) {
            let seconds = left.as_secs_f64().ceil() as u32;
            self.queue(&write_control(&ServerMessage::Draining { seconds }));
        }
    }

    /// Bytes since this was last asked.
    pub fn take_traffic(&mut self) -> Traffic {
        let [received, sent] = self.socket.take_overhead().map(u64::from);
        self.traffic.received_websocket += received;
        self.traffic.sent_websocket += sent;
        std::mem::take(&mut self.traffic)
    }

    /// The player.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.session.player
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
        match room.kick_reason(self.player()) {
            Some(KickReason::TooSlow) => Err(CloseReason::TooSlow),
            Some(KickReason::InputFlood) => Err(CloseReason::InputFlood),
            None if now.duration_since(self.heard) > self.limits().silent => Err(CloseReason::Silent),
            // Who only looks on has nothing to do.
            None if self.session.is_of_spectator() => Ok(()),
            None => self.conduct.check_idle(self.limits(), now),
        }
    }

    fn read(&mut self, room: &mut Room, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        let mut arrived = self.socket.read(buffer)?;
        let (mut messages, bytes) = (0, arrived.read_bytes());
        while messages < MAX_READS_PER_TICK {
            let Some(received) = self.socket.next(&mut arrived)? else { break };
            messages += 1;
            self.heard = now;
            if let Some(message) = received.message() {
                // Who has something to say has read the welcome, and the token in it.
                self.session.confirm();
                #[cfg(feature = "faults")]
                if self.is_unheard {
                    continue;
                }
                self.handle(message, room, now)?;
            }
        }
        if messages == MAX_READS_PER_TICK {
            self.socket.keep(&arrived);
        }
        self.conduct.count(messages, bytes, now)
    }

    fn limits(&self) -> &ConnectionLimits {
        self.session.limits()
    }

    fn handle(&mut self, message: &[u8], room: &mut Room, now: Instant) -> Result<(), CloseReason> {
        let player = self.player();
        match message.first() {
            Some(&KIND_INPUT) => {
                self.conduct.see_input(message, now);
                self.traffic.inputs += message.len() as u64;
                room.handle_input(player, message).map_err(|_| CloseReason::Malformed)?;
            }
            Some(&KIND_CONTROL) => self.handle_control(message, room, now)?,
            _ => return Err(CloseReason::Malformed),
        }
        Ok(())
    }

    fn handle_control(&mut self, message: &[u8], room: &mut Room, now: Instant) -> Result<(), CloseReason> {
        let player = self.player();
        self.traffic.received_control += message.len() as u64;
        match read_control(message).map_err(|_| CloseReason::Malformed)? {
            ClientMessage::Ping { nonce } => {
                let pong = ServerMessage::Pong { nonce, tick: room.current_tick() };
                self.queue(&write_control(&pong));
            }
            ClientMessage::Ack { tick } => room.handle_ack(player, tick),
            ClientMessage::Resync { tick } => {
                if room.handle_resync(player) == ResyncVerdict::Accepted {
                    tracing::warn!(room = self.session.room_id(), %player, tick, "a client's mirror differs from the world");
                }
            }
            ClientMessage::Command { request, body } => {
                self.conduct.act(now);
                room.handle_command(player, request, &body).map_err(|_| CloseReason::Malformed)?;
            }
            ClientMessage::Chat { request, channel, text } => {
                self.conduct.act(now);
                room.handle_chat(player, request, channel, &text);
            }
        }
        Ok(())
    }

    /// Sends the messages, the snapshot and the fragments of the tick in one write, unless earlier ones have not been taken yet.
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
        let player = self.player();
        while let Some(message) = room.poll_message(player) {
            self.traffic.events += message.len() as u64;
            self.traffic.sent_websocket += u64::from(put_frame(frames, &message));
        }
        let mut sent = Sent::Coalesced;
        if let Some(snapshot) = room.poll_snapshot(player) {
            self.traffic.snapshots += snapshot.len() as u64;
            self.traffic.sent_websocket += u64::from(put_frame(frames, snapshot));
            sent = Sent::Snapshot;
        }
        while let Some(fragment) = room.poll_fragment(player) {
            self.traffic.events += fragment.len() as u64;
            self.traffic.sent_websocket += u64::from(put_frame(frames, fragment));
        }
        if now.duration_since(self.pinged) > PING_PERIOD {
            self.pinged = now;
            self.socket.queue_ping()?;
        }
        self.write(frames, now)?;
        Ok(sent)
    }

    /// Parts the session from the connection, which then says goodbye, in these words.
    #[must_use]
    pub fn part(self, reason: CloseReason, words: &str, now: Instant) -> (Session, Goodbye) {
        let goodbye = Goodbye::new(self.socket, self.session.permit(), reason.frame_saying(words), now);
        (self.session, goodbye)
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
                if now.duration_since(since) > self.limits().blocked {
                    return Err(CloseReason::TooSlow);
                }
            }
        }
        Ok(written == Written::All)
    }
}

impl Goodbye {
    fn new(mut socket: Socket, permit: Arc<Permit>, frame: CloseFrame, now: Instant) -> Self {
        socket.close(frame);
        Self { socket, until: now + DRAIN_LIMIT, _permit: permit }
    }

    /// To somebody who has just arrived.
    #[must_use]
    pub fn to(arrival: Arrival, reason: CloseReason, now: Instant) -> Self {
        // Nothing that it says is listened to.
        let socket = socket_of(arrival.stream, arrival.leftover, 0);
        Self::new(socket, arrival.permit, reason.frame(), now)
    }

    /// Says it, once and for all: as much of it as the socket takes now.
    pub fn say(mut self) {
        self.socket.drain();
    }

    /// Carries on with it; whether it is over.
    pub fn drain(&mut self, now: Instant) -> bool {
        self.socket.drain() || now >= self.until
    }
}

fn socket_of(stream: Stream, leftover: Vec<u8>, max_message_bytes: u32) -> Socket {
    if let Err(error) = socket2::SockRef::from(stream.tcp()).set_send_buffer_size(SEND_BUFFER_BYTES) {
        tracing::debug!(%error, "the send buffer keeps its size");
    }
    Socket::new(stream, leftover, max_message_bytes)
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
        let (arrival, mut client) = arrival();
        client.set_nonblocking(true).unwrap();
        let now = Instant::now();
        let session = Session::new(seat, room.join("a").unwrap(), Arc::clone(&arrival.permit));
        let mut connection = Connection::open(arrival, session, &room, now);
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
