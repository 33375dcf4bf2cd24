//! How well a shard keeps its deadlines: histograms of lateness and duration, for its whole life and for the last minute.
//!
//! The worst tick of the night must not be forgotten by the morning, but over hours a lifetime's figures no longer show what the
//! server is like now. So there are two windows of 30 seconds beside the lifetime: the current one and the one before it.

use std::fmt::Write;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest distinguished time in microseconds; longer ones are recorded as this.
const MAX_US: u64 = 60_000_000;
/// Significant digits of a recorded time.
const DIGITS: u8 = 2;

/// The length of a window of recent ticks.
const WINDOW: Duration = Duration::from_secs(30);

/// The recorded ticks of a shard. Only its own thread writes them, and recording allocates nothing.
#[derive(Debug)]
pub struct TickQuality {
    life: Record,
    /// The ticks of the current window and of the one before it.
    recent: [Record; 2],
    /// Scratch memory for the sum of the two.
    sum: Record,
    skipped_ticks: u64,
}

/// The ticks of an interval.
#[derive(Debug)]
struct Record {
    began: Instant,
    lateness_us: Histogram<u64>,
    duration_us: Histogram<u64>,
    busy: Duration,
}

/// A shard's ticks, as the overview of the admin API shows them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ShardListing {
    /// Rooms open now.
    pub rooms: usize,
    /// Ticks of all its rooms since the server started.
    pub ticks: u64,
    /// Ticks skipped after stalls since the server started.
    pub skipped_ticks: u64,
    /// All ticks since the server started.
    #[serde(flatten)]
    pub life: TickFigures,
    /// The ticks of the last 30 to 60 seconds.
    pub recent: TickFigures,
}

/// The lateness and the duration of some ticks. *Lateness* is the start of a tick minus its deadline; *duration* is all of the
/// room's work for the tick: reading, the game, writing. Both are exact to one per cent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TickFigures {
    /// The share of the time that the shard spent in them, from 0 to 1.
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
    pub fn new(now: Instant) -> Self {
        let record = || Record::new(now);
        Self { life: record(), recent: [record(), record()], sum: record(), skipped_ticks: 0 }
    }

    /// Records a tick.
    pub fn record(&mut self, lateness: Duration, duration: Duration) {
        self.life.record(lateness, duration);
        self.recent[0].record(lateness, duration);
    }

    /// Counts skipped ticks.
    pub fn skip(&mut self, ticks: u64) {
        self.skipped_ticks += ticks;
    }

    /// The figures at this time.
    #[must_use]
    pub fn listing(&mut self, rooms: usize, now: Instant) -> ShardListing {
        if now.duration_since(self.recent[0].began) >= WINDOW {
            self.recent.swap(0, 1);
            self.recent[0].restart(now);
        }
        let [current, before] = &self.recent;
        self.sum.restart(before.began.min(current.began));
        self.sum.add(before);
        self.sum.add(current);
        ShardListing {
            rooms,
            ticks: self.life.lateness_us.len(),
            skipped_ticks: self.skipped_ticks,
            life: self.life.figures(now),
            recent: self.sum.figures(now),
        }
    }
}

impl Record {
    fn new(began: Instant) -> Self {
        let histogram = || Histogram::new_with_bounds(1, MAX_US, DIGITS).expect("the bounds are valid");
        Self { began, lateness_us: histogram(), duration_us: histogram(), busy: Duration::ZERO }
    }

    fn restart(&mut self, now: Instant) {
        self.began = now;
        self.lateness_us.reset();
        self.duration_us.reset();
        self.busy = Duration::ZERO;
    }

    fn record(&mut self, lateness: Duration, duration: Duration) {
        self.lateness_us.saturating_record(lateness.as_micros() as u64);
        self.duration_us.saturating_record(duration.as_micros() as u64);
        self.busy += duration;
    }

    fn add(&mut self, other: &Self) {
        self.lateness_us.add(&other.lateness_us).expect("all have the same bounds");
        self.duration_us.add(&other.duration_us).expect("all have the same bounds");
        self.busy += other.busy;
    }

