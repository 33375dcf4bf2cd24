//! Drumline's protocol. One client in sixteen has a mirror and checks every hash; the others only follow the ticks, as the
//! clients of other systems only count: the load's own work, on the next core, must not differ from system to system.

use std::net::{SocketAddr, TcpStream};

use drumline_shared::error::DecodeError;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::mirror::{Mirror, MirrorError};
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, SUBPROTOCOL, ServerMessage, read_control, write_control,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::{InputAck, Snapshot};
use drumline_shared::world::Replicate;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::socket::{Payload, Socket};
use super::{Received, Wire};
use crate::harness::Outcome;
use crate::wire_size::wire_bytes;
use drumline_worlds::drift::Controls;

/// Clients for each one that has a mirror.
const CLIENTS_PER_MIRROR: usize = 16;
/// How far ahead of the newest snapshot inputs are meant for, at first and at most.
const FIRST_LEAD_TICKS: u32 = 2;
const MAX_LEAD_TICKS: u32 = 10;

/// A client of Drumline.
pub struct DrumlineWire {
    socket: Socket,
    number: usize,
    /// There once the welcome has come.
    joined: Option<Joined>,
    /// Set while the mirror is known to be wrong.
    awaits_keyframe: bool,
}

struct Joined {
    /// The newest snapshot's tick.
    tick: u32,
    mirror: Option<Mirror>,
    /// The newest snapshot, where there is no mirror.
    snapshot: Snapshot,
    input_layout: InputLayout,
    row: Vec<u32>,
    message: Vec<u8>,
    input_number: u32,
    acked_number: Option<u8>,
    lead_ticks: u32,
}

impl DrumlineWire {
    pub fn connect(address: SocketAddr, number: usize) -> Outcome<Self> {
        let socket =
            Socket::connect(address, &format!("/play/drift?name=player+{number}"), Some(SUBPROTOCOL))?;
        Ok(Self { socket, number, joined: None, awaits_keyframe: false })
    }

    fn apply(&mut self, bytes: &[u8], received: &mut Received) -> Outcome<()> {
        let joined = self.joined.as_mut().ok_or("a snapshot came before the welcome")?;
        received.updates.push(wire_bytes(bytes.len()));
        let Some(mirror) = &mut joined.mirror else { return joined.follow(bytes) };
        match mirror.apply(bytes) {
            Ok(applied) => {
                self.awaits_keyframe = false;
                joined.tick = applied.tick;
                received.hashes += u64::from(applied.hashes_checked);
                if let Some(ack) = applied.ack {
                    joined.steer(ack);
                }
            }
            // Deltas already under way when a mirror was found wrong are of no use to it.
            Err(MirrorError::Decode(DecodeError::NoBaseline)) if self.awaits_keyframe => {}
            Err(_) => {
                received.mismatches += 1;
                self.awaits_keyframe = true;
                let resync = write_control(&ClientMessage::Resync { tick: joined.tick });
                self.socket.send(Message::Binary(resync.into()))?;
            }
        }
        Ok(())
    }
}

impl Joined {
    /// Learns the game from the server's first message.
    fn new(message: &[u8], has_mirror: bool) -> Outcome<Self> {
        let ServerMessage::Welcome(welcome) = read_control(message)? else {
            return Err("the server's first message is no welcome".into());
        };
        let input_layout = InputLayout::new(&welcome.schema.input)?;
        Ok(Self {
            tick: 0,
            mirror: if has_mirror {
                Some(Mirror::new(Layout::new(&welcome.schema)?, welcome.tick_rate_hz))
            } else {
                None
            },
            snapshot: Snapshot::default(),
            row: vec![0; input_layout.neutral.len()],
            input_layout,
            message: Vec::new(),
            input_number: 0,
            acked_number: None,
            lead_ticks: FIRST_LEAD_TICKS,
        })
    }

    /// Reads no more of a snapshot than which tick it is of. All of drift is public: there is one area.
    fn follow(&mut self, message: &[u8]) -> Outcome<()> {
        self.snapshot.read(message, 1)?;
        let Snapshot { keyframe, ticks, ack, .. } = self.snapshot;
        self.tick = if keyframe { ticks } else { self.tick + ticks };
        if let Some(ack) = ack {
            self.steer(ack);
        }
        Ok(())
    }

    /// Keeps inputs in time, as PROTOCOL.md says in section 10.
    fn steer(&mut self, ack: InputAck) {
        let number = ack.number as u8;
        if self.acked_number.replace(number) == Some(number) {
            return;
        }
        let change = if ack.slack_ticks < 0 { 1 } else { -i32::from(ack.slack_ticks > 2) };
        self.lead_ticks = self.lead_ticks.saturating_add_signed(change).clamp(1, MAX_LEAD_TICKS);
    }
}

impl Wire for DrumlineWire {
    fn socket(&self) -> &TcpStream {
        self.socket.stream()
    }

    fn receive(&mut self, received: &mut Received) -> Outcome<()> {
        self.socket.wake();
        while let Some(payload) = self.socket.next()? {
            let Payload::Binary(bytes) = payload else { return Err("a text message".into()) };
            if bytes.first() != Some(&KIND_CONTROL) {
                self.apply(&bytes, received)?;
            } else if self.joined.is_none() {
                self.joined = Some(Joined::new(&bytes, self.number.is_multiple_of(CLIENTS_PER_MIRROR))?);
            }
        }
        Ok(())
    }

    fn send(&mut self, controls: &Controls) -> Outcome<()> {
        let Some(joined) = &mut self.joined else { return Ok(()) };
        let acked_tick = joined.tick;
        joined.input_number += 1;
        controls.quantize(&mut joined.row);
        let header = InputHeader {
            number: joined.input_number,
            acked_tick,
            tick: acked_tick + joined.lead_ticks,
            view_eighths: 0,
        };
        write_input(&joined.input_layout, header, &joined.row, &mut joined.message);
        let message = joined.message.clone();
        self.socket.send(Message::Binary(message.into()))
    }
}
