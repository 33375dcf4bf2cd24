//! WebSocket frames (RFC 6455): the headers of those that are parsed and written here, without the library.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The first byte of a final binary frame without extensions.
const BINARY_FRAME: u8 = 0x82;
/// The mask bit in the second byte, which every client must set; the other seven bits are a length below 126.
pub const MASKED: u8 = 0x80;
/// Bytes before the payload of a short masked frame: the two above and the mask.
pub const SHORT_HEADER_BYTES: usize = 6;
/// The longest payload whose length is in the second byte.
pub const MAX_SHORT_BYTES: usize = 125;

/// The frame at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A whole short binary frame with a payload of this length.
    Short(usize),
    /// This many bytes for the library.
    Other(usize),
    /// Less than a whole frame.
    Incomplete,
}

/// Appends a binary frame and returns the length of its header in bytes.
pub fn put_frame(out: &mut Vec<u8>, payload: &[u8]) -> u32 {
    let before = out.len();
    let header = FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() };
    header.format(payload.len() as u64, out).expect("writing to memory succeeds");
    let header_bytes = (out.len() - before) as u32;
    out.extend_from_slice(payload);
    header_bytes
}

/// Looks at the frame at the start of some bytes from a client.
#[must_use]
pub fn first_frame(bytes: &[u8], max_message_bytes: u32) -> Frame {
    if let [BINARY_FRAME, second, ..] = *bytes
        && second & MASKED != 0
        && usize::from(second & !MASKED) <= MAX_SHORT_BYTES
    {
        let length = usize::from(second & !MASKED);
        return if bytes.len() >= SHORT_HEADER_BYTES + length {
            Frame::Short(length)
        } else {
            Frame::Incomplete
        };
    }
    let mut cursor = Cursor::new(bytes);
    match FrameHeader::parse(&mut cursor) {
        Ok(None) => Frame::Incomplete,
        Ok(Some((_, length))) if length <= max_message_bytes.into() => {
            let whole = cursor.position() as usize + length as usize;
            if bytes.len() >= whole { Frame::Other(whole) } else { Frame::Incomplete }
        }
        // The library reports what is wrong with it.
        Ok(Some(_)) | Err(_) => Frame::Other(bytes.len()),
    }
}
