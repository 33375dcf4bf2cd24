//! A room's own counters, between two times that they are added to its game's metrics.

use std::ops::AddAssign;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drumline_room::RoomStats;
use prometheus::local::LocalHistogram;

use super::GameMetrics;

/// The period at which a room's counters are added to its game's metrics.
const FLUSH_PERIOD: Duration = Duration::from_secs(1);

/// Bytes from and to players.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Received: inputs.
    pub inputs: u64,
    /// Received: all other messages.
    pub received_control: u64,
    /// Received: frame headers and control frames.
    pub received_websocket: u64,
    /// Sent: snapshots.
    pub snapshots: u64,
    /// Sent: events, replies and chat.
    pub events: u64,
    /// Sent: all other messages.
    pub sent_control: u64,
    /// Sent: frame headers and control frames.
    pub sent_websocket: u64,
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.inputs += other.inputs;
        self.received_control += other.received_control;
        self.received_websocket += other.received_websocket;
        self.snapshots += other.snapshots;
        self.events += other.events;
        self.sent_control += other.sent_control;
        self.sent_websocket += other.sent_websocket;
    }
}

/// A room's own counters. Counting takes no lock and allocates nothing.
#[derive(Debug)]
pub struct RoomMeter {
    game: Arc<GameMetrics>,
    tick_lateness: LocalHistogram,
    tick_duration: LocalHistogram,
    input_slack: LocalHistogram,
    /// Bytes since the last flush.
    pub traffic: Traffic,
    /// Snapshots since the last flush.
    pub snapshots_sent: u64,
    /// Resumes since the last flush.
    pub resumes: u64,
    snapshots_coalesced: u64,
    ticks_skipped: u64,
    /// The room's statistics at the last flush.
    flushed: RoomStats,
    flushed_at: Instant,
}

impl RoomMeter {
    /// The meter of a room that opens.
    #[must_use]
    pub fn new(game: &Arc<GameMetrics>, now: Instant) -> Self {
        Self {
            tick_lateness: game.tick_lateness.local(),
            tick_duration: game.tick_duration.local(),
            input_slack: game.input_slack.local(),
            traffic: Traffic::default(),
            snapshots_sent: 0,
            resumes: 0,
            snapshots_coalesced: 0,
            ticks_skipped: 0,
            flushed: RoomStats::default(),
            flushed_at: now,
            game: Arc::clone(game),
        }
    }

    /// Counts a tick.
    pub fn tick(&self, lateness: Duration, duration: Duration) {
        self.tick_lateness.observe(lateness.as_secs_f64());
        self.tick_duration.observe(duration.as_secs_f64());
    }

    /// Counts skipped ticks.
    pub fn skip(&mut self, ticks: u64) {
        self.ticks_skipped += ticks;
    }

    /// Counts a snapshot that was not sent.
    pub fn coalesce(&mut self) {
        self.snapshots_coalesced += 1;
    }

    /// Counts an input that was consumed.
    pub fn slack(&self, ticks: i8) {
        self.input_slack.observe(ticks.into());
    }

    /// Counts values of a field that did not fit it.
    pub fn clamp(&self, table: &str, field: &str, values: u64) {
        self.game.clamped.with_label_values(&[&self.game.name, table, field]).inc_by(values);
    }

    /// Returns true if a flush is due.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        now.duration_since(self.flushed_at) >= FLUSH_PERIOD
    }

    /// Adds the counters and the room's own statistics to the game's metrics.
    pub fn flush(&mut self, stats: &RoomStats, now: Instant) {
        let (game, before) = (&*self.game, &std::mem::replace(&mut self.flushed, *stats));
        let (inputs, inputs_before) = (&stats.inputs, &before.inputs);
        let fates = [
            inputs.accepted - inputs_before.accepted,
            inputs.late - inputs_before.late,
            inputs.flood - inputs_before.flood,
            inputs.duplicate - inputs_before.duplicate,
            inputs.future - inputs_before.future,
            inputs.stale - inputs_before.stale,
        ];
        for (counter, count) in game.inputs.iter().zip(fates) {
            counter.inc_by(count);
        }
        let [repeated, neutral] = &game.inputs_missing;
        repeated.inc_by(inputs.repeated - inputs_before.repeated);
        neutral.inc_by(inputs.neutral - inputs_before.neutral);
        game.keyframes.inc_by(stats.keyframes - before.keyframes);
        game.mismatches.inc_by(stats.mismatches_reported - before.mismatches_reported);
        game.events_dropped.inc_by(stats.events_dropped - before.events_dropped);
        self.flush_own();
        self.flushed_at = now;
    }

    /// Adds the counters alone.
    fn flush_own(&mut self) {
        let take = std::mem::take::<u64>;
        let traffic = std::mem::take(&mut self.traffic);
        let received = [traffic.inputs, traffic.received_control, traffic.received_websocket];
        for (counter, bytes) in self.game.received.iter().zip(received) {
            counter.inc_by(bytes);
        }
        let sent = [traffic.snapshots, traffic.events, traffic.sent_control, traffic.sent_websocket];
        for (counter, bytes) in self.game.sent.iter().zip(sent) {
            counter.inc_by(bytes);
        }
        self.game.ticks_skipped.inc_by(take(&mut self.ticks_skipped));
        self.game.snapshots_sent.inc_by(take(&mut self.snapshots_sent));
        self.game.snapshots_coalesced.inc_by(take(&mut self.snapshots_coalesced));
        self.game.resumes.inc_by(take(&mut self.resumes));
        for histogram in [&self.tick_lateness, &self.tick_duration, &self.input_slack] {
            histogram.flush();
        }
    }
}

impl Drop for RoomMeter {
    fn drop(&mut self) {
        self.flush_own();
    }
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;

    use super::*;
    use crate::measure::metrics::Metrics;

    #[test]
    fn counting_and_flushing_allocate_nothing_and_lose_nothing() {
        let metrics = Metrics::new(["arena"].into_iter(), ["draining"].into_iter());
        let game = metrics.game("arena");
        let now = Instant::now();
        let mut meter = RoomMeter::new(game, now);
        let mut stats = RoomStats::default();
        let mut second = |meter: &mut RoomMeter, seconds| {
            for _ in 0..30 {
                meter.tick(Duration::from_micros(80), Duration::from_millis(2));
                meter.slack(-1);
                meter.traffic += Traffic { inputs: 10, snapshots: 100, ..Traffic::default() };
                meter.snapshots_sent += 1;
            }
            stats.inputs.accepted += 30;
            let later = now + Duration::from_secs(seconds);
            assert!(meter.is_due(later));
            meter.flush(&stats, later);
        };
        second(&mut meter, 1);
        assert_eq!(measure(|| second(&mut meter, 2)).count_total, 0);
        meter.tick(Duration::ZERO, Duration::ZERO);
        meter.snapshots_sent += 1;
        drop(meter);
        assert_eq!((game.tick_lateness.get_sample_count(), game.snapshots_sent.get()), (61, 61));
        assert_eq!((game.inputs[0].get(), game.input_slack.get_sample_sum()), (60, -60.0));
        assert_eq!((game.received[0].get(), game.sent[0].get()), (600, 6000));
    }
}
