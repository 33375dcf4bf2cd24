//! What a swarm measures, in histograms that are merged without loss.
//!
//! **What is left out when nothing comes.** A bot notes the time between snapshots when a snapshot comes, and sends an input
//! after each. A server that stands still for five seconds would so be noted once, where it had owed a hundred snapshots, and no
//! input would be sent in the time in which it would have had to wait longest. Hence two figures beside what was seen. *Felt*
//! ones count a long gap once for each snapshot that was due in it, as `HdrHistogram` corrects for coordinated omission; and
//! with an input that was sent after a gap, those that a player would have sent in it, which would have had to wait until the
//! same moment. They also count gaps that last when the measurement ends. And *staleness* is looked at on a fixed clock,
//! whatever comes.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::report::{Curve, Quantile, Quantiles, Report};

/// Longest time that a histogram tells apart, in microseconds.
const LONGEST_US: u64 = 60_000_000;
/// The most that are taken for left out in one gap: a minute's worth at 60 a second.
const MOST_OVERDUE: f64 = 3600.0;
/// Different causes that are counted; what comes after them is counted together.
const MOST_CAUSES: usize = 40;
/// How causes beyond those are counted.
const OTHER_CAUSES: &str = "other causes";

/// The cause under which a bot that has done its work is counted.
pub const FINISHED: &str = "finished";

/// Times, in microseconds. On their way to another process they are their buckets and counts, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Buckets", into = "Buckets")]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds of the histogram are valid"))
    }
}

/// The highest time of each bucket in which there is something, in microseconds, and how often.
#[derive(Serialize, Deserialize)]
struct Buckets(Vec<(u64, u64)>);

impl From<Times> for Buckets {
    fn from(times: Times) -> Self {
        let buckets = times.0.iter_recorded();
        Self(buckets.map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value())).collect())
    }
}

impl From<Buckets> for Times {
    fn from(Buckets(buckets): Buckets) -> Self {
        let mut times = Self::default();
        for (us, count) in buckets {
            times.0.saturating_record_n(us, count);
        }
        times
    }
}

impl Times {
    /// Notes a time.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(time.as_micros() as u64);
    }

    /// Notes a time in which something was due every `expected`, once for each.
    pub fn record_felt(&mut self, time: Duration, expected: Duration) {
        let us = (time.as_micros() as u64).min(LONGEST_US);
        self.0
            .record_correct(us, expected.as_micros() as u64)
            .expect("the time is within the histogram's bounds");
    }

    /// Notes how long something took that was begun `gap` after the one before it, and what those would have taken that were due
    /// every `expected` in between: they would have been done at the same moment.
    pub fn record_overdue(&mut self, time: Duration, gap: Duration, expected: Duration) {
        self.record(time);
        let overdue = gap.as_secs_f64() / expected.as_secs_f64().max(1e-3);
        // Half a turn too late is unrest, and not one that was left out.
        for turn in 1..overdue.min(MOST_OVERDUE).round() as u32 {
            self.record(time + gap.saturating_sub(expected * turn));
        }
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// How many were noted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// A quantile, in milliseconds; 0 if nothing was noted.
    #[must_use]
    pub fn ms(&self, q: f64) -> f64 {
        if self.0.is_empty() { 0.0 } else { self.0.value_at_quantile(q) as f64 / 1000.0 }
    }

    /// A quantile, in milliseconds; none if nothing was noted.
    #[must_use]
    pub fn some_ms(&self, q: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.ms(q))
    }

    /// The distribution.
    #[must_use]
    pub fn curve(&self) -> Curve {
        let count = self.count();
        if count == 0 {
            return Curve::default();
        }
        // The share above it: by equal steps on a logarithmic scale, as long as there is something above it.
        let tenths = (0..20).map(|step| f64::from(step) * 0.05);
        let tails = (0..40).map(|step| 1.0 - 0.1 * 10f64.powf(-f64::from(step) / 8.0));
        let supported = |q: &f64| (1.0 - q) * count as f64 >= 1.0;
        let qs = tenths.filter(|q| *q < 0.9).chain(tails).filter(supported).chain([1.0]);
        let plain = qs.map(|q: f64| (q * 1e6).round() / 1e6);
        Curve { count, points: plain.map(|q| Quantile { q, ms: self.ms(q) }).collect() }
    }
}

/// Counts by cause. A peer may find ever new words for why it ends; no more than some are told apart.
pub type Causes = BTreeMap<String, u64>;

