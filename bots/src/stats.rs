//! What a swarm has measured.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::report::Report;

/// Longest time that a histogram tells apart, in microseconds.
const LONGEST_US: u64 = 60_000_000;

/// The measurements of some bots.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Bots that got a seat and their first keyframe.
    pub bots_connected: u64,
    /// Snapshots applied.
    pub updates: u64,
    /// Bytes of the snapshots, with their WebSocket headers.
    pub update_bytes: u64,
    /// Bytes of all messages, with their WebSocket headers.
    pub bytes: u64,
    /// From one snapshot to the next, in microseconds; bots that stall on purpose are left out.
    pub intervals_us: Histogram<u64>,
    /// From the sending of an input to the first snapshot that tells of its consumption, in microseconds.
    pub latencies_us: Histogram<u64>,
    /// Ticks that were never delivered because a later snapshot stood for them.
    pub ticks_coalesced: u64,
    /// Snapshots whose hash was compared.
    pub hashes_checked: u64,
    /// Snapshots whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
    /// Connections that ended for good, by cause.
    pub closes: BTreeMap<String, u64>,
    /// From the loss of a connection to the first snapshot after it, in microseconds: one for each that was resumed.
    pub resumes_us: Histogram<u64>,
    /// Lost connections that were not resumed, or not as they should be.
    pub resume_failures: u64,
    /// Inputs that were consumed on the tick that they were meant for.
    pub inputs_met: u64,
    /// Inputs that were consumed later than that, or never.
    pub inputs_missed: u64,
    /// Bots that stopped reading for a while, and how long after it each took to show the newest tick again, in
    /// milliseconds.
    pub recoveries_ms: Vec<f64>,
}

impl Default for Stats {
    fn default() -> Self {
        let histogram =
            || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds of the histogram are valid");
        Self {
            bots_connected: 0,
            updates: 0,
            update_bytes: 0,
            bytes: 0,
            intervals_us: histogram(),
            latencies_us: histogram(),
            ticks_coalesced: 0,
            hashes_checked: 0,
            mismatches: 0,
            closes: BTreeMap::new(),
            resumes_us: histogram(),
            resume_failures: 0,
            inputs_met: 0,
            inputs_missed: 0,
            recoveries_ms: Vec::new(),
        }
    }
}

/// The cause under which a bot that has done its work is counted.
pub const FINISHED: &str = "finished";

impl Stats {
    /// Counts an ended connection.
    pub fn count_close(&mut self, cause: &str) {
        *self.closes.entry(cause.to_owned()).or_default() += 1;
    }

    /// Notes a time.
    pub fn record(histogram: &mut Histogram<u64>, time: Duration) {
        histogram.saturating_record(time.as_micros() as u64);
    }

    /// Adds the measurements of other bots.
    pub fn merge(&mut self, other: Self) {
        self.bots_connected += other.bots_connected;
        self.updates += other.updates;
        self.update_bytes += other.update_bytes;
        self.bytes += other.bytes;
        self.ticks_coalesced += other.ticks_coalesced;
        self.hashes_checked += other.hashes_checked;
        self.mismatches += other.mismatches;
        self.intervals_us += other.intervals_us;
        self.latencies_us += other.latencies_us;
        self.resumes_us += other.resumes_us;
        self.resume_failures += other.resume_failures;
        self.inputs_met += other.inputs_met;
        self.inputs_missed += other.inputs_missed;
        for (cause, count) in other.closes {
            *self.closes.entry(cause).or_default() += count;
        }
        self.recoveries_ms.extend(other.recoveries_ms);
    }

    /// The figures of a run in which every bot was measured for `seconds`.
    #[must_use]
    pub fn report(&self, seconds: f64) -> Report {
        let bot_seconds = (self.bots_connected as f64 * seconds).max(f64::MIN_POSITIVE);
        let inputs = self.inputs_met + self.inputs_missed;
        let ms = |us: u64| us as f64 / 1000.0;
        let quantile = |histogram: &Histogram<u64>, q| ms(histogram.value_at_quantile(q));
        Report {
            bots_connected: self.bots_connected,
            updates_per_s: self.updates as f64 / bot_seconds,
            interval_ms_p50: quantile(&self.intervals_us, 0.5),
            interval_ms_p99: quantile(&self.intervals_us, 0.99),
            interval_ms_max: ms(self.intervals_us.max()),
            bytes_per_update: self.update_bytes as f64 / self.updates.max(1) as f64,
            bytes_per_s: self.bytes as f64 / bot_seconds,
            latency_ms_p50: quantile(&self.latencies_us, 0.5),
            latency_ms_p99: quantile(&self.latencies_us, 0.99),
            ticks_coalesced: self.ticks_coalesced,
            hashes_checked: self.hashes_checked,
            mismatches: self.mismatches,
            closes: self.closes.clone(),
            resumes: self.resumes_us.len(),
            resume_failures: self.resume_failures,
            resume_ms_p99: quantile(&self.resumes_us, 0.99),
            inputs_missed_pct: self.inputs_missed as f64 * 100.0 / inputs.max(1) as f64,
            recovery_ms_max: self.recoveries_ms.iter().copied().reduce(f64::max),
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_each_bot_and_merged_without_loss() {
        let mut first = Stats { bots_connected: 1, updates: 300, update_bytes: 30_000, ..Stats::default() };
        let mut second = Stats { bots_connected: 1, updates: 100, update_bytes: 10_000, ..Stats::default() };
        Stats::record(&mut first.intervals_us, Duration::from_millis(33));
        Stats::record(&mut second.intervals_us, Duration::from_millis(100));
        second.count_close(FINISHED);
        Stats::record(&mut second.resumes_us, Duration::from_millis(250));
        (first.inputs_met, second.inputs_missed) = (97, 3);
        first.merge(second);
        let report = first.report(10.0);
        assert_eq!(report.updates_per_s, 20.0);
        assert_eq!(report.bytes_per_update, 100.0);
        assert!((report.interval_ms_max - 100.0).abs() < 0.1);
        assert!((report.resume_ms_p99 - 250.0).abs() < 0.5 && report.resumes == 1);
        assert_eq!(report.inputs_missed_pct, 3.0);
        assert!(report.is_clean());
        let failed = Stats { resume_failures: 1, ..first.clone() };
        assert!(!failed.report(10.0).is_clean());
        first.count_close("1006 lost");
        assert!(!first.report(10.0).is_clean());
    }
}
