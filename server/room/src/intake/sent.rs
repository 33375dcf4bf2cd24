//! The snapshots that one client was sent, and what that says of its place in time.

use drumline_shared::limits::MAX_UNACKED_SECONDS;
use drumline_shared::wire::input::VIEW_EIGHTHS;

use super::input_buffer::ViewReport;
use super::seat::Role;
use crate::epoch::EpochTick;
use crate::record::{EIGHTHS, RewindPoint};

const _: () = assert!(VIEW_EIGHTHS == EIGHTHS, "a view report and a rewind point divide a tick alike");

/// The snapshots that one client was sent and has acknowledged.
///
/// Acknowledgements never choose a baseline: the transport is ordered and reliable, so that is the last snapshot *sent*. They
/// decide whether to send at all. The kernels' buffers on the way hold hundreds of snapshots, and a client that stops reading
/// for five seconds would otherwise get five seconds of stale ones.
#[derive(Debug)]
pub(super) struct SentSnapshots {
    /// The last one; `None` before the first, and before a keyframe.
    last: Option<EpochTick>,
    ticks: SentTicks,
    /// The newest one that is known to have been received, and the tick on which that became known.
    acked: EpochTick,
    acked_at: u32,
    /// The newest one that was acknowledged on this connection. At first `acked` is only the tick at which it began.
    proved_tick: Option<u32>,
    round_trip: LeastRoundTrip,
    /// The client has asked for a keyframe.
    keyframe_requested: bool,
    /// The tick of the last keyframe that was sent for the asking.
    keyframe_sent_at: Option<u32>,
}

/// A snapshot that is to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSnapshot {
    /// The tick of the snapshot that it is a delta to; `None` for a keyframe.
    pub baseline: Option<u32>,
    /// The client is behind: it missed the last tick, or half a second of snapshots more than its round trip is not acknowledged.
    pub lags: bool,
    /// Ticks from the newest snapshot that is known to have been received to the last one sent before this one.
    pub unacked_ticks: u32,
    /// The newest snapshot that was acknowledged on this connection.
    pub proved_tick: Option<u32>,
}

/// The outcome of a request for a keyframe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResyncVerdict {
    /// A keyframe will be sent.
    Accepted,
    /// An earlier request still waits.
    Pending,
}

impl SentSnapshots {
    /// Nothing sent yet, in a room that keeps so many frames.
    pub(super) fn new(now: EpochTick, ring: u32) -> Self {
        Self {
            last: None,
            ticks: SentTicks::new(ring),
            acked: now,
            acked_at: now.tick,
            proved_tick: None,
            round_trip: LeastRoundTrip::default(),
            keyframe_requested: false,
            keyframe_sent_at: None,
        }
    }

    /// Starts over for another connection. A client whose mirror is exactly the last snapshot sent goes on from it. Going on from
    /// an older one would need a list of areas for each snapshot under way, to save a keyframe in a rare case.
    pub(super) fn restart(&mut self, mirror: Option<EpochTick>, now: EpochTick) {
        self.last = self.last.filter(|&last| mirror == Some(last));
        // Without a baseline a keyframe comes in any case.
        self.keyframe_requested &= self.last.is_some();
        (self.acked, self.acked_at, self.proved_tick) = (now, now.tick, None);
        self.round_trip = LeastRoundTrip::default();
    }

    /// Notes an acknowledgement. One of a tick that was never sent proves nothing.
    pub(super) fn acknowledge(&mut self, acked: EpochTick, now: EpochTick, tick_rate_hz: u32) {
        if acked > self.acked && Some(acked) <= self.last {
            (self.acked, self.acked_at, self.proved_tick) = (acked, now.tick, Some(acked.tick));
            self.round_trip.note(now.tick - acked.tick, now.tick, tick_rate_hz);
        }
    }

    /// Returns true if a snapshot of a tick, or a later one, was sent on this connection or the one before.
    pub(super) fn has_sent(&self, tick: u32) -> bool {
        self.last.is_some_and(|last| tick <= last.tick)
    }

    pub(super) fn request_keyframe(&mut self) -> ResyncVerdict {
        if std::mem::replace(&mut self.keyframe_requested, true) {
            ResyncVerdict::Pending
        } else {
            ResyncVerdict::Accepted
        }
    }

