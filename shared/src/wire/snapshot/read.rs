//! Snapshots from bytes.

use std::ops::Range;

use super::{
    AreaUpdate, HAS_DISTANCE, HAS_PRIORS, HAS_SKIPS, HAS_VIEW, InputAck, KIND_BITS, KIND_DELTA,
    KIND_KEYFRAME, NO_INPUT, Snapshot, UNUSED,
};
use crate::error::DecodeError;
use crate::layout::AreaClass;
use crate::limits::MAX_AREAS;

impl Snapshot {
    /// Reads a message for a client that has `listed` areas in its list. The ranges are those of the message.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not a valid snapshot for such a list.
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
            self.areas.push(if block.is_empty() {
                AreaUpdate::AsPredicted
            } else {
                AreaUpdate::Block(block)
            });
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
                AreaUpdate::Block(rest.take(length)?)
            } else {
                other += 1;
                if skipped.get(other - 1) { AreaUpdate::Skipped } else { AreaUpdate::AsPredicted }
            });
        }
        if rest.left() == 0 { Ok(()) } else { Err(DecodeError::TrailingBits) }
    }
}

/// Flags of a bit map, the first in the lowest bit of a byte.
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

/// A message, read from its start to its end.
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
