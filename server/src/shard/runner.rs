//! A shard's loop: it runs rooms at their deadlines, and opens new ones and admits players in the time that is left.
//!
//! The loop takes the room with the earliest deadline from a heap and parks its thread until then; a new room unparks it. Sockets
//! are read and written only in rooms' steps, as plain non-blocking sockets that no event queue watches: an input takes effect on
//! a tick anyway, so waking up for its arrival would gain nothing and cost a wake-up for every packet. An async runtime would
//! have nothing to watch, and its timer counts milliseconds; a parked thread wakes some 70 µs after its deadline. Only this loop
//! reads the clock. Steps and schedules get the time as an argument, and tests move it by hand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use drumline_room::EndReason;
use tokio::sync::mpsc;

use crate::measure::overload::{Overload, OverloadConfig};
use crate::measure::schedule::Schedule;
use crate::measure::tick_quality::TickQuality;
use crate::rooms::entry::players::Published;

use super::contain_panic::contain_panic;
use super::driver::{Driver, Progress};
use super::new_room::ReadyRoom;
use super::spare_time::SpareTime;
use super::status::ShardStatus;

/// The age at which the published figures are renewed. A shard without time to spare renews them at twice this age.
const FIGURES_AGE: Duration = Duration::from_secs(1);
/// The time to the next deadline that a shard needs to publish its figures.
const FIGURES_SPARE: Duration = Duration::from_millis(1);
/// Without spare time a room admits so many of its waiting players in two seconds that two thirds of them are in: in equal parts
/// a step, so that no step is long.
const PATIENCE_SECONDS: usize = 2;
/// The period at which a stopping shard checks its closing connections.
const CLOSING_PERIOD: Duration = Duration::from_millis(5);

/// A shard's rooms, by their next deadlines.
pub struct Runner {
    inbox: mpsc::Receiver<ReadyRoom>,
    status: Arc<ShardStatus>,
    rooms: BinaryHeap<OpenRoom>,
    quality: TickQuality,
    overload: Overload,
    /// How many rooms and players the spare time is enough for.
    openings: SpareTime,
    arrivals: SpareTime,
    /// True if a room was opened since the last step.
    has_opened: bool,
    published_at: Instant,
    /// True if the figures have changed since they were published.
    is_changed: bool,
}

/// The outcome of looking for a room to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Room,
    Nothing,
}

impl Runner {
    /// A shard without rooms. New ones come through `inbox`.
    #[must_use]
    pub fn new(inbox: mpsc::Receiver<ReadyRoom>, status: Arc<ShardStatus>, overload: OverloadConfig) -> Self {
        let published_at = status.started();
        let (rooms, quality) = (BinaryHeap::new(), TickQuality::new(published_at));
        let overload = Overload::new(overload, published_at);
        let (openings, arrivals) = (SpareTime::default(), SpareTime::default());
        let (has_opened, is_changed) = (false, false);
        Self {
            inbox,
            status,
            rooms,
            quality,
            overload,
            openings,
            arrivals,
            has_opened,
            published_at,
            is_changed,
        }
    }

    /// Runs rooms until the shard is told to stop.
    pub fn run(mut self) {
        while !self.status.is_stopping() {
            let now = Instant::now();
            let next = self.rooms.peek().map(|room| room.schedule.deadline());
            let spare = next.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
            if self.should_publish(spare, now) {
                self.publish(now);
            } else if (self.openings.limit(spare) > 0 || !self.has_opened)
                && self.open_next(now) == Opened::Room
            {
                // One at a time: opening many must not keep the others from their ticks. Without spare time, one a tick.
                self.has_opened = true;
            } else if spare.is_zero() {
                self.step(now);
            } else {
                thread::park_timeout(spare);
            }
        }
        self.status.publish_last(self.quality.listing(self.rooms.len(), Instant::now()));
        self.close_all();
    }

    /// Opens one waiting room.
    fn open_next(&mut self, now: Instant) -> Opened {
        let Ok(ready) = self.inbox.try_recv() else { return Opened::Nothing };
        let driver = Driver::open(ready, now);
        let open = self.rooms.iter().map(|room| &room.schedule);
        let schedule = Schedule::new(self.status.started(), driver.tick_rate_hz(), open, now);
        self.rooms.push(OpenRoom { schedule, driver: Box::new(driver), usual: None });
        self.openings.spent(1, now.elapsed());
        self.is_changed = true;
        Opened::Room
    }

