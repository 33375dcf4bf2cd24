//! Events and replies for one client: in order, each exactly once, kept until they are acknowledged.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

use super::{goes_whole, next_part};

/// Seconds for which a client may leave its oldest message unacknowledged while more bytes wait than the limit allows.
const PATIENCE_SECONDS: u32 = 5;
/// So many times the limit may wait before the patience is over: even a game that sends without measure costs so much at most.
const HARD_LIMITS: usize = 4;

/// The reliable messages of one client, numbered from 1 in the order in which they were pushed.
///
/// A client proves that it has a message by acknowledging a snapshot that was sent after it: the transport is ordered.
#[derive(Debug)]
pub struct Reliable {
    /// All that are not acknowledged. The first `sent` of them have gone on this connection.
    kept: VecDeque<Kept>,
    sent: usize,
    /// The number of the first one that is kept.
    first_number: u32,
    /// Bytes of the first one that has not gone which have gone in fragments.
    gone: usize,
    /// Bytes of all that are kept.
    bytes: usize,
    /// The tick since which the client could have taken messages.
    since: u32,
}

#[derive(Debug)]
struct Kept {
    message: Bytes,
    /// The tick on which it was pushed.
    pushed_at: u32,
    /// The tick of the first snapshot whose acknowledgement proves that the client has it. Meaningful once it has gone.
    proved_by: u32,
}

impl Default for Reliable {
    fn default() -> Self {
        Self { kept: VecDeque::new(), sent: 0, first_number: 1, gone: 0, bytes: 0, since: 0 }
    }
}

