//! The snapshot message: one tick of what one client sees.
//!
//! ```text
//! byte 0     head: the kind in the low two bits, and what follows (see Head)
//! byte 1     the number of the client's last consumed input, its low eight bits
//! byte 2     that input's slack in ticks, signed; -128 before any input
//! tick       of a keyframe: four bytes. Of a delta: ticks since the client's last snapshot less 2, if the head says so
//! priors     their change, if the head says so
//! view       which areas have gone from the client's list and which have come, if the head says so
//! maps       if the list has two areas or more: which of them have blocks, and which are passed over
//! blocks     one after another (see crate::block)
//! ```
//!
//! All but the blocks is the client's own, and short; the blocks are shared. Where a client sees one area and nothing special
//! happens, a snapshot is three bytes and a block.

use std::ops::Range;

use crate::delta::DecodeError;
use crate::layout::AreaClass;
use crate::limits::MAX_AREAS;

/// The kind of a snapshot that goes on from the client's last one.
pub const KIND_DELTA: u8 = 1;
/// The kind of a snapshot that stands on its own.
pub const KIND_KEYFRAME: u8 = 2;
/// Bytes that every snapshot begins with.
pub const PREFIX_BYTES: usize = 3;

const KIND_BITS: u8 = 0b11;
const HAS_PRIORS: u8 = 1 << 2;
const HAS_DISTANCE: u8 = 1 << 3;
const HAS_VIEW: u8 = 1 << 4;
const HAS_SKIPS: u8 = 1 << 5;
const UNUSED: u8 = 0b1100_0000;

/// The slack that stands for "no input consumed yet".
const NO_INPUT: i8 = i8::MIN;

/// What the server has done with a client's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputAck {
    /// The number of the last consumed input; of a received snapshot only its low eight bits.
    pub number: u32,
    /// How many ticks that input waited for its tick; negative if it came late.
    pub slack_ticks: i8,
}

/// What a snapshot says of one area of the client's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaNews {
    /// It has a block, in these of the bytes that go with the snapshot.
    Block(Range<usize>),
    /// It is as expected.
    Quiet,
    /// Nothing: it is passed over, and stays as the client last heard of it.
    Skipped,
}

/// A snapshot, but for its blocks' bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether it stands on its own: the client forgets what it knew, and its list of areas is the public one.
    pub keyframe: bool,
    /// A keyframe's tick; a delta's distance from the client's last snapshot in ticks.
    pub ticks: u32,
    /// The server's word on this client's inputs, once it has consumed any.
    pub ack: Option<InputAck>,
    /// The change of the priors, if there is one, in these of the bytes that go with the snapshot.
    pub priors: Option<Range<usize>>,
    /// The areas that leave the client's list, by ascending index in it. The first, the public one, never does.
    pub leaves: Vec<usize>,
    /// The classes of the areas that come to its end.
    pub enters: Vec<AreaClass>,
    /// The news of each area then in the list, in order.
    pub areas: Vec<AreaNews>,
}

