//! The snapshot message: one tick of the world for one client.
//!
//! ```text
//! byte 0   head: the kind in the low two bits, and what the body has (see Head)
//! byte 1   the number of the client's last consumed input, its low eight bits   } each client's own
//! byte 2   that input's slack in ticks, signed; -128 before any input           }
//! bytes 3… the body, the same for all clients that have the same baseline
//! ```
//!
//! The body is one range-coded message: a keyframe's tick or a delta's distance, the frame's hash and the change of
//! priors if the head says that they are there, and then the tables (see [`crate::delta`]).

use crate::delta::{Baseline, DecodeError, DeltaReader, DeltaWriter};
use crate::frame::Frame;
use crate::learner::Learner;
use crate::limits::MAX_SERVER_MESSAGE_BYTES;
use crate::priors::{Priors, read_gap, write_gap};
use crate::range_coder::RangeReader;
use crate::schema::Layout;
use crate::symbols::{SymbolReader, SymbolStates, SymbolWriter, Tally};

/// The kind of a snapshot that is a delta from the client's last one.
pub const KIND_DELTA: u8 = 1;
/// The kind of a snapshot that stands on its own.
pub const KIND_KEYFRAME: u8 = 2;
/// Bytes before the body.
pub const PREFIX_BYTES: usize = 3;

const KIND_BITS: u8 = 0b11;
const HISTORY_SHIFT: u8 = 2;
const MAX_HISTORY: u8 = 2;
const HAS_HASH: u8 = 1 << 4;
const HAS_PRIORS: u8 = 1 << 5;
const HAS_DISTANCE: u8 = 1 << 6;
const UNUSED: u8 = 1 << 7;

/// Deltas of one tick in so many are counted for learning. Counting is cheap, but the counts are many and have gone from
/// the processor's cache by the next tick.
const TICKS_PER_SAMPLE: u32 = 4;

/// The slack that stands for "no input consumed yet".
const NO_INPUT: i8 = i8::MIN;

/// The first byte of a snapshot: what the body is and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the bits of a byte")]
pub struct Head {
    /// Whether the body stands on its own.
    pub keyframe: bool,
    /// How many frames before the baseline are used too, 0 to 2.
    pub history: u8,
    /// Whether the body carries the frame's hash.
    pub hash: bool,
    /// Whether it changes the priors.
    pub priors: bool,
    /// Whether it leads over more than one tick, and says over how many.
    pub distance: bool,
}

impl Head {
    /// The head as a byte.
    #[must_use]
    pub fn to_byte(self) -> u8 {
        let bit = |flag: bool, bit: u8| if flag { bit } else { 0 };
        let kind = if self.keyframe { KIND_KEYFRAME } else { KIND_DELTA };
        kind | self.history << HISTORY_SHIFT
            | bit(self.hash, HAS_HASH)
            | bit(self.priors, HAS_PRIORS)
            | bit(self.distance, HAS_DISTANCE)
    }

    /// The head of a received byte.
    ///
    /// # Errors
    /// [`DecodeError::UnknownKind`] if it is none.
    pub fn from_byte(byte: u8) -> Result<Self, DecodeError> {
        let head = Self {
            keyframe: byte & KIND_BITS == KIND_KEYFRAME,
            history: byte >> HISTORY_SHIFT & 0b11,
            hash: byte & HAS_HASH != 0,
            priors: byte & HAS_PRIORS != 0,
            distance: byte & HAS_DISTANCE != 0,
        };
        let known = matches!(byte & KIND_BITS, KIND_DELTA | KIND_KEYFRAME) && byte & UNUSED == 0;
        let alone = head.history == 0 && !head.distance;
        if known && head.history <= MAX_HISTORY && (alone || !head.keyframe) {
            Ok(head)
        } else {
            Err(DecodeError::UnknownKind(byte))
        }
    }
}

/// What the server has done with a client's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputAck {
    /// The number of the last consumed input; of a received prefix only its low eight bits.
    pub number: u32,
    /// How many ticks that input waited for its tick; negative if it came late.
    pub slack_ticks: i8,
}

/// The bytes before the body.
#[must_use]
pub fn write_prefix(head: Head, ack: Option<InputAck>) -> [u8; PREFIX_BYTES] {
    let head = head.to_byte();
    match ack {
        Some(ack) => [head, ack.number as u8, ack.slack_ticks.max(NO_INPUT + 1) as u8],
        None => [head, 0, NO_INPUT as u8],
    }
}

/// A received prefix, and the rest of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix<'a> {
    /// What the body is and has.
    pub head: Head,
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
    let Some((&[head, number, slack], body)) = message.split_first_chunk::<PREFIX_BYTES>() else {
        return Err(DecodeError::Truncated);
    };
    let ack =
        (slack as i8 != NO_INPUT).then_some(InputAck { number: u32::from(number), slack_ticks: slack as i8 });
    Ok(Prefix { head: Head::from_byte(head)?, ack, body })
}

/// Encodes bodies; it keeps the scratch memory between them.
#[derive(Debug)]
pub struct BodyWriter {
    empty: Frame,
    symbols: SymbolWriter,
    delta: DeltaWriter,
}

