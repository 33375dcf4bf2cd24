//! How many bytes a message takes on the wire.

/// Returns the bytes of a message from a server to a client: RFC 6455, section 5.2, without a mask.
#[must_use]
pub fn wire_bytes(payload: usize) -> usize {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    payload + header
}
