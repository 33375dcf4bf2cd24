//! A client's side of the wire, for each kind of server.

mod colyseus;
mod drumline;
mod floor;
mod full_state;
mod socket;

use std::net::{SocketAddr, TcpStream};

use super::Outcome;
use super::system::System;
use drumline_worlds::drift::Controls;

/// The updates that have arrived at one client since the last call.
#[derive(Debug, Default)]
pub struct Received {
    /// Bytes of each update, with its WebSocket header if there is one.
    pub updates: Vec<usize>,
    /// Updates whose hash was compared.
    pub hashes: u64,
    /// Updates whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
}

/// A client that is connected.
pub trait Wire {
    /// Its socket, to be waited for.
    fn socket(&self) -> &TcpStream;

    /// Reads what has arrived, without waiting.
    ///
    /// # Errors
    /// If the connection has ended.
    fn receive(&mut self, received: &mut Received) -> Outcome<()>;

    /// Sends the input of a tick, if the client has joined so far that it may.
    ///
    /// # Errors
    /// If the connection has ended.
    fn send(&mut self, controls: &Controls) -> Outcome<()>;
}

/// Connects a client. `update_bytes` is the size of an update where the bytes do not contain it.
///
/// # Errors
/// If the server does not let it in.
pub fn connect(
    system: System,
    address: SocketAddr,
    number: usize,
    update_bytes: usize,
) -> Outcome<Box<dyn Wire>> {
    Ok(match system {
        System::Floor => Box::new(floor::FloorWire::connect(address, update_bytes)?),
        System::Drumline => Box::new(drumline::DrumlineWire::connect(address, number)?),
        System::Tungstenite => {
            Box::new(full_state::FullStateWire::connect(address, full_state::binary_input)?)
        }
        System::WsJson => Box::new(full_state::FullStateWire::connect(address, full_state::json_input)?),
        System::Colyseus => Box::new(colyseus::ColyseusWire::connect(address, number)?),
    })
}