impl BodyWriter {
    /// A writer for the frames of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let symbols = SymbolWriter::new(layout.contexts);
        Self { empty: Frame::empty(layout), symbols, delta: DeltaWriter::default() }
    }

    /// Writes a body and returns its head and bytes: a keyframe without `baseline`, else a delta.
    ///
    /// # Panics
    /// If the frame is not later than its baseline, not of the layout, or larger than [`MAX_SERVER_MESSAGE_BYTES`] when written.
    pub fn write(
        &mut self,
        layout: &Layout,
        baseline: Option<Baseline>,
        frame: &Frame,
        hash: Option<u32>,
        learner: &Learner,
    ) -> (Head, &[u8]) {
        let known = baseline.map(|baseline| baseline.frame.tick);
        let ticks =
            known.map_or(0, |tick| frame.tick.checked_sub(tick).expect("a delta leads to a later tick"));
        assert!(known.is_none() || ticks > 0, "a delta leads to a later tick");
        let from = baseline.unwrap_or(Baseline::new(&self.empty));
        let head = Head {
            keyframe: baseline.is_none(),
            history: u8::from(from.older.is_some()) + u8::from(from.oldest.is_some()),
            hash: hash.is_some(),
            priors: !learner.is_known(known),
            distance: ticks > 1,
        };
        self.symbols.clear();
        let coder = self.symbols.coder();
        if head.keyframe {
            coder.write_raw(frame.tick, 32);
        } else if head.distance {
            write_gap(ticks - 2, coder);
        }
        if let Some(hash) = hash {
            coder.write_raw(hash, 32);
        }
        if head.priors {
            learner.write(known, coder);
        }
        // Keyframes are one client's; what is learned is for the deltas that all get.
        let sampled = frame.tick.is_multiple_of(TICKS_PER_SAMPLE) && !head.keyframe;
        self.symbols.start(learner.priors(), if sampled { TICKS_PER_SAMPLE } else { 0 });
        self.delta.write_delta(layout, from, frame, &mut self.symbols);
        let body = self.symbols.finish();
        assert!(
            body.len() + PREFIX_BYTES <= MAX_SERVER_MESSAGE_BYTES,
            "the world is too large for one snapshot"
        );
        (head, body)
    }

    /// What the decisions of all bodies were, for the [`Learner`].
    pub fn tallies(&mut self) -> &mut [Tally] {
        self.symbols.tallies()
    }
}

/// What a body says before its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHeader {
    /// A keyframe's tick; a delta's distance from its baseline in ticks.
    pub ticks: u32,
    /// The hash of the frame, on the ticks that carry one.
    pub hash: Option<u32>,
}

/// Decodes bodies; it keeps the scratch memory between them.
#[derive(Debug)]
pub struct BodyReader {
    priors: Priors,
    states: SymbolStates,
    delta: DeltaReader,
}

impl BodyReader {
    /// A reader for the frames of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let (priors, states) = (Priors::new(&layout.default_priors), SymbolStates::new(layout.contexts));
        Self { priors, states, delta: DeltaReader::default() }
    }

    /// Reads the part of a body before its tables, and takes over the priors in it.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are none that were written.
    pub fn read_header<'a>(
        &mut self,
        prefix: Prefix<'a>,
    ) -> Result<(BodyHeader, RangeReader<'a>), DecodeError> {
        let mut coder = RangeReader::new(prefix.body);
        let ticks = if prefix.head.keyframe {
            coder.read_raw(32)?
        } else if prefix.head.distance {
            read_gap(&mut coder)?.checked_add(2).ok_or(DecodeError::NumberTooLong)?
        } else {
            1
        };
        let hash = if prefix.head.hash { Some(coder.read_raw(32)?) } else { None };
        if prefix.head.keyframe {
            self.priors.clear();
        }
        if prefix.head.priors {
            self.priors.read(&mut coder)?;
        }
        Ok((BodyHeader { ticks, hash }, coder))
    }

    /// Reads the tables into `frame`.
    ///
    /// # Errors
    /// [`DecodeError`]; `frame` then holds no meaningful state.
    pub fn read_tables(
        &mut self,
        layout: &Layout,
        baseline: Baseline,
        coder: RangeReader,
        frame: &mut Frame,
    ) -> Result<(), DecodeError> {
        let mut symbols = SymbolReader::start(coder, &self.priors, &mut self.states);
        self.delta.read_delta(layout, baseline, &mut symbols, frame)?;
        symbols.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_round_trip() {
        let delta = Head { keyframe: false, history: 2, hash: true, priors: false, distance: true };
        let keyframe = Head { keyframe: true, history: 0, hash: true, priors: true, distance: false };
        for head in [delta, keyframe] {
            for ack in [
                None,
                Some(InputAck { number: 255, slack_ticks: -3 }),
                Some(InputAck { number: 0, slack_ticks: 127 }),
            ] {
                let bytes = write_prefix(head, ack);
                assert_eq!(read_prefix(&bytes), Ok(Prefix { head, ack, body: &[] }));
            }
        }
    }

    #[test]
    fn every_other_first_byte_is_refused() {
        assert_eq!(read_prefix(&[KIND_DELTA, 0]), Err(DecodeError::Truncated));
        // Deltas: three histories, and three flags. Keyframes: two flags.
        let accepted: Vec<u8> = (0..=255).filter(|&byte| Head::from_byte(byte).is_ok()).collect();
        assert_eq!(accepted.len(), 3 * 8 + 4);
        assert!(accepted.iter().all(|&byte| Head::from_byte(byte).unwrap().to_byte() == byte));
        assert_eq!(read_prefix(&[0x81, 0, 0]), Err(DecodeError::UnknownKind(0x81)));
    }
}
