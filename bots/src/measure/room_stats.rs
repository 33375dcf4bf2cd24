//! The measurements of one room, taken by all bots in it together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::measure::timeline::Timeline;
use crate::measure::times::Times;
use crate::report::figures::RoomFigures;

/// The unit of a room's own histograms, in microseconds. There are many of them, and they only have to show which room it was.
const UNIT_US: u64 = 100;
/// The longest time that they distinguish, in units: a minute.
const LONGEST_UNITS: u64 = 600_000;

/// The measurements of one room.
#[derive(Debug, Default)]
pub struct RoomStats(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    timeline: Option<Timeline>,
    newest_tick: u32,
    seats: Vec<Rc<ShownTick>>,
    /// Bots that were ever in the room.
    bots: u64,
    /// The most bots at once in this second.
    most_bots: u64,
    second: Figures,
    total: Figures,
    bot_seconds: f64,
}

/// The tick that a bot shows. The room samples its staleness.
#[derive(Debug, Default)]
pub struct ShownTick {
    /// The tick of its newest snapshot.
    pub tick: Cell<u32>,
    /// False while the staleness says nothing about the server.
    pub counts: Cell<bool>,
}

#[derive(Debug)]
struct Figures {
    updates: u64,
    mismatches: u64,
    intervals: Histogram<u32>,
}

impl Default for Figures {
    fn default() -> Self {
        let intervals = Histogram::new_with_bounds(1, LONGEST_UNITS, 2);
        Self {
            updates: 0,
            mismatches: 0,
            intervals: intervals.expect("the bounds of the histogram are valid"),
        }
    }
}

impl Figures {
    fn figures(&self, id: &str, bots: u64, bot_seconds: f64) -> RoomFigures {
        let units = if self.intervals.is_empty() { 0 } else { self.intervals.value_at_quantile(0.99) };
        RoomFigures {
            id: id.to_owned(),
            bots,
            updates_per_s: self.updates as f64 / bot_seconds.max(1e-9),
            interval_ms_p99: (units * UNIT_US) as f64 / 1000.0,
            mismatches: self.mismatches,
        }
    }
}

impl RoomStats {
    /// The room was opened, perhaps in place of one that has been closed: its ticks begin anew.
    pub fn restart(&self) {
        let mut state = self.0.borrow_mut();
        (state.timeline, state.newest_tick) = (None, 0);
    }

    /// A bot entered; `is_return` if it was in the room before.
    pub fn enter(&self, tick_rate_hz: u32, is_return: bool) -> Rc<ShownTick> {
        let mut state = self.0.borrow_mut();
        state.timeline.get_or_insert_with(|| Timeline::new(tick_rate_hz, Instant::now()));
        state.bots += u64::from(!is_return);
        let shown = Rc::new(ShownTick::default());
        state.seats.push(Rc::clone(&shown));
        state.most_bots = state.most_bots.max(state.seats.len() as u64);
        shown
    }

    /// A bot left; `measured` is how much of its stay was measured.
    pub fn leave(&self, shown: &Rc<ShownTick>, measured: Duration) {
        let mut state = self.0.borrow_mut();
        state.seats.retain(|other| !Rc::ptr_eq(other, shown));
        state.bot_seconds += measured.as_secs_f64();
    }

    /// Records that a snapshot of this tick arrived at some bot. Returns the newest tick that any bot of the room has received.
    pub fn snapshot_arrived(&self, tick: u32, now: Instant) -> u32 {
        let mut state = self.0.borrow_mut();
        state.newest_tick = state.newest_tick.max(tick);
        if let Some(timeline) = &mut state.timeline {
            timeline.arrived(tick, now);
        }
        state.newest_tick
    }

    /// Counts a snapshot, and the time since the bot's previous one, if that is to be counted.
    pub fn count_update(&self, interval: Option<Duration>) {
        let figures = &mut self.0.borrow_mut().second;
        figures.updates += 1;
        if let Some(interval) = interval {
            figures.intervals.saturating_record(interval.as_micros() as u64 / UNIT_US);
        }
    }

    /// Counts a snapshot that was wrong.
    pub fn count_mismatch(&self) {
        self.0.borrow_mut().second.mismatches += 1;
    }

