//! Plain data as bytes, where size and speed matter little: control messages and the schema.
//!
//! The format is bincode's `standard` one: little-endian, integers of variable length. bincode 2.0.1 is pinned and no longer
//! maintained (RUSTSEC-2025-0141; 3.0.0 is an empty release). That is acceptable because it stands behind this one file, is
//! not on the hot path, reads bounded input that property tests vary at will, and writes what `docs/PROTOCOL.md` specifies:
//! another codec can take its place.

use bincode::config;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::MessageError;
use crate::limits::MAX_MESSAGE_BYTES;

/// Serializes a value of our own.
///
/// # Panics
/// If it takes more than [`MAX_MESSAGE_BYTES`]: keeping our own messages small is up to us.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes =
        bincode::serde::encode_to_vec(value, config::standard()).expect("plain data always serializes");
    assert!(bytes.len() <= MAX_MESSAGE_BYTES, "a control message of {} bytes is over the limit", bytes.len());
    bytes
}

/// Serializes a value that a game has made, which may be anything. `None` if it takes more than `max_bytes` or serde refuses it.
#[must_use]
pub fn encode_within<T: Serialize>(value: &T, max_bytes: usize) -> Option<Vec<u8>> {
    let bytes = bincode::serde::encode_to_vec(value, config::standard()).ok()?;
    (bytes.len() <= max_bytes).then_some(bytes)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`MessageError`] if the bytes are not exactly one such value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageError> {
    // The limit also bounds what a length in the bytes can make bincode allocate.
    let limited = config::standard().with_limit::<MAX_MESSAGE_BYTES>();
    let (value, used) = bincode::serde::decode_from_slice(bytes, limited)
        .map_err(|error| MessageError::Malformed(error.to_string()))?;
    if used == bytes.len() { Ok(value) } else { Err(MessageError::TrailingBytes) }
}
