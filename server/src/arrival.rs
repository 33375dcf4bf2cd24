//! Sockets on their way to their rooms.

use std::net::TcpStream;
use std::sync::Arc;

use drumline_room::Joiner;
use drumline_shared::session::SessionToken;
use tokio::sync::OwnedSemaphorePermit;

use crate::lobby::Seat;

/// A socket whose handshake is done.
#[derive(Debug)]
pub struct Arrival {
    /// The socket, non-blocking.
    pub stream: TcpStream,
    /// What came after the handshake and is already read.
    pub leftover: Vec<u8>,
    /// The connection's place among all that the server holds.
    pub permit: Arc<OwnedSemaphorePermit>,
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
