//! How well a shard keeps its deadlines.

use std::fmt::Write;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest time that is told from a longer one, in microseconds: a minute.
const MAX_US: u64 = 60_000_000;
/// Decimal digits that are kept of a time.
const DIGITS: u8 = 2;

/// What a shard has recorded of its ticks since it started. Only the shard's thread writes it, and recording takes no
/// memory.
#[derive(Debug)]
pub struct TickQuality {
    lateness_us: Histogram<u64>,
    duration_us: Histogram<u64>,
    skipped_ticks: u64,
    busy: Duration,
}

/// A shard's ticks since the server started, as `GET /api/rooms` shows them. *Lateness* is the start of a tick minus
/// its deadline; *duration* is all of a room's work for the tick: reading, the game, writing. Both are exact to
/// one per cent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ShardListing {
    /// Rooms open now.
    pub rooms: usize,
    /// Ticks of all its rooms.
    pub ticks: u64,
    /// Ticks left out after stalls.
    pub skipped_ticks: u64,
    /// The share of its time that the shard has spent in ticks.
    pub busy: f64,
    /// Microseconds, median.
    pub lateness_us_p50: u64,
    /// Microseconds, 99 of 100 ticks.
    pub lateness_us_p99: u64,
    /// Microseconds, 999 of 1,000 ticks.
    pub lateness_us_p999: u64,
    /// Microseconds, the latest tick.
    pub lateness_us_max: u64,
    /// Microseconds, median.
    pub duration_us_p50: u64,
    /// Microseconds, 99 of 100 ticks.
    pub duration_us_p99: u64,
    /// Microseconds, 999 of 1,000 ticks.
    pub duration_us_p999: u64,
    /// Microseconds, the longest tick.
    pub duration_us_max: u64,
}

impl TickQuality {
    /// No ticks yet.
    #[must_use]
    pub fn new() -> Self {
        let histogram =
            || Histogram::new_with_bounds(1, MAX_US, DIGITS).expect("the bounds are a histogram's");
        Self { lateness_us: histogram(), duration_us: histogram(), skipped_ticks: 0, busy: Duration::ZERO }
    }

    /// Records a tick.
    pub fn record(&mut self, lateness: Duration, duration: Duration) {
        self.lateness_us.saturating_record(lateness.as_micros() as u64);
        self.duration_us.saturating_record(duration.as_micros() as u64);
        self.busy += duration;
    }

    /// Counts ticks that were left out.
    pub fn skip(&mut self, ticks: u64) {
        self.skipped_ticks += ticks;
    }

    /// Time spent in ticks.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// The figures; how busy the shard is depends on when they are read, and is left out.
    #[must_use]
    pub fn listing(&self, rooms: usize) -> ShardListing {
        let (lateness, duration) = (&self.lateness_us, &self.duration_us);
        ShardListing {
            rooms,
            ticks: lateness.len(),
            skipped_ticks: self.skipped_ticks,
            busy: 0.0,
            lateness_us_p50: lateness.value_at_quantile(0.5),
            lateness_us_p99: lateness.value_at_quantile(0.99),
            lateness_us_p999: lateness.value_at_quantile(0.999),
            lateness_us_max: lateness.max(),
            duration_us_p50: duration.value_at_quantile(0.5),
            duration_us_p99: duration.value_at_quantile(0.99),
            duration_us_p999: duration.value_at_quantile(0.999),
            duration_us_max: duration.max(),
        }
    }
}

/// The shards' figures as aligned lines, a heading first.
#[must_use]
pub fn table(shards: &[ShardListing]) -> String {
    let mut text = format!(
        "{:>5} {:>6} {:>10} {:>8} {:>6}  {:>15} {:>7} {:>7} {:>8}  {:>15} {:>7} {:>7} {:>8}\n",
        "shard",
        "rooms",
        "ticks",
        "skipped",
        "busy %",
        "lateness us p50",
        "p99",
        "p99.9",
        "max",
        "duration us p50",
        "p99",
        "p99.9",
        "max"
    );
    for (index, shard) in shards.iter().enumerate() {
        writeln!(
            text,
            "{index:>5} {:>6} {:>10} {:>8} {:>6.1}  {:>15} {:>7} {:>7} {:>8}  {:>15} {:>7} {:>7} {:>8}",
            shard.rooms,
            shard.ticks,
            shard.skipped_ticks,
            shard.busy * 100.0,
            shard.lateness_us_p50,
            shard.lateness_us_p99,
            shard.lateness_us_p999,
            shard.lateness_us_max,
            shard.duration_us_p50,
            shard.duration_us_p99,
            shard.duration_us_p999,
            shard.duration_us_max,
        )
        .expect("a string takes what is written");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_shown() {
        let mut quality = TickQuality::new();
        for tick in 1..=1000 {
            quality.record(Duration::from_micros(tick), Duration::from_micros(2 * tick));
        }
        quality.record(Duration::from_secs(3600), Duration::ZERO);
        quality.skip(7);
        let shard = quality.listing(3);
        assert_eq!((shard.rooms, shard.ticks, shard.skipped_ticks), (3, 1001, 7));
        let is_about = |value: u64, expected: u64| value.abs_diff(expected) * 100 <= expected;
        assert!(is_about(shard.lateness_us_p50, 500) && is_about(shard.lateness_us_p99, 991));
        assert!(is_about(shard.duration_us_p50, 1000) && is_about(shard.duration_us_max, 2000));
        assert!(is_about(shard.lateness_us_max, MAX_US), "what is beyond the bounds counts as the longest");
        assert_eq!(quality.busy(), Duration::from_millis(1001));

        let text = table(&[shard, ShardListing::default()]);
        let widths: Vec<usize> = text.lines().map(str::len).collect();
        assert!(widths.len() == 3 && widths.iter().all(|&width| width == widths[0]), "{text}");
    }
}
