//! A connection whose WebSocket handshake is done and that no room has taken over yet.

use std::io;
use std::sync::Arc;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::connection_slot::ConnectionSlot;
use super::stream::Stream;
use super::websocket::Socket;

/// The kernel's send buffer. Whatever waits in it is stale by the time it is read, so it is kept small.
const SEND_BUFFER_BYTES: usize = 16 * 1024;

/// A connection on its way from the handshake to its room.
#[derive(Debug)]
pub struct PendingConnection {
    /// The byte stream, non-blocking.
    pub stream: Stream,
    /// Bytes that arrived behind the handshake and are already read.
    pub leftover: Vec<u8>,
    /// The slot that the connection occupies.
    pub slot: Arc<ConnectionSlot>,
}

impl PendingConnection {
    /// Takes a connection back from the HTTP server after its upgrade.
    ///
    /// # Errors
    /// If the socket cannot be removed from the front's event queue.
    pub fn from_upgraded(upgraded: Upgraded, slot: Arc<ConnectionSlot>) -> io::Result<Self> {
        let (stream, read) = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => (Stream::Plain(parts.io.into_inner().into_std()?), parts.read_buf),
            Err(upgraded) => {
                let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>();
                let parts = parts.expect("connections are served on TCP streams, plain or under TLS");
                let (tcp, session) = parts.io.into_inner().into_inner();
                (Stream::tls(tcp.into_std()?, session), parts.read_buf)
            }
        };
        Ok(Self { stream, leftover: read.to_vec(), slot })
    }

    /// The WebSocket of the connection, which accepts messages of at most `max_message_bytes`.
    #[must_use]
    pub fn into_socket(self, max_message_bytes: u32) -> Socket {
        if let Err(error) = socket2::SockRef::from(self.stream.tcp()).set_send_buffer_size(SEND_BUFFER_BYTES)
        {
            tracing::debug!(%error, "the send buffer keeps its size");
        }
        Socket::new(self.stream, self.leftover, max_message_bytes)
    }
}
