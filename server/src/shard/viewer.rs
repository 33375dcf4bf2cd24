//! One viewer's connection: the shared stream's bytes out, pings and acknowledgements in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, ServerMessage, read_control, write_control,
};

use crate::measure::metrics::Traffic;
use crate::net::close_reason::CloseReason;
use crate::net::closing_connection::ClosingConnection;
use crate::net::connection_slot::ConnectionSlot;
use crate::net::pending_connection::PendingConnection;
use crate::net::stream::Written;
use crate::net::websocket::{Socket, put_frame};
use crate::rooms::limits::ConnectionLimits;
use crate::rooms::seats::seat::SpectatorPlace;

use super::audience::{AudienceStream, Position};
use super::client_activity::ClientActivity;
use super::slow_client::SlowClient;

/// The period at which a connection is pinged.
const PING_PERIOD: Duration = Duration::from_secs(5);
/// The most messages read at one tick.
const MAX_READS_PER_TICK: usize = 16;
/// The most bytes that are sent at one tick to a viewer who catches up.
const MAX_BYTES_PER_TICK: usize = 256 * 1024;

/// A viewer's connection.
#[derive(Debug)]
pub struct Viewer {
    socket: Socket,
    slot: Arc<ConnectionSlot>,
    /// Kept for as long as the viewer is here.
    _place: SpectatorPlace,
    limits: ConnectionLimits,
    slow: SlowClient,
    activity: ClientActivity,
    received_at: Instant,
    pinged_at: Instant,
    /// The next item of the stream; `None` until there is one to begin with.
    position: Option<Position>,
    /// Bytes since they were last taken.
    traffic: Traffic,
}

impl Viewer {
    /// Makes a viewer of a connection that has arrived.
    #[must_use]
    pub fn new(
        pending: PendingConnection,
        place: SpectatorPlace,
        limits: ConnectionLimits,
        now: Instant,
    ) -> Self {
        let activity = ClientActivity::new(&limits, place.entry().tick_rate_hz, now);
        let slot = Arc::clone(&pending.slot);
        Self {
            socket: pending.into_socket(limits.message_bytes),
            slot,
            _place: place,
            limits,
            slow: SlowClient::default(),
            activity,
            received_at: now,
            pinged_at: now,
            position: None,
            traffic: Traffic::default(),
        }
    }

    /// Reads what the client has sent.
    ///
    /// # Errors
    /// The reason if the connection has ended or must be closed.
    pub fn receive(&mut self, tick: u32, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        if !self.slow.is_behind() {
            self.read(tick, buffer, now)?;
        }
        if now.duration_since(self.received_at) > self.limits.silent {
            return Err(CloseReason::Silent);
        }
        Ok(())
    }

    fn read(&mut self, tick: u32, buffer: &mut [u8], now: Instant) -> Result<(), CloseReason> {
        let mut arrived = self.socket.read(buffer)?;
        let (mut messages, bytes) = (0, arrived.read_bytes());
        while messages < MAX_READS_PER_TICK {
            let Some(received) = self.socket.next(&mut arrived)? else { break };
            messages += 1;
            self.received_at = now;
            let Some(message) = received.message() else { continue };
            self.traffic.received_control += message.len() as u64;
            if message.first() != Some(&KIND_CONTROL) {
                return Err(CloseReason::Malformed);
            }
            match read_control(message).map_err(|_| CloseReason::Malformed)? {
                ClientMessage::Ping { nonce } => {
                    let pong = write_control(&ServerMessage::Pong { nonce, tick });
                    self.traffic.sent_control += pong.len() as u64;
                    self.socket.queue(&pong);
                }
                // The stream is the same for all: a viewer that needs a keyframe waits for the next.
                ClientMessage::Ack { .. } | ClientMessage::Resync { .. } => {}
                ClientMessage::Command { .. } | ClientMessage::Chat { .. } => {
                    return Err(CloseReason::Malformed);
                }
            }
        }
        if messages == MAX_READS_PER_TICK {
            self.socket.keep(&arrived);
        }
        self.activity.count(messages, bytes, now)
    }

    /// Sends the items of the stream that are due, in one write, unless the client has not read earlier ones yet. `frames` lends
    /// memory.
    ///
    /// # Errors
    /// The reason if the connection has ended or must be closed, such as a viewer who is too far behind.
    pub fn send(
        &mut self,
        stream: &AudienceStream,
        due_tick: Option<u32>,
        frames: &mut Vec<u8>,
        now: Instant,
    ) -> Result<(), CloseReason> {
        let is_behind = self.slow.is_blocked() && self.socket.write(&[])? != Written::All;
        self.slow.set_behind(is_behind);
        if is_behind {
            return self.record_blocked(now);
        }
        frames.clear();
        if let Some(due_tick) = due_tick {
            self.take_items(stream, due_tick, frames)?;
        }
        if now.duration_since(self.pinged_at) > PING_PERIOD {
            self.pinged_at = now;
            self.socket.queue_ping()?;
        }
        self.traffic.snapshots += frames.len() as u64;
        let written = self.socket.write(frames)?;
        self.slow.record(written, self.limits.blocked, now)
    }

    fn record_blocked(&mut self, now: Instant) -> Result<(), CloseReason> {
        self.slow.record(Written::Nothing, self.limits.blocked, now)
    }

    fn take_items(
        &mut self,
        stream: &AudienceStream,
        due_tick: u32,
        frames: &mut Vec<u8>,
    ) -> Result<(), CloseReason> {
        let mut position = if let Some(position) = self.position {
            position
        } else {
            let Some((start, welcome)) = stream.newest_start(due_tick) else { return Ok(()) };
            put_frame(frames, welcome);
            start
        };
        while frames.len() < MAX_BYTES_PER_TICK {
            match stream.item(position, due_tick) {
                Ok(Some(bytes)) => frames.extend_from_slice(bytes),
                Ok(None) => break,
                Err(_) => return Err(CloseReason::TooSlow),
            }
            position = position.next();
        }
        self.position = Some(position);
        Ok(())
    }

    /// The bytes since the last call.
    pub fn take_traffic(&mut self) -> Traffic {
        let overhead = self.socket.take_overhead();
        self.traffic.received_websocket += u64::from(overhead.received_bytes);
        self.traffic.sent_websocket += u64::from(overhead.sent_bytes);
        std::mem::take(&mut self.traffic)
    }

    /// Closes the connection.
    #[must_use]
    pub fn part(self, reason: CloseReason, now: Instant) -> ClosingConnection {
        ClosingConnection::new(self.socket, self.slot, reason.frame(), now)
    }
}
