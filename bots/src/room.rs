//! A room, as the bots in it see it together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::report::RoomFigures;
use crate::stats::Times;
use crate::timeline::Timeline;

/// The unit of a room's own histograms, in microseconds: they are many, and show which room it was, not by how much.
const UNIT_US: u64 = 100;
/// The longest time that they tell apart, in units: a minute.
const LONGEST_UNITS: u64 = 600_000;

/// A room of a thread's bots.
#[derive(Debug)]
pub struct Room {
    /// The id by which bots join, once one has opened it.
    pub id: RefCell<Option<String>>,
    /// Whether it was there before the swarm: then nobody opens another in its place.
    pub is_given: bool,
    /// Held by the bot that opens it; the others wait for that.
    pub opening: Mutex<()>,
    watched: RefCell<Watched>,
}

/// What is seen of it.
#[derive(Debug)]
struct Watched {
    timeline: Option<Timeline>,
    newest: u32,
    seats: Vec<Rc<Seat>>,
    /// Bots that have been in it, …
    bots: u64,
    /// … and the most at once in this second.
    most: u64,
    second: Figures,
    total: Figures,
    bot_seconds: f64,
}

/// What a bot shows, for whoever looks.
#[derive(Debug, Default)]
pub struct Seat {
    /// The tick.
    pub tick: Cell<u32>,
    /// Whether anything is to be concluded from it.
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

impl Room {
    /// One that is yet to be opened, or the one that is given.
    #[must_use]
    pub fn new(given: Option<String>) -> Self {
        Self {
            is_given: given.is_some(),
            id: RefCell::new(given),
            opening: Mutex::default(),
            watched: RefCell::new(Watched {
                timeline: None,
                newest: 0,
                seats: Vec::new(),
                bots: 0,
                most: 0,
                second: Figures::default(),
                total: Figures::default(),
                bot_seconds: 0.0,
            }),
        }
    }

    /// A bot has opened it.
    pub fn opened(&self, id: String) {
        let mut watched = self.watched.borrow_mut();
        // It may be another one in the place of one that is gone, with ticks of its own.
        (watched.timeline, watched.newest) = (None, 0);
        *self.id.borrow_mut() = Some(id);
    }

    /// A bot is in it; whether it has been before.
    pub fn enter(&self, tick_rate_hz: u32, again: bool) -> Rc<Seat> {
        let mut watched = self.watched.borrow_mut();
        watched.timeline.get_or_insert_with(|| Timeline::new(tick_rate_hz, Instant::now()));
        watched.bots += u64::from(!again);
        let seat = Rc::new(Seat::default());
        watched.seats.push(Rc::clone(&seat));
        watched.most = watched.most.max(watched.seats.len() as u64);
        seat
    }

    /// A bot is in it no more, after so much of the measurement.
    pub fn leave(&self, seat: &Rc<Seat>, measured: Duration) {
        let mut watched = self.watched.borrow_mut();
        watched.seats.retain(|other| !Rc::ptr_eq(other, seat));
        watched.bot_seconds += measured.as_secs_f64();
    }

    /// A bot was sent a snapshot of this tick; the newest that any bot of the room has seen.
    pub fn arrived(&self, tick: u32, now: Instant) -> u32 {
        let mut watched = self.watched.borrow_mut();
        watched.newest = watched.newest.max(tick);
        if let Some(timeline) = &mut watched.timeline {
            timeline.arrived(tick, now);
        }
        watched.newest
    }

    /// Counts a snapshot, and how long after the one before it came, if that counts.
    pub fn count_update(&self, interval: Option<Duration>) {
        let figures = &mut self.watched.borrow_mut().second;
        figures.updates += 1;
        if let Some(interval) = interval {
            figures.intervals.saturating_record(interval.as_micros() as u64 / UNIT_US);
        }
    }

    /// Counts a snapshot that was wrong.
    pub fn count_mismatch(&self) {
        self.watched.borrow_mut().second.mismatches += 1;
    }

    /// Notes how old what each bot shows was at a time.
    pub fn look(&self, at: Instant, staleness: &mut Times) {
        let watched = self.watched.borrow();
        let Some(timeline) = &watched.timeline else { return };
        for seat in watched.seats.iter().filter(|seat| seat.counts.get()) {
            if let Some(age) = timeline.age(seat.tick.get(), at) {
                staleness.record(age);
            }
        }
    }

    /// The figures of the second that is over.
    pub fn second(&self) -> RoomFigures {
        let watched = &mut *self.watched.borrow_mut();
        let figures = watched.second.figures(&self.name(), watched.most, watched.most as f64);
        watched.settle();
        watched.most = watched.seats.len() as u64;
        figures
    }

    /// The figures of the whole run.
    pub fn total(&self) -> RoomFigures {
        let watched = &mut *self.watched.borrow_mut();
        watched.settle();
        watched.total.figures(&self.name(), watched.bots, watched.bot_seconds)
    }

    fn name(&self) -> String {
        self.id.borrow().clone().unwrap_or_default()
    }
}

impl Watched {
    fn settle(&mut self) {
        let Self { second, total, .. } = self;
        total.updates += std::mem::take(&mut second.updates);
        total.mismatches += std::mem::take(&mut second.mismatches);
        total.intervals += &second.intervals;
        second.intervals.reset();
    }
}

/// The rooms that did worst, the worst first, and how many are not among them.
#[must_use]
pub fn worst(mut rooms: Vec<RoomFigures>, most: usize) -> (Vec<RoomFigures>, u64) {
    rooms.sort_by(|a, b| {
        b.mismatches.cmp(&a.mismatches).then(b.interval_ms_p99.total_cmp(&a.interval_ms_p99))
    });
    let left_out = rooms.len().saturating_sub(most) as u64;
    rooms.truncate(most);
    (rooms, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn figures_of_a_second_add_up_to_those_of_the_run() {
        let room = Room::new(Some("a".into()));
        let seat = room.enter(20, false);
        for second in 1..=2 {
            for _ in 0..20 {
                room.count_update(Some(MS * 50 * second));
            }
            let figures = room.second();
            assert_eq!((figures.bots, figures.updates_per_s), (1, 20.0));
            assert!((figures.interval_ms_p99 - 50.0 * f64::from(second)).abs() < 1.0, "{figures:?}");
        }
        room.count_mismatch();
        room.leave(&seat, Duration::from_secs(2));
        assert_eq!(room.second().bots, 1, "it was there in that second");
        assert_eq!(room.second().bots, 0);
        let total = room.total();
        assert_eq!((total.bots, total.updates_per_s, total.mismatches), (1, 20.0, 1));
        assert!((total.interval_ms_p99 - 100.0).abs() < 1.0, "{total:?}");
    }

    #[test]
    fn bots_that_show_old_ticks_are_stale_and_those_that_do_not_count_are_not_looked_at() {
        let room = Room::new(None);
        let seats: Vec<_> = (0..3).map(|_| room.enter(20, false)).collect();
        let now = Instant::now();
        for tick in 1..=10 {
            room.arrived(tick, now + MS * 50 * tick);
        }
        for (seat, (tick, counts)) in seats.iter().zip([(10, true), (6, true), (1, false)]) {
            seat.tick.set(tick);
            seat.counts.set(counts);
        }
        let mut staleness = Times::default();
        room.look(now + MS * 520, &mut staleness);
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
        let (rooms, left_out) = worst(vec![room(1.0, 0), room(9.0, 0), room(5.0, 0), room(2.0, 1)], 3);
        assert_eq!(rooms, [room(2.0, 1), room(9.0, 0), room(5.0, 0)]);
        assert_eq!(left_out, 1);
    }
}