    /// Notes that the snapshot of this tick is sent, and returns what it is; `None` if it has been sent, or while more than
    /// [`MAX_UNACKED_SECONDS`] of snapshots beyond the client's round trip are not acknowledged (half as many for a spectator).
    ///
    /// Congestion shows as growth: a long way is not a full one (LEDBAT, RFC 6817, judges in the same way).
    pub(super) fn send(&mut self, now: EpochTick, tick_rate_hz: u32, role: Role) -> Option<DueSnapshot> {
        let tick = now.tick;
        // At most one keyframe a second for the asking: it is the dearest message there is.
        if self.keyframe_requested && self.keyframe_sent_at.is_none_or(|last| tick >= last + tick_rate_hz) {
            self.keyframe_requested = false;
            self.keyframe_sent_at = Some(tick);
            self.last = None;
        }
        let unacked_ticks = self.unacked_ticks();
        let round_trip_ticks = self.round_trip.ticks(tick_rate_hz);
        let excess_ticks = unacked_ticks.saturating_sub(round_trip_ticks.unwrap_or(0));
        let max_excess = match role {
            Role::Player | Role::Bot => MAX_UNACKED_SECONDS * tick_rate_hz,
            Role::Spectator => (MAX_UNACKED_SECONDS * tick_rate_hz / 2).max(1),
        };
        if self.last == Some(now) || excess_ticks >= max_excess {
            return None;
        }
        let missed = self.last.is_some_and(|last| tick - last.tick > 1);
        self.ticks.add(tick);
        let baseline = self.last.replace(now).map(|last| last.tick);
        Some(DueSnapshot {
            // An older one is no longer in the frame ring.
            baseline: baseline.filter(|baseline| tick - baseline < self.ticks.length()),
            // Nothing is known of the way before the first acknowledgement.
            lags: missed || (round_trip_ticks.is_some() && excess_ticks > tick_rate_hz / 2),
            unacked_ticks,
            proved_tick: self.proved_tick,
        })
    }

    /// Ticks from the newest snapshot that is known to have been received to the last one sent.
    pub(super) fn unacked_ticks(&self) -> u32 {
        self.last.map_or(0, |last| last.tick.saturating_sub(self.acked.tick))
    }

    /// Ticks for which the client has acknowledged nothing although there was something to acknowledge.
    pub(super) fn silent_ticks(&self, tick: u32) -> u32 {
        if self.unacked_ticks() > 0 { tick - self.acked_at } else { 0 }
    }

    /// The point in time that the client displayed when it made the input that is used on a tick, at most `reach_eighths` before
    /// the end of the tick before.
    pub(super) fn rewind_point(
        &self,
        view: Option<ViewReport>,
        tick: u32,
        reach_eighths: u32,
    ) -> RewindPoint {
        let present = tick - 1;
        match (view, self.ticks.newest) {
            (Some(view), Some(newest)) => self.ticks.rewind_point(view, newest, present, reach_eighths),
            _ => RewindPoint::end_of(present),
        }
    }
}

/// The shortest time from a snapshot to its acknowledgement, of the last [`ROUND_TRIP_SECONDS`] or twice as many: the way may
/// change, and a queue that stands for ever would otherwise count as a part of it.
#[derive(Debug, Clone, Copy, Default)]
struct LeastRoundTrip {
    now_ticks: Option<u32>,
    before_ticks: Option<u32>,
    since: u32,
}

/// Seconds after which a round trip begins to be forgotten.
const ROUND_TRIP_SECONDS: u32 = 15;
/// The longest way that is believed, in seconds: beyond it acknowledgements are late because something is full.
const MAX_ROUND_TRIP_SECONDS: u32 = 2;

impl LeastRoundTrip {
    fn note(&mut self, ticks: u32, now: u32, tick_rate_hz: u32) {
        if now - self.since >= ROUND_TRIP_SECONDS * tick_rate_hz {
            (self.before_ticks, self.now_ticks, self.since) = (self.now_ticks, None, now);
        }
        self.now_ticks = Some(self.now_ticks.map_or(ticks, |least| least.min(ticks)));
    }

    /// `None` before the first acknowledgement.
    fn ticks(&self, tick_rate_hz: u32) -> Option<u32> {
        let least = self.now_ticks.into_iter().chain(self.before_ticks).min()?;
        Some(least.min(MAX_ROUND_TRIP_SECONDS * tick_rate_hz))
    }
}

