//! The measurements that a bot takes from a snapshot: interval, input latency, recovery after a loss, and counts.

use std::time::Duration;

use drumline_shared::mirror::Applied;
use tokio::time::Instant;

use crate::client::bot::Bot;
use crate::client::listen::ConnectionEnd;
use crate::client::resume::ResumeError;
use crate::client::thread_context::ThreadContext;
use crate::measure::input_latency::InputOutcome;
use crate::measure::live_counters::LiveCounters;
use crate::measure::stats::Stats;

/// Gaps that are open for this long when the measurement ends are recorded as they are. Shorter ones tell nothing.
const OPEN_GAP: Duration = Duration::from_secs(1);

/// The progress since the previous snapshot.
struct Progress {
    /// The tick of the previous snapshot.
    previous_tick: Option<u32>,
    /// The time since the previous snapshot; `None` if it says nothing about the server.
    interval: Option<Duration>,
    /// The inputs that the snapshot acknowledges.
    inputs: Option<InputOutcome>,
    /// Inputs that missed their tick without an acknowledgement.
    overdue: u32,
    /// How long the connection was lost before this snapshot, if it was.
    outage: Option<Duration>,
    /// True if the bot caused that outage itself: then nothing about this snapshot is the server's fault.
    is_provoked: bool,
}

impl Bot {
    /// Records a snapshot of `bytes` bytes that was applied at `now`.
    pub(crate) fn record_snapshot(
        &mut self,
        applied: &Applied,
        bytes: usize,
        now: Instant,
    ) -> Result<(), ConnectionEnd> {
        if self.session.is_interrupted() && !self.inputs.matches(applied.ack) {
            return Err(ConnectionEnd::Closed(ResumeError::OtherInputs.to_string()));
        }
        let newest_tick = self.config.room.stats.snapshot_arrived(applied.tick, now);
        let progress = self.progress(applied, now);
        let ThreadContext { stats, measuring, counters, .. } = &*self.config.context;
        let stats = &mut *stats.borrow_mut();
        // Joins, outages and recoveries count whenever they happen; everything else only during the measurement.
        if let Some(outage) = progress.outage {
            stats.resumed_after.record(outage);
            LiveCounters::count(&counters.resumes);
        }
        if let Some(since) = self.joining_since.take() {
            stats.joined_after.record(now.duration_since(since));
        }
        if let Some(since) = self.recovering_since.take_if(|_| applied.tick + 2 >= newest_tick) {
            stats.recoveries_ms.push(since.elapsed().as_secs_f64() * 1000.0);
        }
        stats.hashes_checked += u64::from(applied.hashes_checked);
        if measuring.get() {
            self.config.room.stats.count_update(progress.interval);
            self.record_measured(stats, &progress, applied.tick, bytes);
        }
        Ok(())
    }

    /// Brings the bot's state up to date with a snapshot, and returns what that says about the time before.
    fn progress(&mut self, applied: &Applied, now: Instant) -> Progress {
        self.shown.tick.set(applied.tick);
        self.shown.counts.set(!self.skips_reading());
        let previous_tick = self.last_tick.replace(applied.tick);
        let previous_at = self.last_snapshot_at.replace(now);
        let inputs = applied.ack.and_then(|ack| {
            self.inputs.acknowledge(ack, previous_tick.unwrap_or_default(), applied.tick, now)
        });
        let overdue = self.inputs.overdue(applied.tick);
        if applied.ack.is_some() && !self.is_acknowledged {
            self.is_acknowledged = true;
            // From now on the bot has a seat to resume, so its connection may be cut.
            if let Some(path) = &self.target.path {
                path.allow_cuts(true);
            }
        }
        let outage = self.session.end_outage();
        let is_provoked = std::mem::take(&mut self.provoked_loss) && outage.is_some();
        let interval = previous_at
            .filter(|_| !self.skips_reading() && !is_provoked)
            .map(|previous| now.duration_since(previous));
        Progress { previous_tick, interval, inputs, overdue, outage, is_provoked }
    }

    /// Records a snapshot during the measurement.
    fn record_measured(&self, stats: &mut Stats, progress: &Progress, tick: u32, bytes: usize) {
        let tick_length = self.session.tick;
        stats.updates += 1;
        stats.update_bytes += wire_bytes(bytes);
        if let Some(interval) = progress.interval {
            stats.intervals.record(interval);
            stats.intervals_felt.record_felt(interval, tick_length);
        }
        if progress.is_provoked {
            return;
        }
        let habit = self.config.habit;
        if !habit.is_slow() {
            let skipped = progress.previous_tick.map_or(0, |previous| tick.saturating_sub(previous + 1));
            stats.ticks_coalesced += u64::from(skipped);
            stats.ticks_missed += if progress.outage.is_some() { u64::from(skipped) } else { 0 };
        }
        if !self.skips_reading() && !habit.is_spam() {
            stats.inputs_missed += u64::from(progress.overdue);
            if let Some(inputs) = progress.inputs {
                record_inputs(stats, inputs, tick_length);
            }
        }
    }

    /// Records the gaps that are still open when the measurement ends.
    pub(crate) fn record_open_gaps(&self) {
        if self.skips_reading() || self.config.habit.is_spam() {
            return;
        }
        let now = Instant::now();
        let stats = &mut *self.config.context.stats.borrow_mut();
        let silence = self.last_snapshot_at.map(|previous| now.duration_since(previous));
        if let Some(silence) = silence.filter(|silence| *silence >= OPEN_GAP) {
            stats.intervals_felt.record_felt(silence, self.tick());
        }
        if let Some(waiting) = self.inputs.waiting(now).filter(|waiting| *waiting >= OPEN_GAP) {
            stats.latencies_felt.record_felt(waiting, self.tick());
        }
    }
}

/// Records the latency of an acknowledged input, and how many met or missed their tick.
fn record_inputs(stats: &mut Stats, inputs: InputOutcome, tick_length: Duration) {
    stats.latencies.record(inputs.latency);
    stats.latencies_felt.record_overdue(inputs.latency, inputs.gap, tick_length);
    stats.inputs_met += u64::from(inputs.met);
    stats.inputs_missed += u64::from(inputs.missed);
}

/// Bytes of a server's message on the wire, with its WebSocket header (RFC 6455, 5.2; servers do not mask).
pub(crate) fn wire_bytes(payload: usize) -> u64 {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    (payload + header) as u64
}
