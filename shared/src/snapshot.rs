//! The snapshot message: one tick of the world for one client.
//!
//! ```text
//! byte 0   kind: KIND_DELTA or KIND_KEYFRAME
//! byte 1   the number of the client's last consumed input, its low eight bits   } the prefix:
//! byte 2   that input's slack in ticks, signed; -128 before any input           } each client's own
//! bytes 3… the body, the same for all clients that have the same baseline
//! ```
//!
//! The body is bits: a keyframe's tick in 32, or a delta's distance from its baseline less one as a count and a flag
//! "uses the frame before the baseline"; a flag and the 32-bit hash of the frame; then the tables (see
//! [`crate::delta`]).

use crate::delta::{Baseline, DecodeError, write_delta};
use crate::frame::Frame;
use crate::limits::MAX_SERVER_MESSAGE_BYTES;
use crate::schema::Layout;
use crate::symbols::{SymbolReader, SymbolWriter};

/// First byte of a snapshot that is a delta from the client's last one.
pub const KIND_DELTA: u8 = 1;
/// First byte of a snapshot that stands on its own.
pub const KIND_KEYFRAME: u8 = 2;
/// Bytes before the body.
pub const PREFIX_BYTES: usize = 3;

/// The slack that stands for "no input consumed yet".
const NO_INPUT: i8 = i8::MIN;

/// What the server has done with a client's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputAck {
    /// The number of the last consumed input; of a received prefix only its low eight bits.
    pub number: u32,
    /// How many ticks that input waited for its tick; negative if it came late.
    pub slack_ticks: i8,
}

/// The prefix of a snapshot, with its kind.
#[must_use]
pub fn write_prefix(keyframe: bool, ack: Option<InputAck>) -> [u8; PREFIX_BYTES] {
    let kind = if keyframe { KIND_KEYFRAME } else { KIND_DELTA };
    match ack {
        Some(ack) => [kind, ack.number as u8, ack.slack_ticks.max(NO_INPUT + 1) as u8],
        None => [kind, 0, NO_INPUT as u8],
    }
}

/// A received prefix, and the rest of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix<'a> {
    /// Whether the body is a keyframe.
    pub keyframe: bool,
    /// The server's word on this client's inputs, once it has consumed any.
    pub ack: Option<InputAck>,
    /// The shared part.
    pub body: &'a [u8],
}

/// Splits a snapshot into its prefix and body.
///
/// # Errors
/// [`DecodeError`] if the message is no snapshot.
pub fn read_prefix(message: &[u8]) -> Result<Prefix<'_>, DecodeError> {
    let Some((&[kind, number, slack], body)) = message.split_first_chunk::<PREFIX_BYTES>() else {
        return Err(DecodeError::Truncated);
    };
    let keyframe = match kind {
        KIND_KEYFRAME => true,
        KIND_DELTA => false,
        other => return Err(DecodeError::UnknownKind(other)),
    };
    let ack =
        (slack as i8 != NO_INPUT).then_some(InputAck { number: u32::from(number), slack_ticks: slack as i8 });
    Ok(Prefix { keyframe, ack, body })
}

/// What the body says before its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHeader {
    /// Where the frame stands.
    pub position: Position,
    /// The hash of the frame, on the ticks that carry one.
    pub hash: Option<u32>,
}

/// A frame's place on the receiver's line of ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A keyframe: its tick.
    Keyframe(u32),
    /// A delta.
    Delta {
        /// Ticks from the baseline to the frame, at least one.
        ticks: u32,
        /// Whether the frame before the baseline is used too.
        uses_older: bool,
    },
}

/// Writes a body and returns its bytes: a keyframe without `baseline`, else a delta.
///
/// # Panics
/// If the frame is not later than its baseline, not of the layout, or larger than [`MAX_SERVER_MESSAGE_BYTES`] when written.
pub fn write_body<'w>(
    layout: &Layout,
    empty: &Frame,
    baseline: Option<Baseline>,
    frame: &Frame,
    hash: Option<u32>,
    symbols: &'w mut SymbolWriter,
) -> &'w [u8] {
    symbols.clear();
    if let Some(baseline) = baseline {
        assert!(frame.tick > baseline.frame.tick, "a delta leads to a later tick");
        symbols.count(frame.tick - baseline.frame.tick - 1);
        symbols.flag(baseline.older.is_some());
    } else {
        symbols.raw(frame.tick, 32);
    }
    symbols.flag(hash.is_some());
    if let Some(hash) = hash {
        symbols.raw(hash, 32);
    }
    let baseline = baseline.unwrap_or(Baseline { frame: empty, older: None });
    write_delta(layout, baseline, frame, symbols);
    let body = symbols.finish();
    assert!(body.len() + PREFIX_BYTES <= MAX_SERVER_MESSAGE_BYTES, "the world is too large for one snapshot");
    body
}

/// Reads the part of a body before its tables.
///
/// # Errors
/// [`DecodeError`] if the bytes end.
pub fn read_body_header(keyframe: bool, symbols: &mut SymbolReader) -> Result<BodyHeader, DecodeError> {
    let position = if keyframe {
        Position::Keyframe(symbols.raw(32)?)
    } else {
        let ticks = symbols.count()?.checked_add(1).ok_or(DecodeError::NumberTooLong)?;
        Position::Delta { ticks, uses_older: symbols.flag()? }
    };
    let hash = if symbols.flag()? { Some(symbols.raw(32)?) } else { None };
    Ok(BodyHeader { position, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_round_trip() {
        for ack in [
            None,
            Some(InputAck { number: 255, slack_ticks: -3 }),
            Some(InputAck { number: 0, slack_ticks: 127 }),
        ] {
            let bytes = write_prefix(true, ack);
            assert_eq!(read_prefix(&bytes), Ok(Prefix { keyframe: true, ack, body: &[] }));
        }
        assert_eq!(read_prefix(&[KIND_DELTA, 0]), Err(DecodeError::Truncated));
        assert_eq!(read_prefix(&[9, 0, 0]), Err(DecodeError::UnknownKind(9)));
    }
}
