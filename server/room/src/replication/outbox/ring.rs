//! Messages for one client of which only the newest count: a ring that drops its oldest.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;
use drumline_shared::limits::{MAX_RING_BYTES, MAX_RING_MESSAGES};

use super::{goes_whole, next_part};

/// The kind of a message that may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingKind {
    /// A chat message.
    Chat,
    /// An event of which only the newest counts.
    Latest,
    /// Players of the room.
    Players,
}

/// The messages that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ring {
    waiting: VecDeque<(RingKind, Bytes)>,
    bytes: usize,
    /// Bytes of the first one that have gone in fragments.
    gone: usize,
}

impl Ring {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a message, and drops the oldest ones beyond the limits. One that is under way, and the newest, are never dropped.
    pub(super) fn push(&mut self, message: Bytes, kind: RingKind) -> impl Iterator<Item = RingKind> {
        self.bytes += message.len();
        self.waiting.push_back((kind, message));
        let first = usize::from(self.gone > 0);
        std::iter::from_fn(move || {
            let is_over = self.waiting.len() > MAX_RING_MESSAGES || self.bytes > MAX_RING_BYTES;
            if !is_over || self.waiting.len() <= first + 1 {
                return None;
            }
            let (kind, message) = self.waiting.remove(first)?;
            self.bytes -= message.len();
            Some(kind)
        })
    }

    pub(super) fn drop_kind(&mut self, dropped: RingKind) {
        let mut is_under_way = self.gone > 0;
        let Self { waiting, bytes, .. } = self;
        waiting.retain(|(kind, message)| {
            let stays = std::mem::take(&mut is_under_way) || *kind != dropped;
            *bytes -= if stays { 0 } else { message.len() };
            stays
        });
    }

    /// Starts over for another connection.
    pub(super) fn restart(&mut self) {
        self.gone = 0;
    }

    fn pop(&mut self) -> Option<Bytes> {
        let (_, message) = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    /// The first message, if it goes whole and has at most so many bytes.
    pub(super) fn pop_whole(&mut self, max_bytes: usize) -> Option<Bytes> {
        let (_, first) = self.waiting.front()?;
        if goes_whole(first) && first.len() <= max_bytes { self.pop() } else { None }
    }

    /// The next part of the first message, if it goes in fragments.
    pub(super) fn pop_fragment(&mut self) -> Option<(Bytes, Range<usize>)> {
        let (_, first) = self.waiting.front()?;
        if goes_whole(first) {
            return None;
        }
        let (message, part) = (first.clone(), next_part(first, self.gone));
        self.gone = part.end;
        if part.end == message.len() {
            self.gone = 0;
            self.pop();
        }
        Some((message, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(ring: &mut Ring, length: usize, kind: RingKind) -> usize {
        ring.push(vec![0; length].into(), kind).count()
    }

    #[test]
    fn the_oldest_is_dropped_for_the_newest() {
        let mut ring = Ring::default();
        for _ in 0..MAX_RING_MESSAGES {
            assert_eq!(push(&mut ring, 1, RingKind::Chat), 0);
        }
        assert_eq!(push(&mut ring, 1, RingKind::Chat), 1);
        assert_eq!(ring.len(), MAX_RING_MESSAGES);
        assert_eq!(push(&mut ring, MAX_RING_BYTES + 1, RingKind::Players), MAX_RING_MESSAGES);
        assert_eq!((ring.len(), ring.bytes), (1, MAX_RING_BYTES + 1), "the newest goes in any case");
    }

    #[test]
    fn a_message_under_way_stays() {
        let mut ring = Ring::default();
        push(&mut ring, 2000, RingKind::Latest);
        assert_eq!(ring.pop_fragment().unwrap().1, 0..1024);
        push(&mut ring, 5, RingKind::Latest);
        push(&mut ring, 6, RingKind::Chat);
        assert_eq!(push(&mut ring, MAX_RING_BYTES, RingKind::Chat), 2);
        ring.drop_kind(RingKind::Latest);
        assert_eq!(ring.pop_fragment().unwrap().1, 1024..2000);
        ring.drop_kind(RingKind::Chat);
        assert_eq!((ring.len(), ring.bytes), (0, 0));
    }
}