    fn figures(&self, now: Instant) -> TickFigures {
        let (lateness, duration) = (&self.lateness_us, &self.duration_us);
        let time = now.duration_since(self.began).as_secs_f64();
        TickFigures {
            busy: if time > 0.0 { self.busy.as_secs_f64() / time } else { 0.0 },
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

/// The shards' figures as a table: for each shard its whole life and its last minute.
#[must_use]
pub fn table(shards: &[ShardListing]) -> String {
    let mut text = format!(
        "{:>5} {:>6} {:>10} {:>8} {:>7} {:>6}  {:>15} {:>7} {:>7} {:>8}  {:>15} {:>7} {:>7} {:>8}\n",
        "shard",
        "rooms",
        "ticks",
        "skipped",
        "",
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
        let ShardListing { rooms, ticks, skipped_ticks, .. } = shard;
        write!(text, "{index:>5} {rooms:>6} {ticks:>10} {skipped_ticks:>8} ").expect(WRITTEN);
        write_figures("in all", &shard.life, &mut text);
        write!(text, "{:>33}", "").expect(WRITTEN);
        write_figures("lately", &shard.recent, &mut text);
    }
    text
}

/// The invariant of writing to a string.
const WRITTEN: &str = "writing to a string succeeds";

fn write_figures(when: &str, figures: &TickFigures, text: &mut String) {
    writeln!(
        text,
        "{when:>7} {:>6.1}  {:>15} {:>7} {:>7} {:>8}  {:>15} {:>7} {:>7} {:>8}",
        figures.busy * 100.0,
        figures.lateness_us_p50,
        figures.lateness_us_p99,
        figures.lateness_us_p999,
        figures.lateness_us_max,
        figures.duration_us_p50,
        figures.duration_us_p99,
        figures.duration_us_p999,
        figures.duration_us_max,
    )
    .expect(WRITTEN);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_ticks_are_shown() {
        let start = Instant::now();
        let mut quality = TickQuality::new(start);
        for tick in 1..=1000 {
            quality.record(Duration::from_micros(tick), Duration::from_micros(2 * tick));
        }
        quality.record(Duration::from_secs(3600), Duration::ZERO);
        quality.skip(7);
        let shard = quality.listing(3, start + Duration::from_secs(10));
        assert_eq!((shard.rooms, shard.ticks, shard.skipped_ticks), (3, 1001, 7));
        let is_about = |value: u64, expected: u64| value.abs_diff(expected) * 100 <= expected;
        assert!(is_about(shard.life.lateness_us_p50, 500) && is_about(shard.life.lateness_us_p99, 991));
        assert!(is_about(shard.life.duration_us_p50, 1000) && is_about(shard.life.duration_us_max, 2000));
        assert!(
            is_about(shard.life.lateness_us_max, MAX_US),
            "a time beyond the bounds counts as the longest"
        );
        assert_eq!(shard.life.busy, 0.1001);
        assert_eq!(shard.recent, shard.life);

        let text = table(&[shard, ShardListing::default()]);
        let widths: Vec<usize> = text.lines().map(str::len).collect();
        assert!(widths.len() == 5 && widths.iter().all(|&width| width == widths[0]), "{text}");
    }

    #[test]
    fn old_ticks_count_for_the_life_alone() {
        let start = Instant::now();
        let mut quality = TickQuality::new(start);
        let late = |quality: &mut TickQuality, us, seconds| {
            quality.record(Duration::from_micros(us), Duration::from_millis(100));
            let shard = quality.listing(1, start + Duration::from_secs(seconds));
            (shard.recent.lateness_us_max, shard.ticks)
        };
        assert_eq!(late(&mut quality, 100, 10), (100, 1));
        assert_eq!(late(&mut quality, 50, 30), (100, 2), "a new window begins");
        assert_eq!(late(&mut quality, 40, 59), (100, 3));
        assert_eq!(late(&mut quality, 30, 60), (40, 4), "the first one is over");
        let shard = quality.listing(1, start + Duration::from_secs(70));
        assert_eq!((shard.life.lateness_us_max, shard.recent.lateness_us_max), (100, 40));
        assert_eq!(shard.recent.busy, 0.2 / 40.0, "two ticks of 100 ms in 40 s");
    }
}
