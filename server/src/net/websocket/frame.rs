//! WebSocket frames (RFC 6455): the headers of those that are parsed and written here, without the library.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::net::close_reason::CloseReason;

/// The first byte of a final binary frame without extensions.
const BINARY_FRAME: u8 = 0x82;
/// The mask bit in the second byte, which every client must set; the other seven bits are a length below 126.
pub const MASKED: u8 = 0x80;
/// Bytes before the payload of a short masked frame: the two above and the mask.
pub const SHORT_HEADER_BYTES: usize = 6;
/// The longest payload whose length is in the second byte.
pub const MAX_SHORT_BYTES: usize = 125;
/// A close code that IANA has registered since the library's list was made: a gateway got an invalid answer.
const BAD_GATEWAY: u16 = 1014;

/// The frame at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A whole short binary frame with a payload of this length.
    Short(usize),
    /// A whole close frame of this many bytes.
    Close(usize),
    /// A header whose length takes more bytes than it needs (RFC 6455, section 5.2).
    Overlong,
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
        Ok(Some((header, length))) if cursor.position() as usize != header.len(length) => Frame::Overlong,
        Ok(Some((header, length))) if length <= max_message_bytes.into() => {
            let whole = cursor.position() as usize + length as usize;
            if bytes.len() < whole {
                Frame::Incomplete
            } else if is_close(&header) && length <= MAX_SHORT_BYTES as u64 {
                Frame::Close(whole)
            } else {
                Frame::Other(whole)
            }
        }
        // The library reports what is wrong with it.
        Ok(Some(_)) | Err(_) => Frame::Other(bytes.len()),
    }
}

fn is_close(header: &FrameHeader) -> bool {
    let FrameHeader { is_final, rsv1, rsv2, rsv3, opcode, mask } = *header;
    opcode == OpCode::Control(Control::Close) && is_final && mask.is_some() && !(rsv1 || rsv2 || rsv3)
}

/// The code and the reason in a whole [close frame](Frame::Close); `None` if it has neither.
///
/// # Errors
/// [`CloseReason::ProtocolError`] if the code is not one that may be sent, [`CloseReason::InvalidText`] if the reason is not
/// UTF-8.
pub fn read_close(frame: &mut [u8]) -> Result<Option<CloseFrame>, CloseReason> {
    let payload = unmask_short(frame);
    if payload.is_empty() {
        return Ok(None);
    }
    let (code, reason) = payload.split_first_chunk().ok_or(CloseReason::ProtocolError)?;
    let code = u16::from_be_bytes(*code);
    if !CloseCode::from(code).is_allowed() && code != BAD_GATEWAY {
        return Err(CloseReason::ProtocolError);
    }
    let reason = str::from_utf8(reason).map_err(|_| CloseReason::InvalidText)?;
    Ok(Some(CloseFrame { code: code.into(), reason: reason.into() }))
}

/// Unmasks the payload of a whole short frame, in place.
pub fn unmask_short(frame: &mut [u8]) -> &mut [u8] {
    let (header, payload) = frame.split_at_mut(SHORT_HEADER_BYTES);
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= header[2 + index % 4];
    }
    payload
}