impl Snapshot {
    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.priors = None;
        self.leaves.clear();
        self.enters.clear();
        self.areas.clear();
    }

    fn skips(&self) -> bool {
        self.areas.contains(&AreaNews::Skipped)
    }

    /// Appends the message. `bytes` are what its ranges refer to.
    ///
    /// # Panics
    /// If it is none that [`read`](Self::read) would accept.
    pub fn write(&self, bytes: &[u8], message: &mut Vec<u8>) {
        let view = !self.leaves.is_empty() || !self.enters.is_empty();
        let bit = |flag: bool, bit: u8| if flag { bit } else { 0 };
        let kind = if self.keyframe { KIND_KEYFRAME } else { KIND_DELTA };
        let distance = !self.keyframe && self.ticks > 1;
        message.push(
            kind | bit(self.priors.is_some(), HAS_PRIORS)
                | bit(distance, HAS_DISTANCE)
                | bit(view, HAS_VIEW)
                | bit(self.skips(), HAS_SKIPS),
        );
        message.extend(match self.ack {
            Some(ack) => [ack.number as u8, ack.slack_ticks.max(NO_INPUT + 1) as u8],
            None => [0, NO_INPUT as u8],
        });
        if self.keyframe {
            message.extend(self.ticks.to_le_bytes());
        } else {
            assert!(self.ticks > 0, "a delta leads to a later tick");
        }
        if distance {
            put_number(self.ticks - 2, message);
        }
        if let Some(priors) = &self.priors {
            put_number(priors.len() as u32, message);
            message.extend(&bytes[priors.clone()]);
        }
        if view {
            self.write_view(message);
        }
        self.write_areas(bytes, message);
    }

    fn write_view(&self, message: &mut Vec<u8>) {
        put_number(self.leaves.len() as u32, message);
        let mut next = 0;
        for &index in &self.leaves {
            assert!(index > 0, "the public area never leaves");
            put_number((index - next) as u32, message);
            next = index + 1;
        }
        put_number(self.enters.len() as u32, message);
        message.extend(self.enters.iter().map(|class| class.number()));
    }

    fn write_areas(&self, bytes: &[u8], message: &mut Vec<u8>) {
        assert!((1..=MAX_AREAS).contains(&self.areas.len()), "a client sees 1 to MAX_AREAS areas");
        if let [only] = &self.areas[..] {
            match only {
                AreaNews::Block(block) => message.extend(&bytes[block.clone()]),
                AreaNews::Quiet => {}
                AreaNews::Skipped => panic!("a client's only area is never passed over"),
            }
            return;
        }
        let is_block = |news: &AreaNews| matches!(news, AreaNews::Block(_));
        put_map(self.areas.iter().map(is_block), message);
        if self.skips() {
            let others = self.areas.iter().filter(|news| !is_block(news));
            put_map(others.map(|news| *news == AreaNews::Skipped), message);
        }
        let mut blocks = self.areas.iter().filter_map(|news| match news {
            AreaNews::Block(block) => Some(&bytes[block.clone()]),
            _ => None,
        });
        let last = blocks.next_back();
        for block in blocks {
            put_number(block.len() as u32, message);
            message.extend(block);
        }
        message.extend(last.unwrap_or_default());
    }

    /// Becomes what a message says, to a client that has so many areas in its list. The ranges refer to the message.
    ///
    /// # Errors
    /// [`DecodeError`] if it is no snapshot, or none that can follow.
    pub fn read(&mut self, message: &[u8], listed: usize) -> Result<(), DecodeError> {
        self.clear();
        let mut rest = Cursor { bytes: message, at: 0 };
        let head = rest.byte()?;
        let kind = head & KIND_BITS;
        self.keyframe = kind == KIND_KEYFRAME;
        let distance = head & HAS_DISTANCE != 0;
        let known = matches!(kind, KIND_DELTA | KIND_KEYFRAME) && head & UNUSED == 0;
        if !known || (self.keyframe && distance) {
            return Err(DecodeError::UnknownKind(head));
        }
        let (number, slack) = (rest.byte()?, rest.byte()? as i8);
        self.ack = (slack != NO_INPUT).then_some(InputAck { number: u32::from(number), slack_ticks: slack });
        self.ticks = if self.keyframe {
            u32::from_le_bytes([rest.byte()?, rest.byte()?, rest.byte()?, rest.byte()?])
        } else if distance {
            rest.number()?.checked_add(2).ok_or(DecodeError::NumberTooLong)?
        } else {
            1
        };
        if head & HAS_PRIORS != 0 {
            let length = rest.number()? as usize;
            if length == 0 {
                return Err(DecodeError::Truncated);
            }
            self.priors = Some(rest.take(length)?);
        }
        let mut listed = if self.keyframe { 1 } else { listed };
        if head & HAS_VIEW != 0 {
            listed = self.read_view(listed, &mut rest)?;
        }
        self.read_areas(listed, head & HAS_SKIPS != 0, &mut rest)
    }

    fn read_view(&mut self, listed: usize, rest: &mut Cursor) -> Result<usize, DecodeError> {
        let mut next = 0;
        for _ in 0..rest.number()? {
            let index = (rest.number()? as usize).saturating_add(next);
            if index == 0 || index >= listed {
                return Err(DecodeError::BadView);
            }
            self.leaves.push(index);
            next = index + 1;
        }
        for _ in 0..rest.number()? {
            let class = AreaClass::from_number(rest.byte()?).filter(|class| *class != AreaClass::PUBLIC);
            self.enters.push(class.ok_or(DecodeError::BadView)?);
        }
        let listed = listed - self.leaves.len() + self.enters.len();
        let changed = !self.leaves.is_empty() || !self.enters.is_empty();
        if changed && listed <= MAX_AREAS { Ok(listed) } else { Err(DecodeError::BadView) }
    }

    fn read_areas(&mut self, listed: usize, skips: bool, rest: &mut Cursor) -> Result<(), DecodeError> {
        if listed == 1 {
            if skips {
                return Err(DecodeError::BadMap);
            }
            let block = rest.take(rest.left())?;
            self.areas.push(if block.is_empty() { AreaNews::Quiet } else { AreaNews::Block(block) });
            return Ok(());
        }
        let has_block = rest.map(listed)?;
        let others = listed - has_block.count();
        let skipped = if skips { rest.map(others)? } else { Map::default() };
        if skips && skipped.count() == 0 {
            return Err(DecodeError::BadMap);
        }
        let mut blocks_left = has_block.count();
        let mut other = 0;
        for area in 0..listed {
            self.areas.push(if has_block.get(area) {
                blocks_left -= 1;
                let length = if blocks_left > 0 { rest.number()? as usize } else { rest.left() };
                if length == 0 {
                    return Err(DecodeError::Truncated);
                }
                AreaNews::Block(rest.take(length)?)
            } else {
                other += 1;
                if skipped.get(other - 1) { AreaNews::Skipped } else { AreaNews::Quiet }
            });
        }
        if rest.left() == 0 { Ok(()) } else { Err(DecodeError::TrailingBits) }
    }
}