/// The ticks whose snapshots a client was sent, as far back as frames are kept. A client displays the world between two of them.
#[derive(Debug, Clone)]
struct SentTicks {
    newest: Option<u32>,
    /// A ring, indexed by tick: the tick itself if its snapshot was sent.
    ring: Vec<u32>,
}

/// No tick of a snapshot: that of the state before the first.
const NONE: u32 = 0;

impl SentTicks {
    fn new(length: u32) -> Self {
        Self { newest: None, ring: vec![NONE; length as usize] }
    }

    /// Ticks that are remembered.
    fn length(&self) -> u32 {
        self.ring.len() as u32
    }

    /// Adds a tick after all others.
    fn add(&mut self, tick: u32) {
        let index = (tick % self.length()) as usize;
        self.ring[index] = tick;
        self.newest = Some(tick);
    }

    /// The first tick that is remembered, with the newest one.
    fn remembered(&self) -> Option<(u32, u32)> {
        let newest = self.newest?;
        Some(((newest + 1).saturating_sub(self.length()).max(1), newest))
    }

    fn has(&self, tick: u32) -> bool {
        self.ring[(tick % self.length()) as usize] == tick
    }

    /// The last of the ticks up to one; `None` if all are later, or it is too long ago to be known.
    fn not_after(&self, tick: u32) -> Option<u32> {
        let (first, newest) = self.remembered()?;
        (first..=tick.min(newest)).rev().find(|&tick| self.has(tick))
    }

    /// The first of the ticks after one.
    fn after(&self, tick: u32) -> Option<u32> {
        let (first, newest) = self.remembered()?;
        (first.max(tick.saturating_add(1))..=newest).find(|&tick| self.has(tick))
    }

