//! One player's connection: messages in, snapshots out, and never more bytes than the socket accepts.
//!
//! The socket is non-blocking and is touched only at its room's ticks. A ping of the client therefore waits for the next tick,
//! and its round trip includes half a tick on average.
//!
//! Two limits bound what is in flight. The socket's own is noticed by [`SlowClient`]. But the kernels' buffers on the way hold
//! hundreds of small snapshots, so a client that stops reading for seconds would later get seconds of stale ones; the room
//! therefore sends no snapshot while more than about a second of them is unacknowledged.

use std::time::{Duration, Instant};

use drumline_room::{KickReason, PlayerId, RequestId, ResyncVerdict, Room, SessionTerms, Sleep};
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control,
};
use drumline_shared::wire::input::KIND_INPUT;

use crate::measure::metrics::Traffic;
use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::net::pending_connection::PendingConnection;
use crate::net::stream::Written;
use crate::net::websocket::{Socket, put_frame};
use crate::rooms::limits::ConnectionLimits;
use crate::rooms::seats::session::Session;
use crate::rooms::seats::session_tokens::HoldTimes;

use super::client_activity::ClientActivity;
use super::slow_client::SlowClient;

/// The period at which a connection is pinged.
const PING_PERIOD: Duration = Duration::from_secs(5);
/// The most messages read from one connection at one tick; the rest wait, and so does their sender.
const MAX_READS_PER_TICK: usize = 128;

/// A player's connection.
#[derive(Debug)]
pub struct Connection {
    socket: Socket,
    /// The session, of which this is the latest connection.
    pub session: Session,
    limits: ConnectionLimits,
    slow: SlowClient,
    activity: ClientActivity,
    /// The time at which the client last showed that it is alive.
    received_at: Instant,
    pinged_at: Instant,
    /// The drain's deadline that the client was last told.
    announced: Option<Instant>,
    /// Bytes since they were last taken.
    traffic: Traffic,
    /// True if a test wants all messages of the client discarded.
    #[cfg(feature = "faults")]
    pub discards_messages: bool,
}

/// A connection that is closing, and the session that it leaves behind.
#[derive(Debug)]
pub struct Parted {
    /// The session.
    pub session: Session,
    /// The connection, which still has its close frame to send.
    pub closing: ClosingConnection,
}

/// The outcome of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The snapshot was sent.
    Snapshot,
    /// The client has not read earlier snapshots yet, so this tick's was not sent.
    Coalesced,
}

impl Connection {
    /// Makes a pending connection that of a seated player or a spectator, and queues the welcome.
    #[must_use]
    pub fn open(
        pending: PendingConnection,
        session: Session,
        limits: ConnectionLimits,
        room: &Room,
        now: Instant,
    ) -> Self {
        let activity = ClientActivity::new(&limits, session.entry().tick_rate_hz, now);
        let socket = pending.into_socket(limits.message_bytes);
        let HoldTimes { resume_seconds, reload_seconds } = session.hold();
        let terms = SessionTerms { token: &session.token(), resume_seconds, reload_seconds };
        let welcome = room.welcome(session.player, terms);
        let mut new = Self {
            socket,
            session,
            limits,
            slow: SlowClient::default(),
            activity,
            received_at: now,
            pinged_at: now,
            announced: None,
            traffic: Traffic::default(),
            #[cfg(feature = "faults")]
            discards_messages: false,
        };
        new.queue(&welcome);
        new
    }

    /// Queues a control message for the next write.
    fn queue(&mut self, message: &[u8]) {
        self.traffic.sent_control += message.len() as u64;
        self.socket.queue(message);
    }

    /// Tells the client for how long the room continues at most, unless it has been told this deadline.
    pub fn announce_end(&mut self, deadline: Instant, left: Duration) {
        if self.announced.replace(deadline) != Some(deadline) {
            let seconds = left.as_secs_f64().ceil() as u32;
            self.queue(&write_control(&ServerMessage::Draining { seconds }));
        }
    }

    /// The bytes since the last call.
    pub fn take_traffic(&mut self) -> Traffic {
        let overhead = self.socket.take_overhead();
        self.traffic.received_websocket += u64::from(overhead.received_bytes);
        self.traffic.sent_websocket += u64::from(overhead.sent_bytes);
        std::mem::take(&mut self.traffic)
    }

