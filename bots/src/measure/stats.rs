//! The measurements of bots: counts, and histograms that merge without loss.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::measure::times::Times;
use crate::report::figures::{FINISHED, Quantiles, Report};

/// Number of causes that are distinguished.
const MOST_CAUSES: usize = 40;
/// All further causes are counted as this one.
const OTHER_CAUSES: &str = "other causes";

/// Counts by cause. A peer may invent any number of close reasons, so the number of causes is bounded.
pub type Causes = BTreeMap<String, u64>;

/// Adds to the count of a cause.
pub fn count_cause(causes: &mut Causes, cause: &str, count: u64) {
    let cause = if causes.contains_key(cause) || causes.len() < MOST_CAUSES { cause } else { OTHER_CAUSES };
    *causes.entry(cause.to_owned()).or_default() += count;
}

/// The measurements of some bots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Bots that joined, each counted once.
    pub bots_connected: u64,
    /// Joins.
    pub joins: u64,
    /// Time that bots spent in rooms during the measurement, added up, in seconds.
    pub bot_seconds: f64,
    /// Snapshots applied.
    pub updates: u64,
    /// Bytes of the snapshots, with their WebSocket headers.
    pub update_bytes: u64,
    /// Bytes of all messages, with their WebSocket headers.
    pub bytes: u64,
    /// Time between two snapshots. Bots that stop reading on purpose are left out here and in the times below.
    pub intervals: Times,
    /// The same, as felt.
    pub intervals_felt: Times,
    /// Time from sending an input to the first snapshot that acknowledges its consumption: see
    /// `measure/input_latency.rs`.
    pub latencies: Times,
    /// The same, as felt.
    pub latencies_felt: Times,
    /// Age of the state that bots show, sampled on a fixed clock.
    pub staleness: Times,
    /// Time from a bot's scheduled arrival to its first snapshot.
    pub joined_after: Times,
    /// Time from the loss of a connection to the first snapshot after it, for each that was resumed.
    pub resumed_after: Times,
    /// Ticks without a snapshot of their own, because a later snapshot covered them.
    pub ticks_coalesced: u64,
    /// Those of them that passed while the bot had no connection.
    pub ticks_missed: u64,
    /// Snapshots whose hash was compared.
    pub hashes_checked: u64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: u64,
    /// Connections that ended for good, by cause.
    pub closes: Causes,
    /// Closes that a behaviour provoked, by cause.
    pub closes_provoked: Causes,
    /// Joins that failed, by cause.
    pub join_failures: Causes,
    /// Lost connections that were not resumed correctly.
    pub resume_failures: u64,
    /// Inputs sent.
    pub inputs_sent: u64,
    /// Inputs that were consumed on the tick that they were meant for.
    pub inputs_met: u64,
    /// Inputs that were consumed on a later tick, or never.
    pub inputs_missed: u64,
    /// How long bots that stopped reading once took to show the newest tick again, in milliseconds.
    pub recoveries_ms: Vec<f64>,
}

impl Stats {
    /// Connections that ended for good before their time, other than provoked ones.
    #[must_use]
    pub fn closes_early(&self) -> u64 {
        self.closes.iter().filter(|(cause, _)| *cause != FINISHED).map(|(_, count)| count).sum()
    }

    /// Adds the measurements of other bots.
    pub fn merge(&mut self, other: &Self) {
        self.bots_connected += other.bots_connected;
        self.joins += other.joins;
        self.bot_seconds += other.bot_seconds;
        self.updates += other.updates;
        self.update_bytes += other.update_bytes;
        self.bytes += other.bytes;
        self.ticks_coalesced += other.ticks_coalesced;
        self.ticks_missed += other.ticks_missed;
        self.hashes_checked += other.hashes_checked;
        self.mismatches += other.mismatches;
        self.resume_failures += other.resume_failures;
        self.inputs_sent += other.inputs_sent;
        self.inputs_met += other.inputs_met;
        self.inputs_missed += other.inputs_missed;
        self.recoveries_ms.extend(&other.recoveries_ms);
        let times = [
            (&mut self.intervals, &other.intervals),
            (&mut self.intervals_felt, &other.intervals_felt),
            (&mut self.latencies, &other.latencies),
            (&mut self.latencies_felt, &other.latencies_felt),
            (&mut self.staleness, &other.staleness),
            (&mut self.joined_after, &other.joined_after),
            (&mut self.resumed_after, &other.resumed_after),
        ];
        for (mine, theirs) in times {
            mine.merge(theirs);
        }
        let causes = [
            (&mut self.closes, &other.closes),
            (&mut self.closes_provoked, &other.closes_provoked),
            (&mut self.join_failures, &other.join_failures),
        ];
        for (mine, theirs) in causes {
            for (cause, count) in theirs {
                count_cause(mine, cause, *count);
            }
        }
    }

