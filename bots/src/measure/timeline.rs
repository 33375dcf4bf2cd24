//! When each tick of a room was due, estimated from the arrival of its snapshots.
//!
//! No snapshot arrives before its tick, and some arrive as fast as the network allows. Those with the least delay in
//! the last seconds, to any bot of the room, show when ticks are due. The *staleness* of what a player sees is the
//! time since the shown tick was due: without trouble it lies between zero and one tick. The least delay itself
//! cannot be measured from here and is not part of it.

use std::time::Duration;

use tokio::time::Instant;

/// Parts of the window.
const PARTS: usize = 5;
/// The length of a part. The whole window is the time after which a lasting change is believed, such as a room that
/// lost ticks.
const PART: Duration = Duration::from_secs(1);

/// When the ticks of a room are due.
#[derive(Debug)]
pub struct Timeline {
    /// The moment from which times are counted.
    epoch: Instant,
    tick_ns: i64,
    /// For each part of the window, the earliest time at which tick 0 can have been due, in nanoseconds, by the
    /// snapshots that arrived in that part.
    starts: [i64; PARTS],
    /// The part that is being filled, counted from the epoch.
    part: u64,
}

impl Timeline {
    /// A timeline of a room with this tick rate, without any snapshots yet.
    #[must_use]
    pub fn new(tick_rate_hz: u32, now: Instant) -> Self {
        let tick_ns = 1_000_000_000 / i64::from(tick_rate_hz.max(1));
        Self { epoch: now, tick_ns, starts: [i64::MAX; PARTS], part: 0 }
    }

    /// Records that a snapshot of this tick arrives now.
    pub fn arrived(&mut self, tick: u32, now: Instant) {
        let since = now.duration_since(self.epoch);
        let part = (since.as_nanos() / PART.as_nanos()) as u64;
        // The parts in between had no snapshots.
        for empty in self.part.max(part.saturating_sub(PARTS as u64))..part {
            self.starts[(empty + 1) as usize % PARTS] = i64::MAX;
        }
        self.part = self.part.max(part);
        let start = since.as_nanos() as i64 - i64::from(tick) * self.tick_ns;
        let earliest = &mut self.starts[self.part as usize % PARTS];
        *earliest = start.min(*earliest);
    }

    /// The age of a tick at a time, since it was due; `None` before the first snapshot.
    #[must_use]
    pub fn age(&self, tick: u32, at: Instant) -> Option<Duration> {
        let start = self.starts.iter().copied().min().filter(|start| *start < i64::MAX)?;
        let since = at.saturating_duration_since(self.epoch).as_nanos() as i64;
        let age = since - (start + i64::from(tick) * self.tick_ns);
        Some(Duration::from_nanos(age.max(0) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn age_counts_from_when_a_tick_was_due_by_the_least_delayed() {
        let epoch = Instant::now();
        let mut timeline = Timeline::new(20, epoch);
        assert_eq!(timeline.age(0, epoch), None);
        // Ticks are due every 50 ms. The first arrives 8 ms late, the next 3 ms, the next 30 ms.
        for (tick, at) in [(1, 58), (2, 103), (3, 180)] {
            timeline.arrived(tick, epoch + MS * at);
        }
        assert_eq!(
            timeline.age(3, epoch + MS * 180),
            Some(MS * 27),
            "less the 3 ms that even the fastest took"
        );
        assert_eq!(timeline.age(3, epoch + MS * 5180), Some(MS * 5027), "it ages while nothing comes");
        assert_eq!(timeline.age(4, epoch + MS * 190), Some(Duration::ZERO));
    }

    #[test]
    fn a_lasting_change_is_believed_after_a_while() {
        let epoch = Instant::now();
        let mut timeline = Timeline::new(20, epoch);
        let mut at = |tick: u32, lost_ms: u32| {
            let now = epoch + MS * (tick * 50 + lost_ms);
            timeline.arrived(tick, now);
            timeline.age(tick, now).unwrap()
        };
        for tick in 0..100 {
            assert_eq!(at(tick, 0), Duration::ZERO);
        }
        assert_eq!(at(101, 400), MS * 400);
        let ages: Vec<Duration> = (102..250).map(|tick| at(tick, 400)).collect();
        assert_eq!((ages[0], ages[147]), (MS * 400, Duration::ZERO));
        assert!(ages.is_sorted_by(|earlier, later| earlier >= later));
    }
}
