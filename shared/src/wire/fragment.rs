//! Fragments: a large control message in pieces, so that no snapshot waits for it.
//!
//! ```text
//! head      a byte: the kind in the low two bits, a flag "the message begins here", and the lane
//! length    in the first fragment: the message's length in bytes, seven bits a byte, the lowest first; the eighth: more follow
//! bytes     the next bytes of the message, at least one
//! ```
//!
//! The transport is ordered, and each lane sends one message at a time: a fragment does not say which message it belongs to.
//! Reliable messages have a lane, and all others have another, so that neither kind waits behind a large message of the other.

use std::ops::Range;

use crate::limits::MAX_MESSAGE_BYTES;

/// The kind of a fragment: the low two bits of its first byte.
pub const KIND_FRAGMENT: u8 = 3;

/// Bytes of a message in one fragment; also the size of the largest message that is sent whole.
pub const FRAGMENT_BYTES: usize = 1024;

const FIRST: u8 = 1 << 2;
const OTHERS: u8 = 1 << 3;

/// One of the two sequences of messages in fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Events and replies.
    Reliable,
    /// All other messages.
    Others,
}

impl Lane {
    /// The other lane.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Reliable => Self::Others,
            Self::Others => Self::Reliable,
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Reliable => 0,
            Self::Others => OTHERS,
        }
    }
}

/// A fragment is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FragmentError {
    /// The head is not that of a fragment, or the fragment ends early.
    #[error("not a fragment")]
    NotFragment,
    /// A message begins before the last one is whole, or continues without having begun.
    #[error("a fragment that does not belong to the message under way")]
    OutOfOrder,
    /// The message is longer than [`MAX_MESSAGE_BYTES`], or than its length says.
    #[error("a message in fragments is too long")]
    TooLong,
}