    /// The figures of a run. `bot_seconds` is the time that bots spent in rooms, added up.
    #[must_use]
    pub fn report(&self, bot_seconds: f64) -> Report {
        let bot_seconds = bot_seconds.max(f64::MIN_POSITIVE);
        let inputs = self.inputs_met + self.inputs_missed;
        Report {
            bots_connected: self.bots_connected,
            updates_per_s: self.updates as f64 / bot_seconds,
            interval_ms_p50: self.intervals.ms(0.5),
            interval_ms_p99: self.intervals.ms(0.99),
            interval_ms_max: self.intervals.ms(1.0),
            interval_felt_ms_p50: self.intervals_felt.ms(0.5),
            interval_felt_ms_p99: self.intervals_felt.ms(0.99),
            bytes_per_update: self.update_bytes as f64 / self.updates.max(1) as f64,
            bytes_per_s: self.bytes as f64 / bot_seconds,
            latency_ms_p50: self.latencies.ms(0.5),
            latency_ms_p99: self.latencies.ms(0.99),
            latency_ms_max: self.latencies.ms(1.0),
            latency_felt_ms_p50: self.latencies_felt.ms(0.5),
            latency_felt_ms_p99: self.latencies_felt.ms(0.99),
            staleness_ms_p50: self.staleness.ms(0.5),
            staleness_ms_p99: self.staleness.ms(0.99),
            staleness_ms_max: self.staleness.ms(1.0),
            join_ms_p50: self.joined_after.ms(0.5),
            join_ms_p99: self.joined_after.ms(0.99),
            ticks_coalesced: self.ticks_coalesced,
            ticks_missed: self.ticks_missed,
            hashes_checked: self.hashes_checked,
            mismatches: self.mismatches,
            closes: self.closes.clone(),
            closes_provoked: self.closes_provoked.clone(),
            join_failures: self.join_failures.clone(),
            resumes: self.resumed_after.count(),
            resume_failures: self.resume_failures,
            resume_ms_p50: self.resumed_after.ms(0.5),
            resume_ms_p99: self.resumed_after.ms(0.99),
            inputs_sent: self.inputs_sent,
            inputs_missed_pct: self.inputs_missed as f64 * 100.0 / inputs.max(1) as f64,
            recovery_ms_max: self.recoveries_ms.iter().copied().reduce(f64::max),
            quantiles: Quantiles {
                interval: self.intervals.curve(),
                interval_felt: self.intervals_felt.curve(),
                latency: self.latencies.curve(),
                latency_felt: self.latencies_felt.curve(),
                staleness: self.staleness.curve(),
                join: self.joined_after.curve(),
                resume: self.resumed_after.curve(),
            },
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn figures_are_for_each_bot_and_merged_without_loss() {
        let mut first = Stats { bots_connected: 1, updates: 300, update_bytes: 30_000, ..Stats::default() };
        let mut second = Stats { bots_connected: 1, updates: 100, update_bytes: 10_000, ..Stats::default() };
        first.intervals.record(Duration::from_millis(33));
        second.intervals.record(Duration::from_millis(100));
        count_cause(&mut second.closes, FINISHED, 1);
        second.resumed_after.record(Duration::from_millis(250));
        (first.inputs_met, second.inputs_missed) = (97, 3);
        first.merge(&second);
        let report = first.report(20.0);
        assert_eq!(report.updates_per_s, 20.0);
        assert_eq!(report.bytes_per_update, 100.0);
        assert!((report.interval_ms_max - 100.0).abs() < 0.1);
        assert!((report.resume_ms_p99 - 250.0).abs() < 0.5 && report.resumes == 1);
        assert_eq!(report.inputs_missed_pct, 3.0);
        assert_eq!(report.quantiles.interval.count, 2);
        assert!(report.is_clean());
        let failed = Stats { resume_failures: 1, ..first.clone() };
        assert!(!failed.report(20.0).is_clean());
        count_cause(&mut first.closes, "1006 lost", 1);
        assert!(!first.report(20.0).is_clean() && first.closes_early() == 1);
    }

    #[test]
    fn causes_are_bounded() {
        let mut causes = Causes::new();
        for index in 0..100 {
            count_cause(&mut causes, &format!("cause {index}"), 1);
        }
        assert_eq!((causes.len(), causes[OTHER_CAUSES]), (MOST_CAUSES + 1, 60));
    }
}
