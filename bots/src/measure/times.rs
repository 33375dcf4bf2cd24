//! Histograms of times, with corrections for coordinated omission.
//!
//! A bot records an interval when a snapshot arrives, and sends an input after each. So a server that stalls for five seconds
//! would be recorded once where it owed a hundred snapshots, and the inputs that would have waited longest would never be sent.
//! Two figures beside the plain ones put that time back:
//!
//! - *Felt* times count a long gap once for every snapshot that was due in it, and gaps that are still open when the measurement
//!   ends. With an input that was sent after a gap they count those that a player would have sent in it, one per tick, which
//!   would have taken effect at the same moment. (`HdrHistogram`'s own correction would be wrong for inputs: they are sent every
//!   tick, whether or not the previous one has taken effect, so it would add inputs that never were.)
//! - *Staleness* is sampled on a fixed clock that nothing holds up: see [`timeline`](super::timeline).

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::report::figures::{Curve, Quantile};

/// The longest time that a histogram distinguishes, in microseconds: a minute.
const LONGEST_US: u64 = 60_000_000;
/// The most omitted measurements that one gap stands for: a minute of ticks at 60 Hz.
const MOST_OVERDUE: f64 = 3600.0;

/// A histogram of times, in microseconds. It is serialized as its buckets and counts, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Buckets", into = "Buckets")]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds of the histogram are valid"))
    }
}

/// The highest time of each non-empty bucket, in microseconds, and its count.
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
    /// Records a time.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(time.as_micros() as u64);
    }

    /// Records a gap in which something was due every `expected`, once for each time that it was due.
    pub fn record_felt(&mut self, time: Duration, expected: Duration) {
        let us = (time.as_micros() as u64).min(LONGEST_US);
        self.0
            .record_correct(us, expected.as_micros() as u64)
            .expect("the time is within the histogram's bounds");
    }

    /// Records the duration of something that began `gap` after its predecessor, and the durations of those that were
    /// due every `expected` in between: they would have ended at the same moment.
    pub fn record_overdue(&mut self, time: Duration, gap: Duration, expected: Duration) {
        self.record(time);
        let overdue = gap.as_secs_f64() / expected.as_secs_f64().max(1e-3);
        // Less than half a period of delay is jitter, not an omission.
        for turn in 1..overdue.min(MOST_OVERDUE).round() as u32 {
            self.record(time + gap.saturating_sub(expected * turn));
        }
    }

    /// Adds the times of another histogram.
    pub fn merge(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// Number of recorded times.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// A quantile, in milliseconds; 0 if nothing was recorded.
    #[must_use]
    pub fn ms(&self, q: f64) -> f64 {
        if self.0.is_empty() { 0.0 } else { self.0.value_at_quantile(q) as f64 / 1000.0 }
    }

    /// A quantile, in milliseconds; `None` if nothing was recorded.
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
        // Equal steps of the share above the quantile, on a logarithmic scale, as long as at least one time lies
        // above it.
        let tenths = (0..20).map(|step| f64::from(step) * 0.05);
        let tails = (0..40).map(|step| 1.0 - 0.1 * 10f64.powf(-f64::from(step) / 8.0));
        let supported = |q: &f64| (1.0 - q) * count as f64 >= 1.0;
        let qs = tenths.filter(|q| *q < 0.9).chain(tails).filter(supported).chain([1.0]);
        let plain = qs.map(|q: f64| (q * 1e6).round() / 1e6);
        Curve { count, points: plain.map(|q| Quantile { q, ms: self.ms(q) }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
