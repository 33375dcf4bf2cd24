//! The snapshot message: one tick of one client's view.
//!
//! ```text
//! byte 0     head: the kind in the low two bits, and what follows (see Head)
//! byte 1     the number of the client's last consumed input, its low eight bits
//! byte 2     that input's slack in ticks, signed; -128 before any input
//! tick       of a keyframe: four bytes. Of a delta: ticks since the client's last snapshot less 2, if the head says so
//! priors     their change, if the head says so
//! view       which areas leave the client's list and which are added, if the head says so
//! maps       if the list has two areas or more: which of them have blocks, and which are skipped
//! blocks     one after another (see crate::codec::block)
//! ```
//!
//! All but the blocks is for one client and short; the blocks are shared. If a client sees one area and nothing special
//! happens, a snapshot is three bytes and a block.
//!
//! A list of areas has no numbers. Both ends keep it in the same order: new areas are appended, sorted by class, owner and place.
//! Numbers would take bytes, and would tell a client how many areas there are elsewhere.

use std::ops::Range;

use crate::layout::AreaClass;

mod read;
mod write;

/// The kind of a snapshot that continues the client's last one.
pub const KIND_DELTA: u8 = 1;
/// The kind of a snapshot that needs none before it.
pub const KIND_KEYFRAME: u8 = 2;
/// Bytes at the start of every snapshot.
pub const PREFIX_BYTES: usize = 3;

const KIND_BITS: u8 = 0b11;
const HAS_PRIORS: u8 = 1 << 2;
const HAS_DISTANCE: u8 = 1 << 3;
const HAS_VIEW: u8 = 1 << 4;
const HAS_SKIPS: u8 = 1 << 5;
const UNUSED: u8 = 0b1100_0000;

/// The slack on the wire that means "no input consumed yet".
const NO_INPUT: i8 = i8::MIN;

/// How the server has consumed a client's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputAck {
    /// The number of the last consumed input. In a received snapshot it has only its low eight bits.
    pub number: u32,
    /// The number of ticks for which that input waited for its tick; negative if it was late.
    pub slack_ticks: i8,
}

/// The update of one area of the client's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaUpdate {
    /// It has a block: this range of the bytes that belong to the snapshot.
    Block(Range<usize>),
    /// It is as predicted, without a block.
    AsPredicted,
    /// It is skipped, for lack of budget: it stays as it was in the client's last update.
    Skipped,
}

/// A snapshot, without the bytes of its blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// True if it needs no snapshot before it: the client drops its state, and its list has only the public area.
    pub keyframe: bool,
    /// The tick of a keyframe; the distance of a delta from the client's last snapshot, in ticks, at least 1.
    pub ticks: u32,
    /// How the client's inputs were consumed; `None` before the first one.
    pub ack: Option<InputAck>,
    /// The change of the priors, if there is one: this range of the bytes that belong to the snapshot.
    pub priors: Option<Range<usize>>,
    /// The indexes of the areas that leave the client's list, ascending. The first area, the public one, never leaves.
    pub leaves: Vec<usize>,
    /// The classes of the areas that are appended to the list, in order.
    pub enters: Vec<AreaClass>,
    /// The update of each area in the new list, in order.
    pub areas: Vec<AreaUpdate>,
}

impl Snapshot {
    /// Empties all lists, and keeps the memory.
    pub fn clear(&mut self) {
        self.priors = None;
        self.leaves.clear();
        self.enters.clear();
        self.areas.clear();
    }

    fn skips(&self) -> bool {
        self.areas.contains(&AreaUpdate::Skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::DecodeError;
    use crate::limits::MAX_AREAS;
    use proptest::prelude::*;

    /// Snapshots that a server might write for a client with `listed` areas.
    fn snapshot(listed: usize) -> impl Strategy<Value = Snapshot> {
        let ack = (any::<u8>(), -127i8..)
            .prop_map(|(number, slack_ticks)| InputAck { number: u32::from(number), slack_ticks });
        let update = (0u8..4, 1usize..300);
        (
            any::<bool>(),
            1u32..200_000,
            prop::option::of(ack),
            prop::option::of(1usize..200),
            prop::collection::vec(any::<bool>(), listed - 1),
            prop::collection::vec(1u8..6, 0..6),
            prop::collection::vec(update, listed + 6),
        )
            .prop_map(move |(keyframe, ticks, ack, priors, leaves, enters, updates)| {
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
                let areas = updates.into_iter().take(now).map(|(kind, length)| match kind {
                    0 | 1 => AreaUpdate::Block(take(length)),
                    2 if now > 1 => AreaUpdate::Skipped,
                    _ => AreaUpdate::AsPredicted,
                });
                Snapshot { keyframe, ticks, ack, priors, leaves, enters, areas: areas.collect() }
            })
    }

    /// A snapshot without its ranges, and the bytes at these ranges.
    fn content(snapshot: &Snapshot, bytes: &[u8]) -> (Snapshot, Vec<Vec<u8>>) {
        let mut bare = snapshot.clone();
        let mut taken: Vec<Vec<u8>> = bare.priors.iter().map(|range| bytes[range.clone()].to_vec()).collect();
        for update in &mut bare.areas {
            if let AreaUpdate::Block(range) = update {
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
                // An accepted message can be sent on, perhaps in fewer bytes.
                let mut again = Vec::new();
                snapshot.write(&message, &mut again);
                let mut back = Snapshot::default();
                prop_assert_eq!(back.read(&again, listed), Ok(()));
                prop_assert_eq!(content(&back, &again), content(&snapshot, &message));
            }
        }
    }

    #[test]
    fn impossible_snapshots_are_refused() {
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
            (&[1, 2, 0], 2),  // an area that does not exist leaves
            (&[0, 1, 0], 2),  // a second public area is added
            (&[0, 1, 6], 2),  // no such class
            (&[0, 1, 1], MAX_AREAS),
        ] {
            assert_eq!(read(&delta(HAS_VIEW, view), listed), Err(DecodeError::BadView), "{view:?}");
        }
        assert_eq!(read(&delta(HAS_SKIPS, &[]), 1), Err(DecodeError::BadMap), "the only area is skipped");
        assert_eq!(read(&delta(0, &[0b100]), 2), Err(DecodeError::BadMap), "a third area in a list of two");
        assert_eq!(read(&delta(HAS_SKIPS, &[0b00, 0b00]), 2), Err(DecodeError::BadMap), "no area is skipped");
        assert_eq!(read(&delta(0, &[0b00, 1]), 2), Err(DecodeError::TrailingBits), "a block of no area");
        assert_eq!(
            read(&delta(0, &[0b11, 1, 9]), 2),
            Err(DecodeError::Truncated),
            "the last block is missing"
        );
        assert_eq!(read(&delta(0, &[0b11, 0, 9]), 2), Err(DecodeError::Truncated), "an empty block");
    }
}
