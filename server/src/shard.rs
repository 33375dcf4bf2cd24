//! Shards: threads that own rooms and their sockets. They share nothing on the data path.
//!
//! A shard is a plain loop: the room whose deadline is the earliest, when it is due; in between, rooms that are to be
//! opened; else it waits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use drumline_room::{EndReason, Room};
use tokio::sync::mpsc;

use crate::contain::contain;
use crate::driver::Driver;
use crate::lobby::Registration;
use crate::overload::{Overload, OverloadConfig};
use crate::room_entry::Arrivals;
use crate::schedule::Schedule;
use crate::tick_quality::{ShardListing, TickQuality};

/// Rooms that may wait to be opened on one shard.
const OPEN_QUEUE: usize = 1024;
/// How old the figures that others see may become. A shard that never has time to spare renews them at twice this age.
const FIGURES_AGE: Duration = Duration::from_secs(1);
/// How much time to spare a shard wants before it renews them.
const FIGURES_SPARE: Duration = Duration::from_millis(1);
/// A shard that is in one room's step for so long is stuck.
const STUCK_LIMIT: Duration = Duration::from_secs(10);
/// How often a shard that stops looks whether its goodbyes are over.
const GOODBYE_PERIOD: Duration = Duration::from_millis(5);

/// A room to be opened. It is made on its shard's thread and never leaves it.
pub struct NewRoom {
    /// Makes the room.
    pub make: Box<dyn FnOnce() -> Room + Send>,
    /// Its place in the lobby.
    pub registration: Registration,
    /// Where its players' sockets arrive.
    pub arrivals: Arrivals,
}

/// The way to a shard. Dropping it stops the shard.
#[derive(Debug)]
pub struct ShardHandle {
    rooms: mpsc::Sender<NewRoom>,
    thread: Thread,
    shared: Arc<Shared>,
}

/// What a shard and its handle share.
#[derive(Debug)]
struct Shared {
    started: Instant,
    stopping: AtomicBool,
    /// Whether it has more to do than it has time for.
    overloaded: Arc<AtomicBool>,
    /// When the step began that is being done, in milliseconds from the start on; 0 if none is.
    step_began_ms: AtomicU64,
    /// What the shard last told of its ticks.
    figures: Mutex<ShardListing>,
}

/// A place for a room to be opened.
#[derive(Debug)]
pub struct Place<'a> {
    permit: mpsc::Permit<'a, NewRoom>,
    thread: &'a Thread,
}

impl Place<'_> {
    /// Has the room opened.
    pub fn open(self, room: NewRoom) {
        self.permit.send(room);
        self.thread.unpark();
    }
}

impl ShardHandle {
    /// Starts a shard's thread. It ends when it is told to [`stop`](Self::stop) and its rooms have said goodbye.
    ///
    /// # Errors
    /// If the operating system gives no thread.
    pub fn spawn(index: usize, overload: OverloadConfig) -> io::Result<(Self, JoinHandle<()>)> {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        let shared = Shared::new();
        let of_shard = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || Shard::new(inbox, of_shard, overload).run())?;
        Ok((Self { rooms, thread: thread.thread().clone(), shared }, thread))
    }

    /// The way to a shard that is the calling thread, and where the rooms that it is asked to open come out.
    #[cfg(test)]
    pub fn to_this_thread() -> (Self, mpsc::Receiver<NewRoom>) {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        (Self { rooms, thread: thread::current(), shared: Shared::new() }, inbox)
    }

    /// A place for a room to be opened; none if too many are waiting already, or the shard is gone.
    #[must_use]
    pub fn place(&self) -> Option<Place<'_>> {
        Some(Place { permit: self.rooms.try_reserve().ok()?, thread: &self.thread })
    }

    /// Whether the shard has more to do than it has time for, as rooms see it.
    #[must_use]
    pub fn overloaded(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.shared.overloaded)
    }

    /// Whether the shard has more to do than it has time for.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.shared.overloaded.load(Relaxed)
    }

    /// Whether the shard does not get on: its thread has ended, or is in one room's step for too long.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        let began_ms = self.shared.step_began_ms.load(Relaxed);
        let began = self.shared.started + Duration::from_millis(began_ms);
        self.rooms.is_closed() || (began_ms > 0 && now.saturating_duration_since(began) > STUCK_LIMIT)
    }

    /// The shard's ticks so far, as it last told of them: about a second ago, but exact once it has stopped.
    #[must_use]
    pub fn listing(&self) -> ShardListing {
        self.shared.figures().clone()
    }

    /// Has the shard say goodbye to its rooms' players and end.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Release);
        self.thread.unpark();
    }
}

impl Drop for ShardHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            stopping: AtomicBool::new(false),
            overloaded: Arc::default(),
            step_began_ms: AtomicU64::new(0),
            figures: Mutex::default(),
        })
    }

    fn step_began(&self, now: Instant) {
        let ms = now.saturating_duration_since(self.started).as_millis() as u64;
        self.step_began_ms.store(ms.max(1), Relaxed);
    }

    fn step_ended(&self) {
        self.step_began_ms.store(0, Relaxed);
    }

    fn figures(&self) -> MutexGuard<'_, ShardListing> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread's rooms, by their next deadlines.
struct Shard {
    inbox: mpsc::Receiver<NewRoom>,
    shared: Arc<Shared>,
    rooms: BinaryHeap<OpenRoom>,
    quality: TickQuality,
    overload: Overload,
    /// When the figures were last told, and whether they have changed since.
    told_at: Instant,
    has_news: bool,
}