impl Reliable {
    /// Messages that have not gone yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.kept.len() - self.sent
    }

    /// Bytes of all messages that are not acknowledged.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the first message that another connection would get.
    #[must_use]
    pub fn first_number(&self) -> u32 {
        self.first_number
    }

    /// Adds a message behind all others.
    pub fn push(&mut self, message: Bytes, tick: u32) {
        self.bytes += message.len();
        self.kept.push_back(Kept { message, pushed_at: tick, proved_by: u32::MAX });
    }

    /// Forgets the oldest messages beyond a limit in bytes, for a client that is away, and returns their number. The client
    /// learns of the gap by the number of the first one that it gets.
    pub fn shorten(&mut self, limit_bytes: usize) -> u32 {
        let mut dropped = 0;
        while self.bytes > limit_bytes {
            self.pop();
            dropped += 1;
        }
        dropped
    }

    /// Returns true if the client does not keep up: more bytes are kept than the limit allows, and the oldest of them for
    /// seconds in which the client could have acknowledged it. A burst alone, however large the game makes it, is not the
    /// client's fault, up to a multiple of the limit.
    #[must_use]
    pub fn is_overdue(&self, limit_bytes: usize, tick: u32, tick_rate_hz: u32) -> bool {
        let is_old = self.kept.front().is_some_and(|oldest| {
            tick.saturating_sub(oldest.pushed_at.max(self.since)) > PATIENCE_SECONDS * tick_rate_hz
        });
        self.bytes > limit_bytes && (is_old || self.bytes > HARD_LIMITS * limit_bytes)
    }

    /// Starts over for another connection.
    pub fn restart(&mut self, tick: u32) {
        (self.sent, self.gone, self.since) = (0, 0, tick);
    }

    /// Forgets the messages that an acknowledged snapshot proves to have arrived.
    pub fn acknowledge(&mut self, acked_tick: u32) {
        while self.sent > 0 && self.kept.front().is_some_and(|oldest| oldest.proved_by <= acked_tick) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(oldest) = self.kept.pop_front() else { return };
        self.bytes -= oldest.message.len();
        self.first_number += 1;
        match self.sent.checked_sub(1) {
            Some(sent) => self.sent = sent,
            // It was the one under way.
            None => self.gone = 0,
        }
    }

    /// Returns true if the next message goes whole.
    pub(super) fn next_goes_whole(&self) -> bool {
        self.kept.get(self.sent).is_some_and(|next| goes_whole(&next.message))
    }

    /// The next message, if it goes whole and has at most so many bytes. It goes before the snapshot of the tick.
    pub(super) fn pop_whole(&mut self, max_bytes: usize, tick: u32) -> Option<Bytes> {
        let next = self.kept.get_mut(self.sent)?;
        if !goes_whole(&next.message) || next.message.len() > max_bytes {
            return None;
        }
        next.proved_by = tick;
        self.sent += 1;
        Some(next.message.clone())
    }

    /// The next part of the next message, if it goes in fragments.
    pub(super) fn pop_fragment(&mut self, proved_by: u32) -> Option<(Bytes, Range<usize>)> {
        let next = self.kept.get_mut(self.sent)?;
        if goes_whole(&next.message) {
            return None;
        }
        let part = next_part(&next.message, self.gone);
        self.gone = part.end;
        if part.end == next.message.len() {
            next.proved_by = proved_by;
            (self.sent, self.gone) = (self.sent + 1, 0);
        }
        Some((next.message.clone(), part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reliable(lengths: &[usize]) -> Reliable {
        let mut reliable = Reliable::default();
        for (index, &length) in lengths.iter().enumerate() {
            reliable.push(vec![index as u8; length].into(), 0);
        }
        reliable
    }

    fn wholes(reliable: &mut Reliable, tick: u32) -> Vec<u8> {
        std::iter::from_fn(|| reliable.pop_whole(4096, tick)).map(|message| message[0]).collect()
    }

    fn parts(reliable: &mut Reliable, tick: u32) -> Vec<Range<usize>> {
        std::iter::from_fn(|| reliable.pop_fragment(tick)).map(|(_, range)| range).collect()
    }

    #[test]
    fn what_is_not_acknowledged_goes_again_on_another_connection() {
        let mut reliable = reliable(&[10, 10, 10]);
        assert_eq!(wholes(&mut reliable, 5), [0, 1, 2]);
        assert_eq!((reliable.waiting(), reliable.bytes()), (0, 30));
        reliable.acknowledge(4);
        assert_eq!(reliable.first_number(), 1, "a snapshot before them proves nothing");
        reliable.push(vec![3; 10].into(), 6);
        assert_eq!(wholes(&mut reliable, 6), [3]);
        reliable.acknowledge(5);
        assert_eq!((reliable.first_number(), reliable.bytes()), (4, 10));
        reliable.restart(7);
        assert_eq!(wholes(&mut reliable, 8), [3]);
        reliable.acknowledge(8);
        assert_eq!((reliable.first_number(), reliable.bytes()), (5, 0));
    }

    #[test]
    fn a_large_message_goes_in_parts_and_starts_again_on_another_connection() {
        let mut reliable = reliable(&[1, 2500, 1]);
        assert_eq!(wholes(&mut reliable, 1), [0]);
        assert_eq!(reliable.pop_fragment(2).unwrap().1, 0..1024);
        assert!(wholes(&mut reliable, 2).is_empty(), "those behind it wait");
        reliable.acknowledge(1);
        reliable.restart(3);
        assert_eq!(parts(&mut reliable, 4), [0..1024, 1024..2048, 2048..2500]);
        assert_eq!(wholes(&mut reliable, 4), [2]);
        reliable.acknowledge(3);
        assert_eq!(reliable.first_number(), 2, "the last part went after the snapshot of tick 3");
        reliable.acknowledge(4);
        assert_eq!((reliable.first_number(), reliable.bytes()), (4, 0));
    }

    #[test]
    fn a_client_is_overdue_by_bytes_and_time_together() {
        let mut reliable = reliable(&[600, 600]);
        assert!(!reliable.is_overdue(1000, 150, 30), "a burst");
        assert!(reliable.is_overdue(1000, 151, 30), "for more than five seconds");
        assert!(!reliable.is_overdue(1200, 9999, 30), "old, but few");
        assert!(reliable.is_overdue(299, 0, 30), "far beyond the limit");
        reliable.restart(100);
        assert!(!reliable.is_overdue(1000, 250, 30), "the time without a connection does not count");
        assert!(reliable.is_overdue(1000, 251, 30));
    }

    #[test]
    fn a_client_that_is_away_loses_the_oldest_and_can_tell() {
        let mut reliable = reliable(&[1500, 10, 10]);
        assert_eq!(reliable.pop_fragment(1).unwrap().1, 0..1024);
        assert_eq!(reliable.shorten(25), 1);
        assert_eq!(reliable.first_number(), 2);
        assert_eq!(reliable.shorten(25), 0);
        reliable.restart(2);
        assert_eq!(wholes(&mut reliable, 2), [1, 2]);
    }
}
