//! The messages that wait for one client, in their order. Large ones go in fragments.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;
use drumline_shared::limits::{
    MAX_FRAGMENT_BYTES_PER_TICK, MAX_OUTBOX_BYTES, MAX_PENDING_EVENTS, MAX_WHOLE_BYTES_PER_TICK,
};
use drumline_shared::wire::fragment::FRAGMENT_BYTES;

/// One client's messages. Messages of up to [`FRAGMENT_BYTES`] go whole, before the tick's snapshot. A larger one goes after it,
/// some fragments a tick, as far as the snapshot has left bytes of its budget: so a snapshot is never late for a message. The
/// messages behind a large one wait for it, since all of them keep their order.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: VecDeque<Waiting>,
    /// Bytes of all that waits.
    bytes: usize,
    /// Bytes of the first one that have gone in fragments.
    gone: usize,
    /// The tick that the next two counts are of.
    tick: u32,
    /// Bytes of whole messages that have gone on this tick.
    whole_bytes: usize,
    /// Bytes of fragments that may still go on this tick.
    fragment_bytes: usize,
}

/// A part of a large message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The whole message.
    pub message: Bytes,
    /// The part of it, in bytes.
    pub range: Range<usize>,
}

#[derive(Debug)]
struct Waiting {
    message: Bytes,
    is_reply: bool,
}

impl Outbox {
    /// Returns true if another message fits.
    #[must_use]
    pub fn fits(&self, message: &Bytes) -> bool {
        self.waiting.len() < MAX_PENDING_EVENTS && self.bytes + message.len() <= MAX_OUTBOX_BYTES
    }

    /// Messages that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a message behind all others.
    pub fn push(&mut self, message: Bytes, is_reply: bool) {
        self.bytes += message.len();
        self.waiting.push_back(Waiting { message, is_reply });
    }

    /// Drops the oldest message and returns it; `None` if there was none.
    pub fn drop_oldest(&mut self) -> Option<Bytes> {
        self.gone = 0;
        self.pop()
    }

    fn pop(&mut self) -> Option<Bytes> {
        let Waiting { message, .. } = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    /// Starts over for another connection. A message that was under way goes again from its start. Replies are dropped: the
    /// requests were made on the older connection.
    pub fn restart(&mut self) {
        self.gone = 0;
        self.waiting.retain(|waiting| !waiting.is_reply);
        self.bytes = self.waiting.iter().map(|waiting| waiting.message.len()).sum();
    }

    /// The first message, if it goes whole and this tick has room for it.
    pub fn pop_whole(&mut self, tick: u32) -> Option<Bytes> {
        let length = self.waiting.front()?.message.len();
        if tick != self.tick {
            (self.tick, self.whole_bytes, self.fragment_bytes) = (tick, 0, 0);
        }
        if length > FRAGMENT_BYTES || self.whole_bytes + length > MAX_WHOLE_BYTES_PER_TICK {
            return None;
        }
        self.whole_bytes += length;
        self.pop()
    }

    /// Allows fragments on this tick: as many bytes as the snapshot has left of its budget, and at least one fragment.
    pub fn allow_fragments(&mut self, left_bytes: usize) {
        self.fragment_bytes = left_bytes.clamp(FRAGMENT_BYTES, MAX_FRAGMENT_BYTES_PER_TICK);
    }

    /// The next fragment of the first message, if it is a large one and this tick has room for it.
    pub fn pop_fragment(&mut self) -> Option<Fragment> {
        let message = &self.waiting.front()?.message;
        let left = message.len() - self.gone;
        let length = left.min(FRAGMENT_BYTES);
        if message.len() <= FRAGMENT_BYTES || length > self.fragment_bytes {
            return None;
        }
        let fragment = Fragment { message: message.clone(), range: self.gone..self.gone + length };
        self.fragment_bytes -= length;
        self.gone += length;
        if length == left {
            self.gone = 0;
            self.pop();
        }
        Some(fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(lengths: &[usize]) -> Outbox {
        let mut outbox = Outbox::default();
        for (index, &length) in lengths.iter().enumerate() {
            outbox.push(vec![index as u8; length].into(), index % 2 == 1);
        }
        outbox
    }

    fn fragments(outbox: &mut Outbox) -> Vec<Range<usize>> {
        std::iter::from_fn(|| outbox.pop_fragment()).map(|fragment| fragment.range).collect()
    }

    fn wholes(outbox: &mut Outbox, tick: u32) -> Vec<u8> {
        std::iter::from_fn(|| outbox.pop_whole(tick)).map(|message| message[0]).collect()
    }

    #[test]
    fn small_messages_go_whole_as_far_as_a_tick_has_room() {
        let mut outbox = outbox(&[1024; 20]);
        assert_eq!(wholes(&mut outbox, 1), (0..16).collect::<Vec<_>>());
        assert!(wholes(&mut outbox, 1).is_empty());
        assert_eq!(wholes(&mut outbox, 2), [16, 17, 18, 19]);
        assert_eq!(outbox.bytes, 0);
    }

    #[test]
    fn a_large_message_goes_in_fragments_and_those_behind_it_wait() {
        let mut outbox = outbox(&[1, 2500, 1]);
        assert_eq!(wholes(&mut outbox, 1), [0]);
        assert!(fragments(&mut outbox).is_empty(), "not before the snapshot");
        outbox.allow_fragments(2100);
        assert_eq!(fragments(&mut outbox), [0..1024, 1024..2048]);
        assert!(wholes(&mut outbox, 2).is_empty());
        outbox.allow_fragments(0);
        let last = 2048..2500;
        assert_eq!(fragments(&mut outbox), [last], "one goes in any case");
        assert_eq!(wholes(&mut outbox, 2), [2]);
    }

    #[test]
    fn another_connection_gets_all_but_replies_from_the_start() {
        let mut outbox = outbox(&[3000, 7, 1]);
        outbox.allow_fragments(0);
        assert_eq!(fragments(&mut outbox).len(), 1);
        outbox.restart();
        outbox.allow_fragments(9000);
        assert_eq!(fragments(&mut outbox), [0..1024, 1024..2048, 2048..3000]);
        assert_eq!(wholes(&mut outbox, 1), [2]);
        assert_eq!(outbox.bytes, 0);
    }

    #[test]
    fn it_is_bounded_in_messages_and_in_bytes() {
        let small = Bytes::from_static(b"x");
        assert!(outbox(&[1; 255]).fits(&small) && !outbox(&[1; 256]).fits(&small));
        assert!(outbox(&[256 << 10]).fits(&vec![0; 256 << 10].into()));
        let mut full = outbox(&[256 << 10, 256 << 10]);
        assert!(!full.fits(&small));
        assert!(full.drop_oldest().is_some() && full.fits(&small));
    }
}
