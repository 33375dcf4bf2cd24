//! Colyseus's protocol, as far as counting updates and sending inputs needs it; the state is not decoded.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde::Deserialize;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::socket::{Payload, Socket};
use super::{Received, Wire};
use crate::harness::Outcome;
use crate::wire_size::wire_bytes;
use drumline_worlds::drift::Controls;

/// Message codes are in the low five bits of the first byte (`@colyseus/shared-types`, Protocol.ts).
const CODE_MASK: u8 = 0x1f;
const JOIN_ROOM: u8 = 10;
const ERROR: u8 = 11;
const ROOM_STATE: u8 = 14;
const ROOM_STATE_PATCH: u8 = 15;
const ROOM_DATA_BYTES: u8 = 17;
/// The message type of inputs, as the room registers it.
const INPUT_TYPE: u8 = 0;

/// A client of Colyseus.
pub struct ColyseusWire {
    socket: Socket,
    joined: bool,
}

/// The answer to a matchmaking request.
#[derive(Deserialize)]
struct SeatReservation {
    #[serde(rename = "processId")]
    process: String,
    #[serde(rename = "roomId")]
    room: String,
    #[serde(rename = "sessionId")]
    session: String,
}

impl ColyseusWire {
    pub fn connect(address: SocketAddr, number: usize) -> Outcome<Self> {
        let SeatReservation { process, room, session } = reserve(address, number)?;
        let path = format!("/{process}/{room}?sessionId={session}");
        Ok(Self { socket: Socket::connect(address, &path, None)?, joined: false })
    }
}

/// Asks the matchmaker for a seat.
fn reserve(address: SocketAddr, number: usize) -> Outcome<SeatReservation> {
    let body = format!(r#"{{"name":"player {number}"}}"#);
    let length = body.len();
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /matchmake/joinOrCreate/drift HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the matchmaker's answer is not HTTP")?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("the matchmaker answers: {answer}").into());
    }
    serde_json::from_str(body).map_err(|error| format!("the matchmaker answers {body}: {error}").into())
}

impl Wire for ColyseusWire {
    fn socket(&self) -> &TcpStream {
        self.socket.stream()
    }

    fn receive(&mut self, received: &mut Received) -> Outcome<()> {
        self.socket.wake();
        while let Some(payload) = self.socket.next()? {
            let Payload::Binary(bytes) = payload else { return Err("a text message".into()) };
            match bytes.first().map(|first| first & CODE_MASK) {
                Some(JOIN_ROOM) => {
                    // The state comes only to those who have confirmed.
                    self.socket.send(Message::Binary(vec![JOIN_ROOM].into()))?;
                    self.joined = true;
                }
                Some(ROOM_STATE | ROOM_STATE_PATCH) => received.updates.push(wire_bytes(bytes.len())),
                Some(ERROR) => return Err(format!("{}", String::from_utf8_lossy(&bytes)).into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn send(&mut self, controls: &Controls) -> Outcome<()> {
        if !self.joined {
            return Ok(());
        }
        let mut message = vec![ROOM_DATA_BYTES, INPUT_TYPE, controls.dx as u8, controls.dy as u8];
        message.extend(controls.angle.to_le_bytes());
        message.push(controls.fire.into());
        self.socket.send(Message::Binary(message.into()))
    }
}