impl Shard {
    fn new(inbox: mpsc::Receiver<NewRoom>, shared: Arc<Shared>, overload: OverloadConfig) -> Self {
        let told_at = shared.started;
        let (rooms, quality) = (BinaryHeap::new(), TickQuality::new(told_at));
        let overload = Overload::new(overload, told_at);
        Self { inbox, shared, rooms, quality, overload, told_at, has_news: false }
    }

    /// Runs rooms until the shard is told to stop. Who tells it something unparks the thread.
    fn run(mut self) {
        while !self.shared.stopping.load(Acquire) {
            // One at a time: opening many must not keep the others from their ticks.
            let opened = self.open_next();
            let now = Instant::now();
            let next = self.rooms.peek().map(|room| room.schedule.deadline());
            let spare = next.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
            if self.should_tell(spare, now) {
                self.tell(now);
            } else if spare.is_zero() {
                self.step(now);
            } else if !opened {
                thread::park_timeout(spare);
            }
        }
        self.tell(Instant::now());
        self.say_goodbye();
    }

    /// Opens a room, if one waits; whether one did.
    fn open_next(&mut self) -> bool {
        let Ok(new) = self.inbox.try_recv() else { return false };
        let now = Instant::now();
        self.shared.step_began(now);
        let opened = Driver::open(new, now);
        self.shared.step_ended();
        if let Some(driver) = opened {
            let open = self.rooms.iter().map(|room| &room.schedule);
            let schedule = Schedule::new(self.shared.started, driver.tick_rate_hz(), open, now);
            self.rooms.push(OpenRoom { schedule, driver: Box::new(driver) });
        }
        self.has_news = true;
        true
    }

    /// Runs the room that is due.
    fn step(&mut self, now: Instant) {
        let mut room = self.rooms.peek_mut().expect("a room is due");
        let lateness = now.saturating_duration_since(room.schedule.deadline());
        let period = Duration::from_secs(1) / room.driver.tick_rate_hz();
        self.shared.step_began(now);
        let goes_on = room.step(now);
        let end = Instant::now();
        self.shared.step_ended();
        self.quality.record(lateness, end - now);
        room.driver.meter.tick(lateness, end - now);
        self.has_news = true;
        if goes_on {
            // The heap puts the room back in its place when `room` is dropped.
            let skipped = room.schedule.advance(end);
            room.driver.meter.skip(skipped);
            drop(room);
            self.quality.skip(skipped);
            let was_overloaded = self.overload.is_overloaded();
            if self.overload.record(lateness, period, skipped, end) != was_overloaded {
                self.tell_overload();
            }
        } else {
            PeekMut::pop(room).close();
            if self.rooms.is_empty() {
                self.overload.rest(end);
                self.tell_overload();
            }
        }
    }

    fn tell_overload(&self) {
        let (shard, is_overloaded) = (thread::current(), self.overload.is_overloaded());
        match (self.shared.overloaded.swap(is_overloaded, Relaxed), is_overloaded) {
            (false, true) => tracing::warn!(shard = shard.name(), "too many ticks are late: no more joins"),
            (true, false) => tracing::info!(shard = shard.name(), "ticks are in time again"),
            _ => {}
        }
    }

    /// Whether it is time to tell of the ticks. A shard without rooms tells at once: it may sleep for long.
    fn should_tell(&self, spare: Duration, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.told_at);
        let is_time = age >= FIGURES_AGE && (spare >= FIGURES_SPARE || age >= 2 * FIGURES_AGE);
        self.has_news && (is_time || self.rooms.is_empty())
    }

    fn tell(&mut self, now: Instant) {
        let listing = self.quality.listing(self.rooms.len(), now);
        *self.shared.figures() = listing;
        (self.told_at, self.has_news) = (now, false);
    }

    /// Closes every connection, and waits for their goodbyes as long as those may take.
    fn say_goodbye(self) {
        let mut rooms = self.rooms.into_vec();
        let now = Instant::now();
        for room in &mut rooms {
            room.end(now);
        }
        while !rooms.is_empty() {
            thread::sleep(GOODBYE_PERIOD);
            let now = Instant::now();
            rooms.extract_if(.., |room| !room.step(now)).for_each(OpenRoom::close);
        }
    }
}

/// A room, and when it is due. The greatest is due first, as the heap wants it.
struct OpenRoom {
    schedule: Schedule,
    driver: Box<Driver>,
}

impl OpenRoom {
    /// Runs the room's step; whether it goes on.
    fn step(&mut self, now: Instant) -> bool {
        contain(|| self.driver.step(now)).unwrap_or_else(|message| {
            self.driver.fail(&message, now);
            true
        })
    }

    /// Begins its end, because the server stops.
    fn end(&mut self, now: Instant) {
        if let Err(message) = contain(|| self.driver.end(EndReason::ServerStopping, now)) {
            self.driver.fail(&message, now);
        }
    }

    fn close(self) {
        if self.schedule.skipped() > 0 {
            tracing::warn!(room = self.driver.id(), skipped = self.schedule.skipped(), "ticks were skipped");
        }
        let id = self.driver.id().to_owned();
        if let Err(message) = contain(|| drop(self.driver)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_that_is_in_one_step_for_long_or_gone_is_stuck() {
        let (shard, inbox) = ShardHandle::to_this_thread();
        let began = Instant::now();
        assert!(!shard.is_stuck(began + Duration::from_secs(3600)), "it waits for a deadline, or for a room");
        shard.shared.step_began(began);
        assert!(!shard.is_stuck(began + STUCK_LIMIT));
        assert!(shard.is_stuck(began + STUCK_LIMIT + Duration::from_millis(2)));
        shard.shared.step_ended();
        assert!(!shard.is_stuck(began + Duration::from_secs(3600)));
        drop(inbox);
        assert!(shard.is_stuck(began));
    }
}
