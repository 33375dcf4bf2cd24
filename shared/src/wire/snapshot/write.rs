//! Snapshots to bytes.

use super::{
    AreaUpdate, HAS_DISTANCE, HAS_PRIORS, HAS_SKIPS, HAS_VIEW, KIND_DELTA, KIND_KEYFRAME, NO_INPUT, Snapshot,
};
use crate::limits::MAX_AREAS;

impl Snapshot {
    /// Appends the snapshot to `message`. Its ranges are those of `bytes`.
    ///
    /// # Panics
    /// If [`read`](Self::read) would refuse it.
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
                AreaUpdate::Block(block) => message.extend(&bytes[block.clone()]),
                AreaUpdate::AsPredicted => {}
                AreaUpdate::Skipped => panic!("a client's only area is never skipped"),
            }
            return;
        }
        let is_block = |update: &AreaUpdate| matches!(update, AreaUpdate::Block(_));
        put_map(self.areas.iter().map(is_block), message);
        if self.skips() {
            let others = self.areas.iter().filter(|update| !is_block(update));
            put_map(others.map(|update| *update == AreaUpdate::Skipped), message);
        }
        let mut blocks = self.areas.iter().filter_map(|update| match update {
            AreaUpdate::Block(block) => Some(&bytes[block.clone()]),
            _ => None,
        });
        let last = blocks.next_back();
        for block in blocks {
            put_number(block.len() as u32, message);
            message.extend(block);
        }
        message.extend(last.unwrap_or_default());
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
        let last = bytes.last_mut().expect("the first of eight flags adds a byte");
        *last |= u8::from(flag) << (index % 8);
    }
}
