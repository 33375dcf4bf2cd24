//! Sockets on their way to their rooms.

use std::io;
use std::sync::Arc;

use drumline_room::Joiner;
use drumline_shared::session::SessionToken;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::lobby::Seat;
use crate::permit::Permit;
use crate::stream::Stream;

/// A socket whose handshake is done.
#[derive(Debug)]
pub struct Arrival {
    /// The socket, non-blocking.
    pub stream: Stream,
    /// What came after the handshake and is already read.
    pub leftover: Vec<u8>,
    /// The connection's place among all that the server holds.
    pub permit: Arc<Permit>,
}

impl Arrival {
    /// A connection that has ceased to be HTTP.
    ///
    /// # Errors
    /// If the socket cannot be taken from the front's event queue.
    pub fn new(upgraded: Upgraded, permit: Arc<Permit>) -> io::Result<Self> {
        let (stream, read) = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => (Stream::Plain(parts.io.into_inner().into_std()?), parts.read_buf),
            Err(upgraded) => {
                let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>();
                let parts = parts.expect("connections are served on TCP streams, plain or under TLS");
                let (tcp, session) = parts.io.into_inner().into_inner();
                (Stream::tls(tcp.into_std()?, session), parts.read_buf)
            }
        };
        Ok(Self { stream, leftover: read.to_vec(), permit })
    }
}

/// A new player.
#[derive(Debug)]
pub struct Joining {
    /// The socket.
    pub arrival: Arrival,
    /// Who it is; the name is checked.
    pub joiner: Joiner,
    /// The reserved seat.
    pub seat: Seat,
}

/// A player who comes back to their seat.
#[derive(Debug)]
pub struct Resuming {
    /// The socket.
    pub arrival: Arrival,
    /// The session's token, which may since have ceased to be good.
    pub token: SessionToken,
    /// The tick of the client's mirror, if it has one to go on from.
    pub mirror_tick: Option<u32>,
}
