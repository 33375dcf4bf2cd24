//! Servers that send the whole state in every message: each message is an update.

use std::net::{SocketAddr, TcpStream};

use bincode::config;
use bincode::serde::encode_to_vec;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::socket::{Payload, Socket};
use super::{Received, Wire};
use crate::harness::Outcome;
use crate::harness::servers::plain::PlainInput;
use crate::wire_size::wire_bytes;
use drumline_worlds::drift::Controls;

/// A client of such a server.
pub struct FullStateWire {
    socket: Socket,
    input: fn(&Controls) -> Message,
}

impl FullStateWire {
    pub fn connect(address: SocketAddr, input: fn(&Controls) -> Message) -> Outcome<Self> {
        Ok(Self { socket: Socket::connect(address, "/", None)?, input })
    }
}

/// An input of the plain server.
pub fn binary_input(controls: &Controls) -> Message {
    let &Controls { dx, dy, angle, fire } = controls;
    let input = PlainInput { dx, dy, angle, fire };
    let bytes = encode_to_vec(input, config::standard()).expect("plain data always serializes");
    Message::Binary(bytes.into())
}

/// An input of the server that speaks JSON.
pub fn json_input(controls: &Controls) -> Message {
    let Controls { dx, dy, angle, fire } = controls;
    Message::text(format!(r#"{{"dx":{dx},"dy":{dy},"angle":{angle:.3},"fire":{fire}}}"#))
}

impl Wire for FullStateWire {
    fn socket(&self) -> &TcpStream {
        self.socket.stream()
    }

    fn receive(&mut self, received: &mut Received) -> Outcome<()> {
        self.socket.wake();
        while let Some(payload) = self.socket.next()? {
            let bytes = match payload {
                Payload::Binary(bytes) => bytes.len(),
                Payload::Text(text) => text.len(),
            };
            received.updates.push(wire_bytes(bytes));
        }
        Ok(())
    }

    fn send(&mut self, controls: &Controls) -> Outcome<()> {
        self.socket.send((self.input)(controls))
    }
}
