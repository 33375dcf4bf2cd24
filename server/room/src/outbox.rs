//! What waits to be told to one player: messages in their order, a large one in fragments.

use std::collections::VecDeque;

use bytes::Bytes;
use drumline_shared::fragment::{FRAGMENT_BYTES, write_fragment};
use drumline_shared::limits::{
    MAX_FRAGMENT_BYTES_PER_TICK, MAX_OUTBOX_BYTES, MAX_PENDING_EVENTS, MAX_WHOLE_BYTES_PER_TICK,
};

/// A player's messages. Those of up to [`FRAGMENT_BYTES`] go whole and before the tick's snapshot; a larger one goes
/// after it, some fragments a tick, and those behind it wait.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: VecDeque<Waiting>,
    /// Bytes of all that waits.
    bytes: usize,
    /// Bytes of the first that have gone in fragments.
    gone: usize,
    /// The tick that what follows is of.
    tick: u32,
    /// Bytes of whole messages that have gone on this tick.
    whole_bytes: usize,
    /// Bytes of fragments that may still go on this tick.
    fragment_bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    message: Bytes,
    is_reply: bool,
}

impl Outbox {
    /// Whether another message fits.
    #[must_use]
    pub fn fits(&self, message: &Bytes) -> bool {
        self.waiting.len() < MAX_PENDING_EVENTS && self.bytes + message.len() <= MAX_OUTBOX_BYTES
    }

    /// How many messages wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Has a message wait, behind all others.
    pub fn push(&mut self, message: Bytes, is_reply: bool) {
        self.bytes += message.len();
        self.waiting.push_back(Waiting { message, is_reply });
    }

    /// Drops the oldest message; whether there was one.
    pub fn drop_oldest(&mut self) -> bool {
        self.gone = 0;
        self.pop().is_some()
    }

    fn pop(&mut self) -> Option<Bytes> {
        let Waiting { message, .. } = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    /// Begins anew for another connection: a message that was under way goes again from its start, and replies, which were
    /// asked for on the older one, are dropped.
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

    /// Lets fragments go on this tick: as many bytes as the snapshot has left of its budget, but one fragment in any case.
    pub fn allow_fragments(&mut self, left_bytes: usize) {
        self.fragment_bytes = left_bytes.clamp(FRAGMENT_BYTES, MAX_FRAGMENT_BYTES_PER_TICK);
    }

    /// Appends the next fragment of the first message, if it is a large one and this tick has room for it; whether there was
    /// one.
    pub fn pop_fragment(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(Waiting { message, .. }) = self.waiting.front() else { return false };
        let left = message.len() - self.gone;
        let length = left.min(FRAGMENT_BYTES);
        if message.len() <= FRAGMENT_BYTES || length > self.fragment_bytes {
            return false;
        }
        write_fragment(message, self.gone..self.gone + length, out);
        self.fragment_bytes -= length;
        self.gone += length;
        if length == left {
            self.gone = 0;
            self.pop();
        }
        true
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
        let mut out = Vec::new();
        assert_eq!(wholes(&mut outbox, 1), [0]);
        assert!(!outbox.pop_fragment(&mut out), "not before the snapshot");
        outbox.allow_fragments(2100);
        assert!(outbox.pop_fragment(&mut out) && outbox.pop_fragment(&mut out));
        assert!(!outbox.pop_fragment(&mut out));
        assert!(wholes(&mut outbox, 2).is_empty());
        outbox.allow_fragments(0);
        assert!(outbox.pop_fragment(&mut out), "one goes in any case");
        assert!(!outbox.pop_fragment(&mut out), "and now a small one is the first");
        assert_eq!(wholes(&mut outbox, 2), [2]);
        assert_eq!(out.len(), 2500 + 3 + 2);
    }

    #[test]
    fn another_connection_gets_all_but_replies_from_the_start() {
        let mut outbox = outbox(&[3000, 7, 1]);
        let mut out = Vec::new();
        outbox.allow_fragments(0);
        assert!(outbox.pop_fragment(&mut out));
        outbox.restart();
        out.clear();
        outbox.allow_fragments(9000);
        while outbox.pop_fragment(&mut out) {}
        assert_eq!((out.len(), out[0]), (3000 + 3 + 2, 7));
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
        assert!(full.drop_oldest() && full.fits(&small));
    }
}
