//! The deadlines of a room's ticks.
//!
//! Rooms that are due at one moment wait for each other, so the last of 40 would be milliseconds late on every tick. The rooms of
//! one rate are therefore spread over its period. The price is a wake-up for each room's tick: of 80 rooms beside their bots on
//! one machine, a sixth more processor time, and for it a median lateness of 0.07 ms instead of 4.3 ms.

use std::time::{Duration, Instant};

const SECOND_NANOS: u128 = 1_000_000_000;

/// A room's deadlines. They are absolute, at a fixed rate: a tick's work never lengthens the period, and rounding errors never
/// add up. It reads no clock.
#[derive(Debug)]
pub struct Schedule {
    rate_hz: u32,
    /// The place of the deadlines in the period, from the shard's origin.
    offset: Duration,
    /// The shard's origin and the offset.
    start: Instant,
    /// The next deadline, and its number from `start` on.
    deadline: Instant,
    tick: u64,
    skipped: u64,
}

impl Schedule {
    /// The schedule of a room that opens on a shard beside the `open` ones. Its first deadline lies at most a period ahead.
    ///
    /// A new room goes to the middle of the largest gap between the rooms of its rate: unlike a fixed sequence, that also fills
    /// the gaps of rooms that have closed. The first room of a rate begins when it opens, independently of other rates.
    ///
    /// # Panics
    /// If the rate is zero.
    #[must_use]
    pub fn new<'a>(
        origin: Instant,
        rate_hz: u32,
        open: impl Iterator<Item = &'a Self>,
        now: Instant,
    ) -> Self {
        assert!(rate_hz > 0, "a room has a tick rate");
        let period = Duration::from_secs(1) / rate_hz;
        let taken = open.filter(|other| other.rate_hz == rate_hz).map(|other| other.offset).collect();
        let offset = middle_of_largest_gap(taken, period).unwrap_or_else(|| {
            let nanos = now.saturating_duration_since(origin).as_nanos() % period.as_nanos();
            Duration::from_nanos(nanos as u64)
        });
        let start = origin + offset;
        let tick = now.checked_duration_since(start).map_or(0, |since| periods(since, rate_hz) + 1);
        let mut schedule = Self { rate_hz, offset, start, deadline: start, tick: 0, skipped: 0 };
        schedule.go_to(tick);
        schedule
    }

    /// The next deadline.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Advances to the next deadline after a tick whose work ended at `now`, and returns the number of skipped ticks.
    ///
    /// After a stall of more than a period the missed ticks are skipped and counted, not made up for: a server that is behind
    /// must not work faster still.
    pub fn advance(&mut self, now: Instant) -> u64 {
        self.go_to(self.tick + 1);
        let missed = periods(now.saturating_duration_since(self.deadline), self.rate_hz);
        if missed > 0 {
            self.go_to(self.tick + missed);
            self.skipped += missed;
        }
        missed
    }

    fn go_to(&mut self, tick: u64) {
        let nanos = u128::from(tick) * SECOND_NANOS / u128::from(self.rate_hz);
        (self.tick, self.deadline) = (tick, self.start + Duration::from_nanos(nanos as u64));
    }

    /// Ticks skipped so far.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// The whole periods in a time.
fn periods(time: Duration, rate_hz: u32) -> u64 {
    (time.as_nanos() * u128::from(rate_hz) / SECOND_NANOS) as u64
}

/// The middle of the largest gap between offsets on a circle of one period; `None` without offsets.
fn middle_of_largest_gap(mut taken: Vec<Duration>, period: Duration) -> Option<Duration> {
    taken.sort_unstable();
    let first_again = *taken.first()? + period;
    let nexts = taken.iter().skip(1).chain([&first_again]);
    let gaps = taken.iter().zip(nexts).map(|(&at, &next)| (next.saturating_sub(at), at));
    let (gap, at) = gaps.max()?;
    let middle = at + gap / 2;
    Some(middle.checked_sub(period).unwrap_or(middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(rate_hz: u32, now: Instant) -> Schedule {
        Schedule::new(now, rate_hz, [].iter(), now)
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn deadlines_are_absolute() {
        let start = Instant::now();
        let mut schedule = alone(30, start);
        // However late each tick is done, within its period, the next deadline is where it always was.
        for tick in 1..=30u32 {
            assert_eq!(
                schedule.deadline(),
                start + Duration::from_nanos(u64::from(tick) * 1_000_000_000 / 30)
            );
            assert_eq!(schedule.advance(start + ms(33) * (tick + 1)), 0);
        }
        assert_eq!(schedule.skipped(), 0);
    }

    #[test]
    fn a_stall_skips_and_counts() {
        let start = Instant::now();
        let mut schedule = alone(10, start);
        // Done 1.25 s after the second tick was due: twelve periods are lost.
        assert_eq!(schedule.advance(start + ms(1450)), 12);
        assert_eq!(schedule.deadline(), start + ms(1400), "late, but within its period");
        assert_eq!(schedule.advance(start + ms(1460)), 0);
        assert_eq!((schedule.deadline(), schedule.skipped()), (start + ms(1500), 12));
    }

    #[test]
    fn the_first_deadline_is_at_most_a_period_ahead() {
        let origin = Instant::now();
        let mut open = Vec::new();
        for step in 0..200u64 {
            let now = origin + Duration::from_micros(step * 7001);
            let schedule = Schedule::new(origin, 30, open.iter(), now);
            assert!(schedule.deadline() > now || step == 0);
            assert!(schedule.deadline() - now <= Duration::from_nanos(33_333_334));
            open.push(schedule);
        }
    }

    /// The smallest and the largest time between neighbouring deadlines of one period, wherever it begins.
    fn gaps(open: &[Schedule], now: Instant) -> (Duration, Duration) {
        let period = Duration::from_secs(1) / open[0].rate_hz;
        let mut due: Vec<Instant> = open.iter().map(Schedule::deadline).collect();
        due.sort_unstable();
        assert!(due[due.len() - 1] - now <= period + Duration::from_nanos(1));
        due.push(due[0] + period);
        let gaps = due.windows(2).map(|pair| pair[1] - pair[0]);
        (gaps.clone().min().unwrap(), gaps.max().unwrap())
    }

    #[test]
    fn rooms_of_a_rate_are_spread_over_its_period() {
        let origin = Instant::now();
        let now = origin + ms(12_345);
        let mut open: Vec<Schedule> = Vec::new();
        for _ in 0..40 {
            open.push(Schedule::new(origin, 25, open.iter(), now));
        }
        let (smallest, largest) = gaps(&open, now);
        assert!(smallest >= Duration::from_micros(624) && largest <= Duration::from_micros(1251));

        // Every room of one half of the period closes, and others open: they take the places that are free.
        open.sort_by_key(Schedule::deadline);
        open.drain(..20);
        assert!(gaps(&open, now).1 >= ms(15));
        for _ in 0..20 {
            open.push(Schedule::new(origin, 25, open.iter(), now));
        }
        assert!(gaps(&open, now).1 <= ms(2));
    }

    #[test]
    fn rates_do_not_take_each_others_places() {
        let origin = Instant::now();
        let slow = Schedule::new(origin, 10, [].iter(), origin);
        let fast = Schedule::new(origin, 50, [&slow].into_iter(), origin + ms(5));
        let other = Schedule::new(origin, 50, [&slow, &fast].into_iter(), origin + ms(5));
        assert_eq!(slow.deadline(), origin + ms(100));
        assert_eq!((fast.deadline(), other.deadline()), (origin + ms(25), origin + ms(15)));
    }
}