/// Appends a range of a message as a fragment.
///
/// # Panics
/// If the range is empty or not within the message.
pub fn write_fragment(lane: Lane, message: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
    assert!(!range.is_empty(), "a fragment has bytes");
    if range.start == 0 {
        out.push(KIND_FRAGMENT | FIRST | lane.bits());
        let mut length = message.len();
        while length >= 0x80 {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
    } else {
        out.push(KIND_FRAGMENT | lane.bits());
    }
    out.extend_from_slice(&message[range]);
}

/// Assembles messages from their fragments.
#[derive(Debug, Default)]
pub struct Assembler {
    reliable: UnderWay,
    others: UnderWay,
}

/// The message of a lane that is under way.
#[derive(Debug, Default)]
struct UnderWay {
    message: Vec<u8>,
    /// The length of the message; 0 if there is none.
    length: usize,
}

impl Assembler {
    /// Adds a fragment. Returns the message if it is whole now.
    ///
    /// # Errors
    /// [`FragmentError`] if the fragment is not valid. The messages under way are then dropped.
    pub fn take(&mut self, fragment: &[u8]) -> Result<Option<Vec<u8>>, FragmentError> {
        let added = self.add(fragment);
        if added.is_err() {
            *self = Self::default();
        }
        added
    }

    fn add(&mut self, fragment: &[u8]) -> Result<Option<Vec<u8>>, FragmentError> {
        let (&head, bytes) = fragment.split_first().ok_or(FragmentError::NotFragment)?;
        if head & !(FIRST | OTHERS) != KIND_FRAGMENT {
            return Err(FragmentError::NotFragment);
        }
        let lane = if head & OTHERS == 0 { &mut self.reliable } else { &mut self.others };
        lane.add(head & FIRST != 0, bytes)
    }
}

impl UnderWay {
    fn add(&mut self, is_first: bool, mut bytes: &[u8]) -> Result<Option<Vec<u8>>, FragmentError> {
        if is_first != (self.length == 0) {
            return Err(FragmentError::OutOfOrder);
        }
        if is_first {
            (self.length, bytes) = read_length(bytes)?;
            // No memory is reserved before the bytes are there: a length alone costs a peer nothing.
            self.message = Vec::new();
        }
        if bytes.is_empty() {
            return Err(FragmentError::NotFragment);
        }
        if self.message.len() + bytes.len() > self.length {
            return Err(FragmentError::TooLong);
        }
        self.message.extend_from_slice(bytes);
        let is_whole = self.message.len() == self.length;
        Ok(is_whole.then(|| {
            self.length = 0;
            std::mem::take(&mut self.message)
        }))
    }
}

/// A length of at most [`MAX_MESSAGE_BYTES`] and what follows it.
fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), FragmentError> {
    let mut length = 0;
    for (index, &byte) in bytes.iter().take(3).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            let fits = (1..=MAX_MESSAGE_BYTES).contains(&length);
            return if fits { Ok((length, &bytes[index + 1..])) } else { Err(FragmentError::TooLong) };
        }
    }
    Err(if bytes.len() < 3 { FragmentError::NotFragment } else { FragmentError::TooLong })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragments(message: &[u8], each: usize) -> Vec<Vec<u8>> {
        fragments_on(Lane::Reliable, message, each)
    }

    fn fragments_on(lane: Lane, message: &[u8], each: usize) -> Vec<Vec<u8>> {
        let starts = (0..message.len()).step_by(each);
        starts
            .map(|start| {
                let mut fragment = Vec::new();
                write_fragment(lane, message, start..message.len().min(start + each), &mut fragment);
                fragment
            })
            .collect()
    }

    #[test]
    fn the_bytes_are_as_documented() {
        let message: Vec<u8> = (0..200).map(|byte| byte as u8).collect();
        let fragments = fragments(&message, 150);
        assert_eq!(fragments[0][..4], [7, 0xc8, 0x01, 0]);
        assert_eq!(fragments[1][..2], [3, 150]);
        let others = fragments_on(Lane::Others, &message, 150);
        assert_eq!((&others[0][..4], &others[1][..2]), (&[15, 0xc8, 0x01, 0][..], &[11, 150][..]));
    }

    #[test]
    fn each_lane_has_a_message_under_way() {
        let (level, list) = (vec![1; 5000], vec![2; 3000]);
        let (mut level_parts, mut list_parts) =
            (fragments(&level, 1024).into_iter(), fragments_on(Lane::Others, &list, 1024).into_iter());
        let mut assembler = Assembler::default();
        let mut whole = Vec::new();
        for _ in 0..5 {
            for fragment in [level_parts.next(), list_parts.next()].into_iter().flatten() {
                whole.extend(assembler.take(&fragment).unwrap());
            }
        }
        assert_eq!(whole, [list, level]);
    }

    #[test]
    fn fragments_out_of_order_or_too_long_are_refused() {
        let message = [5; 10];
        let two = fragments(&message, 6);
        let mut assembler = Assembler::default();
        assert_eq!(assembler.take(&two[1]), Err(FragmentError::OutOfOrder));
        assert_eq!(assembler.take(&two[0]), Ok(None));
        assert_eq!(assembler.take(&two[0]), Err(FragmentError::OutOfOrder));
        assert_eq!(assembler.take(&two[0]), Ok(None), "the message under way was dropped");
        assert_eq!(assembler.take(&[3, 1, 2, 3, 4, 5]), Err(FragmentError::TooLong));
        for empty in [&[][..], &[3], &[7, 9], &[7, 0x80], &[1, 2]] {
            assert_eq!(Assembler::default().take(empty).unwrap_or(None), None, "{empty:?}");
        }
        assert_eq!(Assembler::default().take(&[7, 0x81, 0x80, 0x10, 1]), Err(FragmentError::TooLong));
        assert_eq!(Assembler::default().take(&[7, 0, 1]), Err(FragmentError::TooLong));
        assert_eq!(Assembler::default().take(&[7, 1, 9]), Ok(Some(vec![9])));
    }

    proptest! {
        #[test]
        fn a_message_is_assembled(message in prop::collection::vec(any::<u8>(), 1..3000), each in 1usize..1500) {
            let mut assembler = Assembler::default();
            let taken: Result<Vec<_>, _> =
                fragments(&message, each).iter().map(|fragment| assembler.take(fragment)).collect();
            let mut taken = taken.unwrap();
            prop_assert_eq!(taken.pop().unwrap(), Some(message));
            prop_assert!(taken.iter().all(Option::is_none));
        }

        #[test]
        fn any_bytes_are_accepted_or_refused(pieces in prop::collection::vec(prop::collection::vec(0u8..17, 0..20), 0..30)) {
            let mut assembler = Assembler::default();
            for piece in pieces {
                let _ = assembler.take(&piece);
                for lane in [&assembler.reliable, &assembler.others] {
                    prop_assert!(lane.message.len() <= lane.length);
                }
            }
        }
    }
}
