//! Control messages: everything but snapshots and inputs. They are rare, and never on the hot path.
//!
//! The codec is bincode 2 with its `standard` configuration (variable-length integers, little-endian) behind
//! this one file, so that another can take its place: bincode is no longer maintained (RUSTSEC-2025-0141).

use bincode::config;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::limits::MAX_MESSAGE_BYTES;
use crate::schema::Schema;
use crate::session::SessionToken;

/// The `player` of a spectator's welcome: they have no seat.
pub const NO_SEAT: u16 = u16::MAX;

/// The protocol's version, in the welcome.
pub const PROTOCOL_VERSION: u32 = 1;

/// The WebSocket subprotocol of this version.
pub const SUBPROTOCOL: &str = "drumline.1";

/// First byte of a control message, both ways; a serialized [`ServerMessage`] or [`ClientMessage`] follows.
pub const KIND_CONTROL: u8 = 0;

/// A control message from the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// The first message of a connection.
    Welcome(Welcome),
    /// Something happened in the room.
    Event(Event),
    /// The answer to a ping.
    Pong {
        /// As in the ping.
        nonce: u32,
        /// The room's tick when the ping was read.
        tick: u32,
    },
    /// The answer to a command or to a chat message.
    Reply {
        /// As in what is answered.
        request: u32,
        /// What has come of it.
        outcome: Outcome,
    },
    /// A player has said something.
    Chat(Chat),
    /// The server is about to stop: the room ends by then.
    Draining {
        /// How long it still has, in seconds.
        seconds: u32,
    },
}

/// What a client needs before the first snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`PROTOCOL_VERSION`].
    pub protocol: u32,
    /// The game's name.
    pub game: String,
    /// The room's id.
    pub room: String,
    /// In which of its modes the game is played; empty if it has none.
    pub mode: String,
    /// The client's seat in the room; the game's structs name players by it.
    pub player: u16,
    /// Whether the client only watches: it has no seat, and sends no inputs.
    pub spectator: bool,
    /// Seats in the room.
    pub max_players: u16,
    /// Ticks a second.
    pub tick_rate_hz: u32,
    /// The room's tick now.
    pub tick: u32,
    /// With what the seat can be taken up again once this connection is lost.
    pub session: SessionToken,
    /// For how long the seat is then held, in seconds.
    pub resume_seconds: u16,
    /// Whether players may chat.
    pub chat: bool,
    /// The hash of the schema.
    pub schema_hash: u64,
    /// The game's tables, input and messages.
    pub schema: Schema,
}

/// Something that happened in a room, told once to those whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The tick on which it happened.
    pub tick: u32,
    /// What happened: a value of the schema's shape of events.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// What has come of a command or of a chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The reply to a command: a value of the schema's shape of replies. Of a chat message no bytes: it was told.
    Done(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Nothing.
    Refused(Refused),
}

/// Why nothing has come of a command or of a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// More commands of the player wait for their ticks than may.
    #[error("too many commands at once")]
    TooMany,
    /// The player has said too much of late.
    #[error("too many messages in a short time")]
    TooFast,
    /// The text has too many bytes.
    #[error("the message is too long")]
    TooLong,
    /// The text is empty, or has characters that cannot be shown to others.
    #[error("the message is empty or has characters that are not allowed")]
    BadText,
    /// The game's moderation has refused it.
    #[error("the message is not allowed")]
    NotAllowed,
    /// There is no chat here.
    #[error("there is no chat in this room")]
    NoChat,
    /// The player has no team to talk to.
    #[error("there is no team to talk to")]
    NoTeam,
}

/// To whom a chat message is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// To everyone in the room.
    Room,
    /// To the players of the speaker's team.
    Team,
}

/// What a player has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// The tick before whose snapshot it is told.
    pub tick: u32,
    /// Who has said it.
    pub player: u16,
    /// Their name.
    pub name: String,
    /// To whom.
    pub channel: Channel,
    /// What.
    pub text: String,
}

