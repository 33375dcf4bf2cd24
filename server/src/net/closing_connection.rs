//! The end of a connection: its close frame is sent, and what still arrives is discarded.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::close_reason::CloseReason;
use super::connection_slot::ConnectionSlot;
use super::pending_connection::PendingConnection;
use super::websocket::Socket;

/// How long a closing connection may take to send its close frame and see the peer's end.
pub const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// A connection that no session owns any more and that is being closed.
///
/// Nothing is parsed on it: after an error the WebSocket library's reader must not be used again.
#[derive(Debug)]
pub struct ClosingConnection {
    socket: Socket,
    until: Instant,
    _slot: Arc<ConnectionSlot>,
}

impl ClosingConnection {
    /// Begins to close a connection with `frame`.
    #[must_use]
    pub fn new(mut socket: Socket, slot: Arc<ConnectionSlot>, frame: CloseFrame, now: Instant) -> Self {
        socket.close(frame);
        Self { socket, until: now + CLOSE_LIMIT, _slot: slot }
    }

    /// Begins to close a connection that no room has taken over.
    #[must_use]
    pub fn refuse(pending: PendingConnection, reason: CloseReason, now: Instant) -> Self {
        Self::refuse_with_text(pending, reason, reason.text(), now)
    }

    /// The same, with another text of at most 123 bytes.
    #[must_use]
    pub fn refuse_with_text(
        pending: PendingConnection,
        reason: CloseReason,
        text: &str,
        now: Instant,
    ) -> Self {
        let slot = Arc::clone(&pending.slot);
        // Nothing that arrives is read as a message.
        Self::new(pending.into_socket(0), slot, reason.frame_with_text(text), now)
    }

    /// Sends as much of the close frame as the socket accepts now, and drops the connection.
    pub fn finish_now(mut self) {
        let _ = self.socket.poll_closed();
    }

    /// Continues to close. Ready once the connection can be dropped, at the latest after [`CLOSE_LIMIT`].
    pub fn poll(&mut self, now: Instant) -> Poll<()> {
        let closed = self.socket.poll_closed();
        if now >= self.until { Poll::Ready(()) } else { closed }
    }
}