    /// The player.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.session.player
    }

    /// Reads the messages that have arrived and passes them to the room. `buffer` lends memory.
    ///
    /// # Errors
    /// The reason if the connection has ended or must be closed.
    pub fn receive(&mut self, room: &mut Room, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        // A client that accepts no data is not read either: every ping of it would queue another pong.
        if !self.slow.is_behind() {
            self.read(room, buffer, now)?;
        }
        match room.kick_reason(self.player()) {
            Some(KickReason::TooSlow) => Err(CloseReason::TooSlow),
            Some(KickReason::InputFlood) => Err(CloseReason::InputFlood),
            None if now.duration_since(self.received_at) > self.limits.silent => Err(CloseReason::Silent),
            // Spectators have nothing to send.
            None if self.session.is_spectator() => Ok(()),
            None => {
                self.activity.check_acknowledges(&self.limits, now)?;
                self.activity.check_idle(&self.limits, now)
            }
        }
    }

    /// The last sign of the client that keeps its room awake.
    #[must_use]
    pub fn last_sign(&self, sleep: Sleep) -> Instant {
        self.activity.last_sign(sleep)
    }

    fn read(&mut self, room: &mut Room, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        let mut arrived = self.socket.read(buffer)?;
        let (mut messages, bytes) = (0, arrived.read_bytes());
        while messages < MAX_READS_PER_TICK {
            let Some(received) = self.socket.next(&mut arrived)? else { break };
            messages += 1;
            self.received_at = now;
            if let Some(message) = received.message() {
                self.session.confirm();
                self.activity.note_message(now);
                #[cfg(feature = "faults")]
                if self.discards_messages {
                    continue;
                }
                self.handle(message, room, now)?;
            }
        }
        if messages == MAX_READS_PER_TICK {
            self.socket.keep(&arrived);
        }
        self.activity.count(messages, bytes, now)
    }

    fn handle(&mut self, message: &[u8], room: &mut Room, now: Instant) -> Result<(), CloseReason> {
        let player = self.player();
        match message.first() {
            Some(&KIND_INPUT) => {
                self.activity.note_input(message, now);
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
                    tracing::warn!(room = self.session.entry().id, %player, tick, "a client's mirror differs from the world");
                }
            }
            ClientMessage::Command { request: number, reply, body } => {
                self.activity.note_action(now);
                let request = RequestId { player, number, reply };
                room.handle_command(request, &body).map_err(|_| CloseReason::Malformed)?;
            }
            ClientMessage::Chat { request: number, reply, channel, text } => {
                self.activity.note_action(now);
                let request = RequestId { player, number, reply };
                room.handle_chat(request, channel, &text).map_err(|_| CloseReason::Malformed)?;
            }
        }
        Ok(())
    }

    /// Sends the messages, the snapshot and the fragments of the tick in one write, unless the client has not read earlier ones
    /// yet. `frames` lends memory.
    ///
    /// # Errors
    /// The reason if the connection has ended or must be closed.
    pub fn send(&mut self, room: &mut Room, frames: &mut Vec<u8>, now: Instant) -> Result<Sent, CloseReason> {
        // Without waiting bytes there is nothing to try, and the tick's one write is saved for the snapshot.
        let is_behind = self.slow.is_blocked() && self.write(&[], now)? != Written::All;
        self.slow.set_behind(is_behind);
        if is_behind {
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
        if now.duration_since(self.pinged_at) > PING_PERIOD {
            self.pinged_at = now;
            self.socket.queue_ping()?;
        }
        self.write(frames, now)?;
        Ok(sent)
    }

    /// Closes the connection with a reason and a text for the client.
    #[must_use]
    pub fn part(self, reason: CloseReason, text: &str, now: Instant) -> Parted {
        let frame = reason.frame_with_text(text);
        let closing = ClosingConnection::new(self.socket, self.session.slot(), frame, now);
        Parted { session: self.session, closing }
    }

    /// Writes the queued bytes and then `frames`.
    fn write(&mut self, frames: &[u8], now: Instant) -> Result<Written, CloseReason> {
        let written = self.socket.write(frames)?;
        if written == Written::Part {
            // A client that reads slowly is still alive.
            self.received_at = now;
        }
        self.slow.record(written, self.limits.blocked, now)?;
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;
    use crate::net::websocket::READ_BUFFER_BYTES;
    use crate::rooms::seats::seat::Seat;
    use crate::rooms::seats::session::NewSession;
    use crate::shard::testing::{TestRoom, connect};

    #[test]
    fn a_client_that_accepts_no_pongs_gets_no_more_pings_in() {
        let (test, new) = TestRoom::open();
        let mut room = (new.make)();
        let (pending, mut client) = connect();
        client.set_nonblocking(true).unwrap();
        let now = Instant::now();
        let player = room.join("a").unwrap();
        let seat = Arc::new(Seat::take(Arc::clone(&test.room.entry)).unwrap());
        let new = NewSession { player, account: None, seat, room: Arc::clone(&test.room) };
        let session = Session::new(new, &test.context.tokens, Arc::clone(&pending.slot));
        let mut connection = Connection::open(pending, session, test.context.limits, &room, now);
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
