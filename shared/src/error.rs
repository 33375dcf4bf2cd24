//! Errors in bytes from a peer.

use thiserror::Error;

/// A binary message (a snapshot or an input) is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The message ends early.
    #[error("the message ends early")]
    Truncated,
    /// There is more after the message's end, or its padding is not zero.
    #[error("the message goes on after its end")]
    TrailingBits,
    /// No writer of this format writes these bytes.
    #[error("the bytes are no code of any message")]
    NotCanonical,
    /// A prior is for a context beyond the last one.
    #[error("a prior belongs to no context of this schema")]
    NoSuchContext,
    /// A variable-length number is over 32 bits.
    #[error("a number is over 32 bits")]
    NumberTooLong,
    /// A value is above its column's maximum.
    #[error("a value is out of its field's range")]
    ValueOutOfRange,
    /// A departure names a row that the baseline does not have.
    #[error("a despawn names an entity that does not exist")]
    NoSuchEntity,
    /// An arrival's slot is taken, or beyond [`MAX_ENTITIES`](crate::limits::MAX_ENTITIES).
    #[error("a spawn names a slot that is taken or beyond the limit")]
    BadSlot,
    /// The change of a list names an item that it does not have, or makes it longer than it can be.
    #[error("the change of a list does not fit the list")]
    BadList,
    /// The areas would have more columns than [`MAX_FRAME_COLUMNS`](crate::limits::MAX_FRAME_COLUMNS).
    #[error("the frame is larger than any that may be sent")]
    FrameTooLarge,
    /// The message's first byte is no kind that is allowed here.
    #[error("unknown message kind {0:#04x}")]
    UnknownKind(u8),
    /// A delta came before any keyframe.
    #[error("a delta refers to a frame that is not there")]
    NoBaseline,
    /// The change of the list of areas is impossible: it removes an area that is not there, adds one of a class that cannot be
    /// added, leads to more than [`MAX_AREAS`](crate::limits::MAX_AREAS), or changes nothing.
    #[error("the change of the list of areas is impossible")]
    BadView,
    /// The bit maps of which areas have blocks do not fit the list of areas and the blocks.
    #[error("the map of areas does not fit")]
    BadMap,
}

/// A control message is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageError {
    /// The first byte is not [`KIND_CONTROL`](crate::wire::control::KIND_CONTROL).
    #[error("not a control message")]
    NotControl,
    /// The bytes are not a message of the expected type.
    #[error("malformed control message: {0}")]
    Malformed(String),
    /// There is more after the message's end.
    #[error("the control message goes on after its end")]
    TrailingBytes,
}
