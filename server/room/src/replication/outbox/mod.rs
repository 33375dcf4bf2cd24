//! The messages that wait for one client, in two lanes.
//!
//! *Reliable* messages (events and replies) keep their order, and are kept until the client has acknowledged a snapshot that was
//! sent after them; another connection gets those that were not acknowledged again. *Others* (chat, latest events, lists of
//! players) wait in a ring that drops its oldest. Neither lane waits for the other: a small message goes whole before the tick's
//! snapshot, a large one in fragments after it, and the lanes take turns with their fragments. [`Pace`] says how many bytes go on
//! a tick.

pub mod pace;
pub mod reliable;
pub mod ring;

use std::ops::Range;

use bytes::Bytes;
use drumline_shared::limits::MAX_WHOLE_BYTES_PER_TICK;
use drumline_shared::wire::fragment::{FRAGMENT_BYTES, Lane};

use self::pace::Pace;
use self::reliable::Reliable;
use self::ring::{Ring, RingKind};

/// One client's messages.
#[derive(Debug)]
pub struct Outbox {
    /// Events and replies.
    pub reliable: Reliable,
    others: Ring,
    /// The bytes that may be on their way.
    pub pace: Pace,
    /// The tick that the next counts are of.
    tick: u32,
    /// Bytes of whole messages that may still go on this tick, and of fragments.
    whole_bytes: usize,
    fragment_bytes: usize,
    /// The lane whose turn it is to send a fragment.
    turn: Lane,
}

/// A part of a large message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The lane of the message.
    pub lane: Lane,
    /// The whole message.
    pub message: Bytes,
    /// The part of it, in bytes.
    pub range: Range<usize>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            reliable: Reliable::default(),
            others: Ring::default(),
            pace: Pace::default(),
            tick: 0,
            whole_bytes: 0,
            fragment_bytes: 0,
            turn: Lane::Others,
        }
    }
}

impl Outbox {
    /// Messages that wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.reliable.waiting() + self.others.len()
    }

    /// Adds a message that may be dropped for newer ones. Returns the kinds of those that were dropped for it.
    pub fn push_other(&mut self, message: Bytes, kind: RingKind) -> impl Iterator<Item = RingKind> {
        self.others.push(message, kind)
    }

    /// Drops the messages of a kind that wait, but not one that is under way.
    pub fn drop_kind(&mut self, kind: RingKind) {
        self.others.drop_kind(kind);
    }

    /// Starts over for another connection on a tick: messages that were not acknowledged go again, from their start.
    pub fn restart(&mut self, tick: u32) {
        self.reliable.restart(tick);
        self.others.restart();
        self.pace = Pace::default();
    }

    /// Notes that the client has acknowledged the snapshot of a tick, and so has all that was sent before it.
    pub fn acknowledge(&mut self, acked_tick: u32) {
        self.reliable.acknowledge(acked_tick);
        self.pace.acknowledge(acked_tick);
    }

    /// The next message that goes whole, if this tick has room for it. The other lane comes first: a list of players precedes the
    /// events that name them. But it leaves room for a reliable message, so that much chat cannot hold those up.
    pub fn pop_whole(&mut self, tick: u32) -> Option<Bytes> {
        if tick != self.tick {
            self.start(tick);
        }
        let reserved = if self.reliable.next_goes_whole() { FRAGMENT_BYTES } else { 0 };
        let message = match self.others.pop_whole(self.whole_bytes.saturating_sub(reserved)) {
            Some(message) => message,
            None => self.reliable.pop_whole(self.whole_bytes, tick)?,
        };
        self.whole_bytes -= message.len();
        // One fragment goes on every tick, however many small messages do.
        self.fragment_bytes = self.fragment_bytes.saturating_sub(message.len()).max(1);
        self.pace.note_sent(tick, message.len());
        Some(message)
    }

    fn start(&mut self, tick: u32) {
        let allowed = self.pace.start();
        self.tick = tick;
        // Enough for a message of each lane.
        self.whole_bytes = allowed.clamp(2 * FRAGMENT_BYTES, MAX_WHOLE_BYTES_PER_TICK);
        self.fragment_bytes = allowed;
    }

    /// The next fragment of a large message, if this tick has room for it. One goes on every tick. Call it after the snapshot
    /// of the tick: an acknowledgement of that one does not prove it.
    pub fn pop_fragment(&mut self, tick: u32) -> Option<Fragment> {
        if tick != self.tick {
            self.start(tick);
        }
        if self.fragment_bytes == 0 {
            return None;
        }
        let turn = self.turn;
        self.turn = turn.other();
        let fragment = self.fragment_of(turn, tick).or_else(|| self.fragment_of(turn.other(), tick))?;
        let length = fragment.range.len();
        self.fragment_bytes = self.fragment_bytes.saturating_sub(length);
        self.pace.note_sent(tick + 1, length);
        Some(fragment)
    }

    fn fragment_of(&mut self, lane: Lane, tick: u32) -> Option<Fragment> {
        let (message, range) = match lane {
            Lane::Reliable => self.reliable.pop_fragment(tick + 1)?,
            Lane::Others => self.others.pop_fragment()?,
        };
        Some(Fragment { lane, message, range })
    }
}