/// Appends a number in groups of seven bits, the lowest first, each but the last with its top bit set (LEB128).
fn put_number(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a bit for each flag, the first in the lowest bit of a byte.
fn put_map(flags: impl Iterator<Item = bool>, bytes: &mut Vec<u8>) {
    for (index, flag) in flags.enumerate() {
        if index % 8 == 0 {
            bytes.push(0);
        }
        let last = bytes.last_mut().expect("the first flag of eight has made a byte");
        *last |= u8::from(flag) << (index % 8);
    }
}

/// Flags that [`put_map`] wrote.
#[derive(Default)]
struct Map<'a>(&'a [u8]);

impl Map<'_> {
    fn get(&self, index: usize) -> bool {
        self.0.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
    }

    fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

/// A message that is being read.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn take(&mut self, length: usize) -> Result<Range<usize>, DecodeError> {
        if length > self.left() {
            return Err(DecodeError::Truncated);
        }
        self.at += length;
        Ok(self.at - length..self.at)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let at = self.take(1)?.start;
        Ok(self.bytes[at])
    }

    fn number(&mut self) -> Result<u32, DecodeError> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            let group = u32::from(byte & 0x7f);
            if group > u32::MAX >> shift {
                return Err(DecodeError::NumberTooLong);
            }
            number |= group << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DecodeError::NumberTooLong)
    }

    fn map(&mut self, flags: usize) -> Result<Map<'a>, DecodeError> {
        let range = self.take(flags.div_ceil(8))?;
        let bytes = &self.bytes[range];
        match bytes.last() {
            Some(last) if !flags.is_multiple_of(8) && last >> (flags % 8) != 0 => Err(DecodeError::BadMap),
            _ => Ok(Map(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Snapshots that a server might write to a client with so many areas, and the bytes that go with them.
    fn snapshot(listed: usize) -> impl Strategy<Value = Snapshot> {
        let ack = (any::<u8>(), -127i8..)
            .prop_map(|(number, slack_ticks)| InputAck { number: u32::from(number), slack_ticks });
        let news = (0u8..4, 1usize..300);
        (
            any::<bool>(),
            1u32..200_000,
            prop::option::of(ack),
            prop::option::of(1usize..200),
            prop::collection::vec(any::<bool>(), listed - 1),
            prop::collection::vec(1u8..6, 0..6),
            prop::collection::vec(news, listed + 6),
        )
            .prop_map(move |(keyframe, ticks, ack, priors, leaves, enters, news)| {
                let mut at = 0;
                let mut take = |length: usize| {
                    at += length;
                    at - length..at
                };
                let leaves = leaves.iter().enumerate().filter(|(_, leaves)| **leaves && !keyframe);
                let leaves: Vec<usize> = leaves.map(|(index, _)| index + 1).collect();
                let enters: Vec<AreaClass> = enters.into_iter().filter_map(AreaClass::from_number).collect();
                let now = if keyframe { 1 } else { listed } - leaves.len() + enters.len();
                let priors = priors.map(&mut take);
                let areas = news.into_iter().take(now).map(|(kind, length)| match kind {
                    0 | 1 => AreaNews::Block(take(length)),
                    2 if now > 1 => AreaNews::Skipped,
                    _ => AreaNews::Quiet,
                });
                Snapshot { keyframe, ticks, ack, priors, leaves, enters, areas: areas.collect() }
            })
    }

    /// A snapshot without its ranges, and the bytes that they are.
    fn content(snapshot: &Snapshot, bytes: &[u8]) -> (Snapshot, Vec<Vec<u8>>) {
        let mut bare = snapshot.clone();
        let mut taken: Vec<Vec<u8>> = bare.priors.iter().map(|range| bytes[range.clone()].to_vec()).collect();
        for news in &mut bare.areas {
            if let AreaNews::Block(range) = news {
                taken.push(bytes[range.clone()].to_vec());
                *range = 0..0;
            }
        }
        bare.priors = bare.priors.map(|_| 0..0);
        (bare, taken)
    }

    proptest! {
        #[test]
        fn snapshots_round_trip(
            (listed, snapshot) in (1usize..20).prop_flat_map(|listed| (Just(listed), snapshot(listed))),
        ) {
            let bytes: Vec<u8> = (0..20_000u32).map(|n| (n % 251) as u8).collect();
            let mut message = Vec::new();
            snapshot.write(&bytes, &mut message);
            let mut back = Snapshot::default();
            prop_assert_eq!(back.read(&message, listed), Ok(()));
            prop_assert_eq!(content(&back, &message), content(&snapshot, &bytes));
        }

        #[test]
        fn any_bytes_are_a_snapshot_or_an_error(
            mut message in prop::collection::vec(any::<u8>(), 0..60), head in 0u8..64, listed in 1usize..40,
        ) {
            if let Some(first) = message.first_mut() {
                *first = head;
            }
            let mut snapshot = Snapshot::default();
            if snapshot.read(&message, listed).is_ok() {
                // What was accepted can be sent on, perhaps in fewer bytes.
                let mut again = Vec::new();
                snapshot.write(&message, &mut again);
                let mut back = Snapshot::default();
                prop_assert_eq!(back.read(&again, listed), Ok(()));
                prop_assert_eq!(content(&back, &again), content(&snapshot, &message));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let read = |message: &[u8], listed| Snapshot::default().read(message, listed);
        assert_eq!(read(&[], 1), Err(DecodeError::Truncated));
        assert_eq!(read(&[KIND_DELTA, 0], 1), Err(DecodeError::Truncated));
        for head in [0, 3, KIND_KEYFRAME | HAS_DISTANCE, KIND_DELTA | 0x40, KIND_DELTA | 0x80] {
            assert_eq!(read(&[head, 0, 0, 0, 0, 0, 0], 1), Err(DecodeError::UnknownKind(head)));
        }
        let delta = |head: u8, rest: &[u8]| [&[KIND_DELTA | head, 0, 0], rest].concat();
        assert_eq!(
            read(&delta(HAS_DISTANCE, &[0xff, 0xff, 0xff, 0xff, 0x10]), 1),
            Err(DecodeError::NumberTooLong)
        );
        assert_eq!(read(&delta(HAS_PRIORS, &[3, 1, 2]), 1), Err(DecodeError::Truncated));
        assert_eq!(read(&delta(HAS_PRIORS, &[0, 1, 2]), 1), Err(DecodeError::Truncated), "no change at all");
        for (view, listed) in [
            (&[0, 0][..], 2), // nothing changes
            (&[1, 0, 0], 2),  // the public area leaves
            (&[1, 2, 0], 2),  // an area that is not there leaves
            (&[0, 1, 0], 2),  // another public one comes
            (&[0, 1, 6], 2),  // no such class
            (&[0, 1, 1], MAX_AREAS),
        ] {
            assert_eq!(read(&delta(HAS_VIEW, view), listed), Err(DecodeError::BadView), "{view:?}");
        }
        assert_eq!(read(&delta(HAS_SKIPS, &[]), 1), Err(DecodeError::BadMap), "the only area is passed over");
        assert_eq!(read(&delta(0, &[0b100]), 2), Err(DecodeError::BadMap), "a third of two areas");
        assert_eq!(
            read(&delta(HAS_SKIPS, &[0b00, 0b00]), 2),
            Err(DecodeError::BadMap),
            "none is passed over"
        );
        assert_eq!(read(&delta(0, &[0b00, 1]), 2), Err(DecodeError::TrailingBits), "a block of none");
        assert_eq!(
            read(&delta(0, &[0b11, 1, 9]), 2),
            Err(DecodeError::Truncated),
            "the last block is missing"
        );
        assert_eq!(read(&delta(0, &[0b11, 0, 9]), 2), Err(DecodeError::Truncated), "an empty block");
    }
}
