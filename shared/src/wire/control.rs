//! Control messages: all messages but snapshots and inputs. They are rare, and never on the hot path.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::encoding::{decode, encode};
use crate::error::MessageError;
use crate::schema::Schema;

/// The `player` in the welcome of a spectator, which is no player.
pub const NO_PLAYER: u32 = u32::MAX;

/// The version of the protocol, in the welcome.
pub const PROTOCOL_VERSION: u32 = 1;

/// The WebSocket subprotocol of this version.
pub const SUBPROTOCOL: &str = "drumline.1";

/// The first byte of a control message in both directions. A serialized [`ServerMessage`] or [`ClientMessage`] follows.
pub const KIND_CONTROL: u8 = 0;

/// A control message from the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// The first message of a connection.
    Welcome(Box<Welcome>),
    /// Something happened in the room.
    Event(Event),
    /// The answer to a ping.
    Pong {
        /// The nonce of the ping.
        nonce: u32,
        /// The room's tick when the ping was read.
        tick: u32,
    },
    /// The answer to a command or to a chat message.
    Reply {
        /// The number of the command or chat message.
        request: u32,
        /// Its outcome.
        outcome: Outcome,
    },
    /// A player has sent a chat message.
    Chat(Chat),
    /// The server is about to stop, and the room will end by then.
    Draining {
        /// Seconds until the server stops.
        seconds: u32,
    },
    /// The players of the room, or those of them who have changed. Every connection begins with all of them.
    Players(PlayerList),
    /// The client's commands and chat messages have been accepted up to this number: it need not send them again.
    Received {
        /// The highest number accepted.
        command: u32,
    },
    /// Something happened in the room, and only the newest event of its kind counts: the message is not numbered, and may be
    /// dropped for a newer one.
    Latest(Event),
}

impl ServerMessage {
    /// Returns true if the message is one that is kept until the client has acknowledged it, and sent again on a resume: an event
    /// or a reply. These are numbered for each seat, by their order.
    #[must_use]
    pub fn is_reliable(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Reply { .. })
    }
}

/// Players of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerList {
    /// True if these are all players; else those who are not named are as before.
    pub complete: bool,
    /// The players, by seat.
    pub players: Vec<ListedPlayer>,
}

/// A player in a [`PlayerList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPlayer {
    /// The player's seat.
    pub player: u32,
    /// The player's name; empty for one who has left.
    pub name: String,
    /// The player's state.
    pub status: PlayerStatus,
    /// True for a bot that the game has seated.
    pub bot: bool,
}

/// The state of a player, as other players see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlayerStatus {
    /// The player is connected.
    Connected,
    /// The player's connection is lost, and the seat is held.
    Away,
    /// The player has left, and the seat is free.
    Left,
}

/// The facts that a client needs before the first snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`PROTOCOL_VERSION`].
    pub protocol: u32,
    /// The game's name.
    pub game: String,
    /// The room's id.
    pub room: String,
    /// The mode in which the game is played; empty if the game has no modes.
    pub mode: String,
    /// The number of the client's player, which the game's structs refer to; [`NO_PLAYER`] for a spectator. No two players of a
    /// room have the same: it is 2048 times the number of players who had the seat before, plus the seat.
    pub player: u32,
    /// True if the client only watches: it has no seat and sends no inputs.
    pub spectator: bool,
    /// Seats in the room.
    pub max_players: u16,
    /// Ticks per second.
    pub tick_rate_hz: u32,
    /// The room's tick now.
    pub tick: u32,
    /// The token with which the client can resume its seat after this connection is lost; empty for a spectator. It is opaque:
    /// ASCII that fits into an address and into the name of a subprotocol.
    pub session: String,
    /// Seconds for which the seat is held after the connection is lost.
    pub resume_seconds: u16,
    /// Seconds for which the seat is held after the client has closed with code 1001: a page that is reloaded or left.
    pub reload_seconds: u16,
    /// True if players may chat.
    pub chat: bool,
    /// The counts of presses in the newest input of this seat, in the order of the input's fields: a client that knows nothing of
    /// the seat's earlier inputs counts on from here.
    pub presses: Vec<u32>,
    /// The life of the room between two restores, from 1. In another epoch than the one that a client knows, its mirror is void,
    /// and the marks below replace its own, up or down.
    pub epoch: u32,
    /// The highest number of an input that the server has received of this seat; 0 before the first.
    pub last_input: u32,
    /// The highest number of a command or chat message that the server has accepted of this seat; 0 before the first.
    pub last_command: u32,
    /// The number of the first [reliable](ServerMessage::is_reliable) message on this connection. Each further one is one higher.
    pub next_message: u32,
    /// The hash of the schema.
    pub schema_hash: u64,
    /// The game's tables, input and messages.
    pub schema: Schema,
}