    /// Records how old the state that each bot shows was at a time.
    pub fn sample_staleness(&self, at: Instant, staleness: &mut Times) {
        let state = self.0.borrow();
        let Some(timeline) = &state.timeline else { return };
        for shown in state.seats.iter().filter(|shown| shown.counts.get()) {
            if let Some(age) = timeline.age(shown.tick.get(), at) {
                staleness.record(age);
            }
        }
    }

    /// The figures since the previous call, of the room with this id.
    pub fn take_second(&self, id: &str) -> RoomFigures {
        let state = &mut *self.0.borrow_mut();
        let figures = state.second.figures(id, state.most_bots, state.most_bots as f64);
        state.close_second();
        state.most_bots = state.seats.len() as u64;
        figures
    }

    /// The figures of the whole run, of the room with this id.
    pub fn total(&self, id: &str) -> RoomFigures {
        let state = &mut *self.0.borrow_mut();
        state.close_second();
        state.total.figures(id, state.bots, state.bot_seconds)
    }
}

impl State {
    /// Adds the second's figures to the total.
    fn close_second(&mut self) {
        let Self { second, total, .. } = self;
        total.updates += std::mem::take(&mut second.updates);
        total.mismatches += std::mem::take(&mut second.mismatches);
        total.intervals += &second.intervals;
        second.intervals.reset();
    }
}

/// The rooms that did worst.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorstRooms {
    /// The rooms, worst first.
    pub rooms: Vec<RoomFigures>,
    /// Number of rooms that are not among them.
    pub left_out: u64,
}

impl WorstRooms {
    /// At most `most` of the rooms: those with mismatches first, then those with the longest intervals.
    #[must_use]
    pub fn of(mut rooms: Vec<RoomFigures>, most: usize) -> Self {
        rooms.sort_by(|a, b| {
            b.mismatches.cmp(&a.mismatches).then(b.interval_ms_p99.total_cmp(&a.interval_ms_p99))
        });
        let left_out = rooms.len().saturating_sub(most) as u64;
        rooms.truncate(most);
        Self { rooms, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn figures_of_a_second_add_up_to_those_of_the_run() {
        let room = RoomStats::default();
        let seat = room.enter(20, false);
        for second in 1..=2 {
            for _ in 0..20 {
                room.count_update(Some(MS * 50 * second));
            }
            let figures = room.take_second("a");
            assert_eq!((figures.bots, figures.updates_per_s), (1, 20.0));
            assert!((figures.interval_ms_p99 - 50.0 * f64::from(second)).abs() < 1.0, "{figures:?}");
        }
        room.count_mismatch();
        room.leave(&seat, Duration::from_secs(2));
        assert_eq!(room.take_second("a").bots, 1, "it was there in that second");
        assert_eq!(room.take_second("a").bots, 0);
        let total = room.total("a");
        assert_eq!((total.bots, total.updates_per_s, total.mismatches), (1, 20.0, 1));
        assert!((total.interval_ms_p99 - 100.0).abs() < 1.0, "{total:?}");
    }

    #[test]
    fn bots_that_show_old_ticks_are_stale_and_those_that_do_not_count_are_not_sampled() {
        let room = RoomStats::default();
        let seats: Vec<_> = (0..3).map(|_| room.enter(20, false)).collect();
        let now = Instant::now();
        for tick in 1..=10 {
            room.snapshot_arrived(tick, now + MS * 50 * tick);
        }
        for (shown, (tick, counts)) in seats.iter().zip([(10, true), (6, true), (1, false)]) {
            shown.tick.set(tick);
            shown.counts.set(counts);
        }
        let mut staleness = Times::default();
        room.sample_staleness(now + MS * 520, &mut staleness);
        assert_eq!(staleness.count(), 2);
        assert!((staleness.ms(0.5) - 20.0).abs() < 0.1 && (staleness.ms(1.0) - 220.0).abs() < 0.5);
    }

    #[test]
    fn the_worst_rooms_come_first() {
        let room = |interval_ms_p99: f64, mismatches| RoomFigures {
            interval_ms_p99,
            mismatches,
            ..Default::default()
        };
        let rooms = vec![room(1.0, 0), room(9.0, 0), room(5.0, 0), room(2.0, 1)];
        let WorstRooms { rooms, left_out } = WorstRooms::of(rooms, 3);
        assert_eq!(rooms, [room(2.0, 1), room(9.0, 0), room(5.0, 0)]);
        assert_eq!(left_out, 1);
    }
}