    /// The point in time of a view report. The report may be a lie: all that it can gain is the end of the reach.
    fn rewind_point(&self, view: ViewReport, newest: u32, present: u32, reach_eighths: u32) -> RewindPoint {
        let is_forgotten = view.acked_tick.saturating_add(self.length()) <= newest;
        // A client that acknowledges what it was never sent is treated as if it had everything.
        let acked_tick = match self.not_after(view.acked_tick) {
            Some(sent) => sent,
            None if is_forgotten => view.acked_tick,
            None => newest,
        };
        let per_tick = u64::from(EIGHTHS);
        let present_eighths = u64::from(present) * per_tick;
        let earliest_eighths = present_eighths.saturating_sub(u64::from(reach_eighths));
        // Without further inputs the display goes on, as far behind as before.
        let newest_had = u64::from(acked_tick) + u64::from(view.ticks_ago);
        let eighths = (newest_had * per_tick)
            .saturating_sub(u64::from(view.view_eighths))
            .clamp(earliest_eighths, present_eighths);
        let (tick, earliest) = ((eighths / per_tick) as u32, (earliest_eighths / per_tick) as u32);
        // Frames before the earliest point's may be gone.
        let from = self.not_after(tick).unwrap_or(0).max(earliest);
        let to = self.after(tick).unwrap_or(tick + 1).min(present);
        let newest = self.not_after(newest_had.min(u64::from(present)) as u32).unwrap_or(0).max(from);
        RewindPoint { eighths, from, to, newest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(ticks: &[u32]) -> SentTicks {
        let mut sent = SentTicks::new(32);
        for &tick in ticks {
            sent.add(tick);
        }
        sent
    }

    /// The point of a report that is used on tick 101, with a reach of 20 ticks: the tick, and the three frames.
    fn point(sent: &SentTicks, acked_tick: u32, view_eighths: u8) -> (f64, u32, u32, u32) {
        point_after(sent, acked_tick, view_eighths, 0)
    }

    /// The same without an input for so many ticks.
    fn point_after(
        sent: &SentTicks,
        acked_tick: u32,
        view_eighths: u8,
        ticks_ago: u32,
    ) -> (f64, u32, u32, u32) {
        let view = ViewReport { acked_tick, view_eighths, ticks_ago };
        let RewindPoint { eighths, from, to, newest } =
            sent.rewind_point(view, sent.newest.unwrap(), 100, 20 * EIGHTHS);
        (eighths as f64 / f64::from(EIGHTHS), from, to, newest)
    }

    #[test]
    fn a_point_lies_between_two_snapshots_that_the_client_was_sent() {
        let all: Vec<u32> = (60..=100).collect();
        assert_eq!(point(&sent(&all), 95, 18), (92.75, 92, 93, 95));
        assert_eq!(point(&sent(&all), 95, 16), (93.0, 93, 94, 95));
        assert_eq!(point(&sent(&all), 100, 0), (100.0, 100, 100, 100));
        let some = sent(&[80, 90, 91, 94, 99]);
        assert_eq!(point(&some, 94, 4), (93.5, 91, 94, 94));
        assert_eq!(point(&some, 90, 12), (88.5, 80, 90, 90));
    }

    #[test]
    fn without_inputs_the_display_goes_on() {
        let some = sent(&[80, 90, 91, 94, 99]);
        assert_eq!(point_after(&some, 90, 12, 1), (89.5, 80, 90, 91));
        assert_eq!(point_after(&some, 90, 12, 2), (90.5, 90, 91, 91));
        assert_eq!(point_after(&some, 60, 16, 30), (88.0, 80, 90, 90), "that was long ago");
        assert_eq!(point_after(&some, 90, 12, 50), (100.0, 99, 100, 99), "never into the future");
    }

    #[test]
    fn an_impossible_report_gives_a_possible_point() {
        let all: Vec<u32> = (60..=98).collect();
        let (late, some) = (sent(&all), sent(&[95, 97]));
        assert_eq!(point(&late, 100, 8), (97.0, 97, 98, 98), "not sent yet");
        assert_eq!(point(&some, 96, 0), (95.0, 95, 97, 95), "never sent: the one before is what it had");
        assert_eq!(point(&some, 90, 8), (96.0, 95, 97, 97), "never sent");
        assert_eq!(point(&late, 95, 255), (80.0, 80, 81, 95), "beyond the reach");
        assert_eq!(point(&late, 40, 0), (80.0, 80, 81, 80), "so long ago that it is forgotten");
        assert_eq!(point(&sent(&[3]), 3, 0), (80.0, 80, 81, 80), "nothing since");
    }

    proptest! {
        #[test]
        fn the_ring_says_what_a_list_of_the_ticks_would(ticks in prop::collection::btree_set(1u32..100, 1..60)) {
            let ticks: Vec<u32> = ticks.into_iter().collect();
            let (sent, newest) = (sent(&ticks), *ticks.last().unwrap());
            for tick in newest.saturating_sub(31)..newest + 2 {
                let known = |other: &u32| newest - other < 32;
                let before = ticks.iter().copied().rfind(|&other| other <= tick);
                prop_assert_eq!(sent.not_after(tick), before.filter(known));
                prop_assert_eq!(sent.after(tick), ticks.iter().copied().find(|&other| other > tick));
            }
        }

        #[test]
        fn for_any_report_the_point_is_within_the_reach_and_has_its_frames(
            ticks in prop::collection::btree_set(1u32..200, 1..60), since in 0u32..20, acked_tick in any::<u32>(),
            near in any::<bool>(), view_eighths in any::<u8>(), ticks_ago in 0u32..40, reach in 0u32..=31 * EIGHTHS,
        ) {
            let ticks: Vec<u32> = ticks.into_iter().collect();
            let newest = *ticks.last().unwrap();
            let present = newest + since;
            let acked_tick = if near { acked_tick % (present + 1) } else { acked_tick };
            let view = ViewReport { acked_tick, view_eighths, ticks_ago };
            let point = sent(&ticks).rewind_point(view, newest, present, reach);
            let [eighths, per_tick] = [point.eighths, u64::from(EIGHTHS)];
            let present_eighths = u64::from(present) * per_tick;
            let earliest = present_eighths.saturating_sub(u64::from(reach));
            prop_assert!(earliest <= eighths && eighths <= present_eighths);
            prop_assert!(earliest / per_tick <= u64::from(point.from));
            prop_assert!(u64::from(point.from) * per_tick <= eighths);
            prop_assert!(eighths < u64::from(point.to) * per_tick || eighths == present_eighths);
            prop_assert!(point.from <= point.newest && point.newest <= present && point.to <= present);
        }
    }
}