/// A control message from a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// Asks for a pong.
    Ping {
        /// Comes back with the pong.
        nonce: u32,
    },
    /// Reports that a snapshot's hash did not match, and asks for a keyframe.
    Resync {
        /// The tick of that snapshot.
        tick: u32,
    },
    /// Acknowledges a snapshot, as inputs do too: for clients that have no input to send just now.
    Ack {
        /// The tick of the newest snapshot received.
        tick: u32,
    },
    /// Asks something of the game.
    Command {
        /// Comes back with the reply; 0 if none is wanted.
        request: u32,
        /// What: a value of the schema's shape of commands.
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
    },
    /// Says something to other players.
    Chat {
        /// Comes back with the reply; 0 if none is wanted.
        request: u32,
        /// To whom.
        channel: Channel,
        /// What.
        text: String,
    },
}

/// A control message is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The first byte is not [`KIND_CONTROL`].
    #[error("not a control message")]
    NotControl,
    /// The bytes are not a message of the expected type.
    #[error("malformed control message: {0}")]
    Malformed(String),
    /// There is more after the message's end.
    #[error("the control message goes on after its end")]
    TrailingBytes,
}

/// Serializes without a kind byte.
///
/// # Panics
/// If the value is larger than [`MAX_MESSAGE_BYTES`]: what we send is ours to keep small.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes =
        bincode::serde::encode_to_vec(value, config::standard()).expect("plain data always serializes");
    assert!(bytes.len() <= MAX_MESSAGE_BYTES, "a control message of {} bytes is over the limit", bytes.len());
    bytes
}

/// Serializes what a game has made, which may be anything: none if it is larger than `most`.
#[must_use]
pub fn encode_within<T: Serialize>(value: &T, most: usize) -> Option<Vec<u8>> {
    let bytes = bincode::serde::encode_to_vec(value, config::standard()).ok()?;
    (bytes.len() <= most).then_some(bytes)
}

/// Serializes a [`ServerMessage`] or [`ClientMessage`] with its kind byte.
///
/// # Panics
/// If the message is larger than [`MAX_MESSAGE_BYTES`].
pub fn write_control<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = vec![KIND_CONTROL];
    bytes.extend(encode(message));
    bytes
}

/// Reads what [`write_control`] wrote.
///
/// # Errors
/// [`MessageError`] if the bytes are not exactly one such message.
pub fn read_control<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageError> {
    let Some((&KIND_CONTROL, body)) = bytes.split_first() else {
        return Err(MessageError::NotControl);
    };
    decode(body)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`MessageError`] if the bytes are not exactly one such value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageError> {
    let limited = config::standard().with_limit::<MAX_MESSAGE_BYTES>();
    let (value, used) = bincode::serde::decode_from_slice(bytes, limited)
        .map_err(|error| MessageError::Malformed(error.to_string()))?;
    if used == bytes.len() { Ok(value) } else { Err(MessageError::TrailingBytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_are_as_documented() {
        assert_eq!(write_control(&ClientMessage::Ping { nonce: 5 }), [0, 0, 5]);
        assert_eq!(write_control(&ClientMessage::Resync { tick: 1000 }), [0, 1, 251, 0xe8, 0x03]);
        assert_eq!(write_control(&ClientMessage::Ack { tick: 70_000 }), [0, 2, 252, 0x70, 0x11, 0x01, 0x00]);
        let event = Event { tick: 3, body: vec![1, 0xc3] };
        assert_eq!(write_control(&ServerMessage::Event(event)), [0, 1, 3, 2, 1, 0xc3]);
        let refused = ServerMessage::Reply { request: 7, outcome: Outcome::Refused(Refused::TooLong) };
        assert_eq!(write_control(&refused), [0, 3, 7, 1, 2]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0u8..7) {
            let mut bytes = bytes;
            bytes.insert(0, 0);
            bytes.insert(1, kind);
            if let Ok(message) = read_control::<ClientMessage>(&bytes) {
                prop_assert_eq!(read_control::<ClientMessage>(&write_control(&message)), Ok(message));
            }
            if let Ok(ServerMessage::Welcome(welcome)) = read_control::<ServerMessage>(&bytes) {
                // A schema from the wire is checked before it is used.
                let _ = crate::layout::Layout::new(&welcome.schema);
            }
        }
    }
}