/// Returns true if a message goes whole; else it goes in fragments.
pub(super) fn goes_whole(message: &Bytes) -> bool {
    message.len() <= FRAGMENT_BYTES
}

/// The next part of a message of which `gone` bytes have gone.
pub(super) fn next_part(message: &Bytes, gone: usize) -> Range<usize> {
    gone..message.len().min(gone + FRAGMENT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(reliable: &[usize], others: &[usize]) -> Outbox {
        let mut outbox = Outbox::default();
        for (index, &length) in reliable.iter().enumerate() {
            outbox.reliable.push(vec![index as u8; length].into(), 0);
        }
        for (index, &length) in others.iter().enumerate() {
            assert_eq!(outbox.push_other(vec![100 + index as u8; length].into(), RingKind::Chat).count(), 0);
        }
        outbox
    }

    /// The first bytes of the whole messages of a tick, and the lanes and lengths of its fragments.
    fn send(outbox: &mut Outbox, tick: u32) -> (Vec<u8>, Vec<(Lane, usize)>) {
        let wholes = std::iter::from_fn(|| outbox.pop_whole(tick)).map(|message| message[0]).collect();
        let fragments = std::iter::from_fn(|| outbox.pop_fragment(tick));
        (wholes, fragments.map(|fragment| (fragment.lane, fragment.range.len())).collect())
    }

    #[test]
    fn a_line_of_chat_does_not_wait_behind_a_level() {
        let mut outbox = outbox(&[250_000, 10], &[20, 20]);
        let (wholes, fragments) = send(&mut outbox, 1);
        assert_eq!(wholes, [100, 101], "the event behind the level keeps its place, the chat does not");
        assert!(fragments.iter().all(|&fragment| fragment == (Lane::Reliable, 1024)));
        outbox.push_other(vec![102; 20].into(), RingKind::Chat).for_each(drop);
        assert_eq!(send(&mut outbox, 2).0, [102]);
    }

    #[test]
    fn the_lanes_take_turns_with_fragments() {
        let mut outbox = outbox(&[250_000], &[3000]);
        let (_, fragments) = send(&mut outbox, 1);
        let lanes: Vec<Lane> = fragments.iter().take(6).map(|&(lane, _)| lane).collect();
        assert_eq!(lanes, [Lane::Others, Lane::Reliable].repeat(3));
        assert!(fragments[6..].iter().all(|&(lane, _)| lane == Lane::Reliable));
    }

    #[test]
    fn much_chat_holds_up_neither_events_nor_a_level() {
        let mut events = outbox(&[1000; 3], &[]);
        let mut level = outbox(&[250_000], &[]);
        for tick in 1..=40 {
            // More chat than the client takes: nothing is acknowledged.
            for _ in 0..40 {
                events.push_other(vec![100; 1000].into(), RingKind::Chat).for_each(drop);
                level.push_other(vec![100; 1000].into(), RingKind::Chat).for_each(drop);
            }
            send(&mut events, tick);
            let (_, fragments) = send(&mut level, tick);
            assert!(!fragments.is_empty(), "a fragment on tick {tick}");
        }
        assert_eq!(events.reliable.waiting(), 0, "every event has gone");
    }

    #[test]
    fn a_level_takes_the_bandwidth_that_the_client_has() {
        let mut outbox = outbox(&[250 << 10], &[]);
        let mut sent = Vec::new();
        for tick in 1..60 {
            sent.push(send(&mut outbox, tick).1.len());
            // The snapshot of two ticks ago is acknowledged.
            outbox.acknowledge(tick.saturating_sub(2));
        }
        let ticks = sent.iter().filter(|&&fragments| fragments > 0).count();
        assert_eq!(sent.iter().sum::<usize>(), 250);
        assert!(ticks < 20, "not a fragment a tick: {sent:?}");
    }

    #[test]
    fn without_acknowledgements_a_fragment_goes_on_each_tick_and_no_more() {
        let mut outbox = outbox(&[250 << 10], &[]);
        let sent: Vec<usize> = (1..100).map(|tick| send(&mut outbox, tick).1.len()).collect();
        assert!(sent[40..].iter().all(|&fragments| fragments == 1), "{sent:?}");
    }
}