/// Something that happened in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The tick on which it happened.
    pub tick: u32,
    /// The event: a value of the schema's shape of events.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// The outcome of a command or a chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was accepted. The bytes are the reply to a command, a value of the schema's shape of replies; they are empty for a chat
    /// message, which was delivered.
    Done(#[serde(with = "serde_bytes")] Vec<u8>),
    /// It was refused.
    Refused(Refused),
}

/// Why a command or a chat message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// Too many commands of the player are waiting. The number is not used: the client sends the command again under it.
    #[error("too many commands at once")]
    TooMany,
    /// The player has sent too many chat messages in a short time.
    #[error("too many messages in a short time")]
    TooFast,
    /// The text has too many bytes.
    #[error("the message is too long")]
    TooLong,
    /// The text is empty, or has characters that are not allowed.
    #[error("the message is empty or has characters that are not allowed")]
    BadText,
    /// The game's moderation refuses it.
    #[error("the message is not allowed")]
    NotAllowed,
    /// There is no chat in this room.
    #[error("there is no chat in this room")]
    NoChat,
    /// The player has no team.
    #[error("there is no team to talk to")]
    NoTeam,
    /// The command was executed, but the game's reply could not be sent: it is larger than a message may be, or the game has sent
    /// as much on this tick as it may.
    #[error("the reply is larger than the server may send")]
    TooLarge,
}

/// The players who receive a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// All players in the room.
    Room,
    /// The players of the sender's team.
    Team,
}

/// A chat message from a player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// The tick of the snapshot that follows it.
    pub tick: u32,
    /// The seat of the sender.
    pub player: u32,
    /// The sender's name.
    pub name: String,
    /// The players who receive it.
    pub channel: Channel,
    /// The text.
    pub text: String,
}

/// A control message from a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// Asks for a pong.
    Ping {
        /// Comes back in the pong.
        nonce: u32,
    },
    /// Reports that a snapshot's hash did not match, and asks for a keyframe.
    Resync {
        /// The tick of that snapshot.
        tick: u32,
    },
    /// Acknowledges a snapshot, as each input does: for clients that have no input to send.
    Ack {
        /// The tick of the newest snapshot received.
        tick: u32,
    },
    /// Sends a command to the game.
    Command {
        /// The number of the command. The commands and chat messages of a seat are numbered from 1, each one higher than the
        /// last.
        request: u32,
        /// True if a reply is wanted.
        reply: bool,
        /// The command: a value of the schema's shape of commands.
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
    },
    /// Sends a chat message to other players.
    Chat {
        /// The number of the message, as of a command.
        request: u32,
        /// True if a reply is wanted even if the message is delivered. A refusal is always sent.
        reply: bool,
        /// The players who receive it.
        channel: Channel,
        /// The text.
        text: String,
    },
}

/// Serializes a [`ServerMessage`] or [`ClientMessage`] with its kind byte.
///
/// # Panics
/// If the message is larger than [`MAX_MESSAGE_BYTES`](crate::limits::MAX_MESSAGE_BYTES).
pub fn write_control<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = vec![KIND_CONTROL];
    bytes.extend(encode(message));
    bytes
}

/// The bytes of a welcome, whose schema is left empty and given as bytes, [encoded](encode) once for all welcomes: it is most of
/// the message.
///
/// # Panics
/// As [`write_control`], or if the schema is not empty.
#[must_use]
pub fn write_welcome(welcome: Welcome, schema: &[u8]) -> Vec<u8> {
    let empty = encode(&Schema::default());
    assert!(welcome.schema == Schema::default(), "the schema is given as bytes");
    let mut bytes = write_control(&ServerMessage::Welcome(welcome.into()));
    // The schema is the last field, so its bytes take the place of those of the empty one.
    bytes.truncate(bytes.len() - empty.len());
    bytes.extend_from_slice(schema);
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
        fn any_bytes_give_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0u8..9) {
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
