//! A shard's loop: it runs rooms at their deadlines, and opens new ones in between.
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
use std::sync::atomic::Ordering::Relaxed;
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
use super::new_room::NewRoom;
use super::status::ShardStatus;

/// The age at which the published figures are renewed. A shard without time to spare renews them at twice this age.
const FIGURES_AGE: Duration = Duration::from_secs(1);
/// The time to the next deadline that a shard needs to publish its figures.
const FIGURES_SPARE: Duration = Duration::from_millis(1);
/// The period at which a stopping shard checks its closing connections.
const CLOSING_PERIOD: Duration = Duration::from_millis(5);

/// A shard's rooms, by their next deadlines.
pub struct Runner {
    inbox: mpsc::Receiver<NewRoom>,
    status: Arc<ShardStatus>,
    rooms: BinaryHeap<OpenRoom>,
    quality: TickQuality,
    overload: Overload,
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
    pub fn new(inbox: mpsc::Receiver<NewRoom>, status: Arc<ShardStatus>, overload: OverloadConfig) -> Self {
        let published_at = status.started();
        let (rooms, quality) = (BinaryHeap::new(), TickQuality::new(published_at));
        let overload = Overload::new(overload, published_at);
        Self { inbox, status, rooms, quality, overload, published_at, is_changed: false }
    }

    /// Runs rooms until the shard is told to stop.
    pub fn run(mut self) {
        while !self.status.is_stopping() {
            // One at a time: opening many must not keep the others from their ticks.
            let opened = self.open_next();
            let now = Instant::now();
            let next = self.rooms.peek().map(|room| room.schedule.deadline());
            let spare = next.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
            if self.should_publish(spare, now) {
                self.publish(now);
            } else if spare.is_zero() {
                self.step(now);
            } else if opened == Opened::Nothing {
                thread::park_timeout(spare);
            }
        }
        self.status.publish_last(self.quality.listing(self.rooms.len(), Instant::now()));
        self.close_all();
    }

    /// Opens one waiting room.
    fn open_next(&mut self) -> Opened {
        let Ok(new) = self.inbox.try_recv() else { return Opened::Nothing };
        let now = Instant::now();
        self.status.begin_step(now);
        let driver = Driver::open(new, now);
        self.status.end_step();
        if let Some(driver) = driver {
            let open = self.rooms.iter().map(|room| &room.schedule);
            let schedule = Schedule::new(self.status.started(), driver.tick_rate_hz(), open, now);
            self.rooms.push(OpenRoom { schedule, driver: Box::new(driver) });
        }
        self.is_changed = true;
        Opened::Room
    }

    /// Runs the step of the room that is due.
    fn step(&mut self, now: Instant) {
        let mut room = self.rooms.peek_mut().expect("a room is due");
        let lateness = now.saturating_duration_since(room.schedule.deadline());
        let period = Duration::from_secs(1) / room.driver.tick_rate_hz();
        self.status.begin_step(now);
        let progress = room.step(now);
        let end = Instant::now();
        self.status.end_step();
        self.quality.record(lateness, end - now);
        room.driver.meter.tick(lateness, end - now);
        self.is_changed = true;
        match progress {
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

    fn publish_overload(&self) {
        let is_overloaded = self.overload.is_overloaded();
        // Rooms read the flag from other threads, so it is written only when it changes.
        if self.status.is_overloaded() == is_overloaded {
            return;
        }
        self.status.overloaded().store(is_overloaded, Relaxed);
        let shard = thread::current();
        if is_overloaded {
            tracing::warn!(shard = shard.name(), "too many ticks are late: joins are refused");
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
    fn close_all(self) {
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
}

impl OpenRoom {
    /// Runs the room's step. A panic of the game ends the room alone.
    fn step(&mut self, now: Instant) -> Progress {
        contain_panic(|| self.driver.step(now)).unwrap_or_else(|message| {
            self.driver.fail(&message, now);
            Progress::Continues
        })
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