    /// Runs the step of the room that is due.
    fn step(&mut self, now: Instant) {
        self.has_opened = false;
        let enough = self.arrivals.limit(self.spare_for_arrivals(now));
        let mut room = self.rooms.peek_mut().expect("a room is due");
        let steps = PATIENCE_SECONDS * room.driver.tick_rate_hz() as usize;
        room.driver.arrivals_limit = enough.max(room.driver.arrivals_waiting().div_ceil(steps));
        let lateness = now.saturating_duration_since(room.schedule.deadline());
        let period = Duration::from_secs(1) / room.driver.tick_rate_hz();
        self.status.begin_step(now);
        let progress = room.step(now);
        let end = Instant::now();
        self.status.end_step();
        room.driver.add_busy(end - now);
        if room.driver.arrived > 0 {
            if let Some(more) = room.more_than_usual(end - now) {
                self.arrivals.spent(room.driver.arrived, more);
            }
        } else if progress == Progress::Continues {
            room.usual = Some(room.usual.map_or(end - now, |usual| (usual * 7 + (end - now)) / 8));
        }
        if progress == Progress::Sleeps {
            // It was no tick, so it counts for the overload alone.
            let skipped = room.schedule.advance(end);
            drop(room);
            self.overload.record(lateness, period, skipped, end);
            self.publish_overload();
            return;
        }
        self.quality.record(lateness, end - now);
        room.driver.meter.tick(lateness, end - now);
        self.is_changed = true;
        match progress {
            Progress::Sleeps => {}
            Progress::Continues => {
                let skipped = room.schedule.advance(end);
                room.driver.meter.skip(skipped);
                // Dropping the reference lets the heap move the room to its new place.
                drop(room);
                self.quality.skip(skipped);
                self.overload.record(lateness, period, skipped, end);
                self.publish_overload();
            }
            Progress::Ended => {
                PeekMut::pop(room).close();
                if self.rooms.is_empty() {
                    self.overload.reset(end);
                    self.publish_overload();
                }
            }
        }
    }

    /// The time that the next step has for arrivals: half of the time that is left until another room is due, or the same one
    /// again.
    fn spare_for_arrivals(&self, now: Instant) -> Duration {
        // The second room of a heap is below its first.
        let mut rooms = self.rooms.as_slice().iter();
        let Some(room) = rooms.next() else { return Duration::ZERO };
        let again = room.schedule.deadline() + Duration::from_secs(1) / room.driver.tick_rate_hz();
        let next =
            rooms.take(2).map(|room| room.schedule.deadline()).min().map_or(again, |next| next.min(again));
        next.saturating_duration_since(now + room.usual.unwrap_or_default()) / 2
    }

    fn publish_overload(&self) {
        let is_overloaded = self.overload.is_overloaded();
        let is_changed = self.status.is_overloaded() != is_overloaded;
        self.status.publish_overload(&self.overload);
        if !is_changed {
            return;
        }
        let shard = thread::current();
        if is_overloaded {
            tracing::warn!(shard = shard.name(), "too many ticks are late");
        } else {
            tracing::info!(shard = shard.name(), "ticks are in time again");
        }
    }

    /// Returns true if it is time to publish the figures. A shard without rooms publishes at once: it may sleep for long.
    fn should_publish(&self, spare: Duration, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.published_at);
        let is_time = age >= FIGURES_AGE && (spare >= FIGURES_SPARE || age >= 2 * FIGURES_AGE);
        self.is_changed && (is_time || self.rooms.is_empty())
    }

    fn publish(&mut self, now: Instant) {
        let figures = self.quality.listing(self.rooms.len(), now);
        // Figures that could not be published are due again a period later.
        self.is_changed = self.status.publish(figures) == Published::Busy;
        self.published_at = now;
    }

    /// Ends all rooms and waits until their connections are closed.
    fn close_all(mut self) {
        self.inbox.close();
        while let Ok(ready) = self.inbox.try_recv() {
            ready.parts.end(EndReason::ServerStopping);
        }
        let mut rooms = self.rooms.into_vec();
        let now = Instant::now();
        for room in &mut rooms {
            room.end(now);
        }
        while !rooms.is_empty() {
            thread::sleep(CLOSING_PERIOD);
            let now = Instant::now();
            rooms.extract_if(.., |room| room.step(now) == Progress::Ended).for_each(OpenRoom::close);
        }
    }
}

/// A room and its schedule. Its order is that of a heap, which has the greatest on top: the room that is due first.
struct OpenRoom {
    schedule: Schedule,
    driver: Box<Driver>,
    /// The time that a tick without arrivals takes, on average; `None` before the first.
    usual: Option<Duration>,
}

impl OpenRoom {
    /// Runs the room's step. A panic of the game ends the room alone.
    fn step(&mut self, now: Instant) -> Progress {
        contain_panic(|| self.driver.step(now)).unwrap_or_else(|message| {
            self.driver.fail(&message, now);
            Progress::Continues
        })
    }

    /// How much longer than usual a step took; `None` if it is not known what is usual.
    fn more_than_usual(&self, time: Duration) -> Option<Duration> {
        self.usual.map(|usual| time.saturating_sub(usual))
    }

    /// Begins the room's end because the server stops.
    fn end(&mut self, now: Instant) {
        if let Err(message) = contain_panic(|| self.driver.end(EndReason::ServerStopping, now)) {
            self.driver.fail(&message, now);
        }
    }

    fn close(self) {
        if self.schedule.skipped() > 0 {
            tracing::warn!(room = self.driver.id(), skipped = self.schedule.skipped(), "ticks were skipped");
        }
        let id = self.driver.id().to_owned();
        if let Err(message) = contain_panic(|| drop(self.driver)) {
            tracing::error!(room = id, panic = message, "the game panicked when it was dropped");
        }
    }
}

impl PartialEq for OpenRoom {
    fn eq(&self, other: &Self) -> bool {
        self.schedule.deadline() == other.schedule.deadline()
    }
}

impl Eq for OpenRoom {}

impl PartialOrd for OpenRoom {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OpenRoom {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        Reverse(self.schedule.deadline()).cmp(&Reverse(other.schedule.deadline()))
    }
}
