//! Every reason for which a connection ends, with its close code.

use drumline_room::EndReason;
use strum::{EnumIter, IntoStaticStr};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Bytes of a close frame's text: RFC 6455, 5.5, less the code.
const MAX_TEXT_BYTES: usize = 123;

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CloseReason {
    /// The client closed the connection to leave.
    Left,
    /// The client's page has gone: it was closed, reloaded or left.
    PageGone,
    /// The client closed the connection, and not to leave.
    Dropped,
    /// The connection broke without a close frame, or the client has abandoned it.
    Lost,
    /// The server is shutting down.
    ServerStopping,
    /// The client broke the WebSocket protocol.
    ProtocolError,
    /// The client sent a text message.
    TextMessage,
    /// The client sent a close frame whose reason is not UTF-8.
    InvalidText,
    /// The client sent a message over the limit.
    MessageTooBig,
    /// The client sent bytes that are not a Drumline message.
    Malformed,
    /// The client did not read its data for too long.
    TooSlow,
    /// The client was silent for too long.
    Silent,
    /// The client's inputs were dropped for too long.
    InputFlood,
    /// A newer connection of the same session has taken the seat.
    TakenOver,
    /// The session ended while the client was reconnecting.
    SessionEnded,
    /// An operator or the game has removed the player.
    Kicked,
    /// The game or an operator has ended the room.
    RoomClosed,
    /// The room's game has panicked.
    RoomFailed,
    /// The client sent more messages or bytes than it may.
    MessageFlood,
    /// The inputs have not changed for too long.
    Idle,
    /// The client's address or account is banned.
    Banned,
    /// The game has refused the join.
    Refused,
}

/// For how long a player's seat is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Not at all.
    Not,
    /// As long as a page needs to load again.
    ForReload,
    /// As long as a network may need.
    ForResume,
}

impl From<EndReason> for CloseReason {
    fn from(end: EndReason) -> Self {
        match end {
            EndReason::Empty
            | EndReason::Game
            | EndReason::Operator
            | EndReason::LastTick
            | EndReason::Overload => Self::RoomClosed,
            EndReason::ServerStopping => Self::ServerStopping,
            EndReason::Panic | EndReason::WorldTooLarge => Self::RoomFailed,
        }
    }
}

impl CloseReason {
    /// For how long the player's seat is held, so that they can resume.
    #[must_use]
    pub fn hold(self) -> Hold {
        match self {
            Self::Lost | Self::Dropped | Self::TooSlow | Self::Silent => Hold::ForResume,
            Self::PageGone => Hold::ForReload,
            _ => Hold::Not,
        }
    }

    /// The reason of a client that has closed the connection with a code, or with none.
    #[must_use]
    pub fn of_client(code: Option<u16>) -> Self {
        match code {
            Some(1000) => Self::Left,
            Some(1001) => Self::PageGone,
            // A client that receives nothing abandons the connection for a newer one, and waits for no answer.
            Some(4003) => Self::Lost,
            _ => Self::Dropped,
        }
    }

    /// The code in the close frame. A client that closes first gets its own code back instead. [`Lost`](Self::Lost) is never
    /// sent; it has 1006, the code that browsers report for it.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Left => 1000,
            Self::ServerStopping | Self::PageGone => 1001,
            Self::ProtocolError => 1002,
            Self::TextMessage => 1003,
            Self::Lost | Self::Dropped => 1006,
            Self::InvalidText => 1007,
            Self::MessageTooBig => 1009,
            Self::Malformed => 4001,
            Self::TooSlow => 4002,
            Self::Silent => 4003,
            Self::InputFlood => 4004,
            Self::TakenOver => 4005,
            Self::SessionEnded => 4006,
            Self::Kicked => 4007,
            Self::RoomClosed => 4008,
            Self::RoomFailed => 4009,
            Self::MessageFlood => 4010,
            Self::Idle => 4011,
            Self::Banned => 4012,
            Self::Refused => 4013,
        }
    }

    /// The name in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The close frame's text.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Left | Self::PageGone | Self::Dropped => "goodbye",
            Self::Lost => "connection lost",
            Self::ServerStopping => "the server is shutting down",
            Self::ProtocolError => "not valid WebSocket",
            Self::TextMessage => "text messages are not part of this protocol; send binary",
            Self::InvalidText => "the reason of a close frame is not UTF-8",
            Self::MessageTooBig => "the message is too big",
            Self::Malformed => "not a valid message of this game",
            Self::TooSlow => "data was not taken for too long",
            Self::Silent => "nothing was heard for too long",
            Self::InputFlood => "inputs were out of their window for too long",
            Self::TakenOver => "a newer connection has taken this seat",
            Self::SessionEnded => "the session has ended",
            Self::Kicked => "this player's visit was ended",
            Self::RoomClosed => "the room is closed",
            Self::RoomFailed => "the room's game has failed",
            Self::MessageFlood => "more messages than a client may send",
            Self::Idle => "nobody has played for too long",
            Self::Banned => "this address or account is banned",
            Self::Refused => "the game has refused the join",
        }
    }

    /// The close frame.
    #[must_use]
    pub fn frame(self) -> CloseFrame {
        self.frame_with_text(self.text())
    }

    /// The close frame with another text, of which 123 bytes fit: whole characters.
    #[must_use]
    pub fn frame_with_text(self, text: &str) -> CloseFrame {
        let end = (0..=text.len().min(MAX_TEXT_BYTES)).rev().find(|&end| text.is_char_boundary(end));
        let text = &text[..end.unwrap_or_default()];
        CloseFrame { code: CloseCode::from(self.code()), reason: text.into() }
    }
}