/// Counts so many of a cause.
pub fn count_cause(causes: &mut Causes, cause: &str, count: u64) {
    let cause = if causes.contains_key(cause) || causes.len() < MOST_CAUSES { cause } else { OTHER_CAUSES };
    *causes.entry(cause.to_owned()).or_default() += count;
}

/// The measurements of some bots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Bots that got a seat, however often.
    pub bots_connected: u64,
    /// Seats that were taken.
    pub joins: u64,
    /// How long bots were in rooms during the measurement, all together, in seconds.
    pub bot_seconds: f64,
    /// Snapshots applied.
    pub updates: u64,
    /// Bytes of the snapshots, with their WebSocket headers.
    pub update_bytes: u64,
    /// Bytes of all messages, with their WebSocket headers.
    pub bytes: u64,
    /// From one snapshot to the next; bots that do not read for a while on purpose are left out here and in what follows.
    pub intervals: Times,
    /// The same as felt.
    pub intervals_felt: Times,
    /// From the sending of an input to the first snapshot that tells of its consumption.
    pub latencies: Times,
    /// The same as felt.
    pub latencies_felt: Times,
    /// How old what bots show is, looked at on a fixed clock.
    pub staleness: Times,
    /// From when a bot was to come to its first snapshot.
    pub joined_after: Times,
    /// From the loss of a connection to the first snapshot after it: one for each that was resumed.
    pub resumed_after: Times,
    /// Ticks that were never delivered because a later snapshot stood for them.
    pub ticks_coalesced: u64,
    /// Those of them that passed while the bot had no connection.
    pub ticks_missed: u64,
    /// Snapshots whose hash was compared.
    pub hashes_checked: u64,
    /// Snapshots whose hash, or whose bytes, were wrong.
    pub mismatches: u64,
    /// Connections that ended for good, by cause.
    pub closes: Causes,
    /// Closes that a behaviour brings upon itself, by cause.
    pub closes_provoked: Causes,
    /// Joins that failed, by cause.
    pub join_failures: Causes,
    /// Lost connections that were not resumed, or not as they should be.
    pub resume_failures: u64,
    /// Inputs sent.
    pub inputs_sent: u64,
    /// Inputs that were consumed on the tick that they were meant for.
    pub inputs_met: u64,
    /// Inputs that were consumed later than that, or never.
    pub inputs_missed: u64,
    /// Bots that stopped reading once, and how long after it each took to show the newest tick again, in milliseconds.
    pub recoveries_ms: Vec<f64>,
}

impl Stats {
    /// Connections that ended for good before their time, and not by their bots' own doing.
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

    /// The figures of a run in which bots were in rooms for so many seconds, all together.
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
    fn a_gap_is_felt_at_each_update_that_was_missing() {
        let (mut seen, mut felt) = (Times::default(), Times::default());
        let tick = Duration::from_millis(50);
        for time in [50; 900].into_iter().chain([5000]).map(Duration::from_millis) {
            seen.record(time);
            felt.record_felt(time, tick);
        }
        assert_eq!((seen.count(), felt.count()), (901, 1000));
        assert!(seen.ms(0.99) < 51.0, "one of 901");
        assert!((felt.ms(0.99) - 4500.0).abs() < 60.0, "of 1000, 10 waited for longer: {}", felt.ms(0.99));
    }

    #[test]
    fn inputs_that_were_not_sent_would_have_waited_longer() {
        let (mut times, ms) = (Times::default(), Duration::from_millis);
        times.record_overdue(ms(70), ms(60), ms(50));
        assert_eq!(times.count(), 1, "a little late is not left out");
        times.record_overdue(ms(70), ms(0), ms(50));
        times.record_overdue(ms(70), ms(200), ms(50));
        assert_eq!(times.count(), 2 + 4);
        assert!((times.ms(1.0) - 220.0).abs() < 0.5 && (times.ms(0.5) - 70.0).abs() < 0.5);
        times.record_overdue(ms(70), Duration::from_secs(86_400), ms(50));
        assert!(times.count() < 4000);
    }

    #[test]
    fn a_curve_goes_as_far_as_the_count_supports() {
        let mut times = Times::default();
        assert_eq!(times.curve(), Curve::default());
        for ms in 1..=1000 {
            times.record(Duration::from_millis(ms));
        }
        let points = times.curve().points;
        let [.., supported, last] = points[..] else { panic!("{points:?}") };
        assert!((0.99..=0.999).contains(&supported.q) && last.q == 1.0 && last.ms >= 999.0, "{points:?}");
        assert!(points.is_sorted_by(|a, b| a.q < b.q && a.ms <= b.ms), "{points:?}");
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
