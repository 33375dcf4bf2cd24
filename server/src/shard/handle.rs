//! The handle by which other threads reach a shard.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::{self, JoinHandle, Thread};
use std::time::Instant;

use tokio::sync::mpsc;

use crate::measure::overload::OverloadConfig;
use crate::measure::tick_quality::ShardListing;

use super::makers::{Job, Makers};
use super::new_room::{NewRoom, ReadyRoom};
use super::runner::Runner;
use super::status::ShardStatus;

/// Rooms that may wait to be opened on one shard.
const OPEN_QUEUE: usize = 1024;

/// The handle of a shard. Dropping it stops the shard.
#[derive(Debug)]
pub struct ShardHandle {
    rooms: mpsc::Sender<ReadyRoom>,
    makers: Makers,
    thread: Thread,
    status: Arc<ShardStatus>,
}

/// A reserved place in a shard's queue of rooms to open.
#[derive(Debug)]
pub struct RoomPlace<'a> {
    permit: mpsc::OwnedPermit<ReadyRoom>,
    shard: &'a ShardHandle,
}

impl RoomPlace<'_> {
    /// Has the room made and then opened by the shard.
    pub fn open(self, new: NewRoom) {
        let shard = self.shard.thread.clone();
        self.shard.makers.make(Job { new, place: self.permit, shard, since: Instant::now() });
    }
}

/// The rooms that a test's shard is asked to open.
#[cfg(test)]
pub struct Asked {
    makers: Makers,
    _inbox: mpsc::Receiver<ReadyRoom>,
}

#[cfg(test)]
impl Asked {
    /// The next one.
    pub fn next(&self) -> Option<NewRoom> {
        self.makers.take()
    }
}

impl ShardHandle {
    /// Starts a shard's thread, for rooms that `makers` make. It ends after [`stop`](Self::stop), once its rooms' connections
    /// are closed.
    ///
    /// # Errors
    /// If the operating system refuses the thread.
    pub fn spawn(
        index: usize,
        overload: OverloadConfig,
        makers: Makers,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        let status = ShardStatus::new(Instant::now());
        let shared = Arc::clone(&status);
        let thread = thread::Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || Runner::new(inbox, shared, overload).run())?;
        Ok((Self { rooms, makers, thread: thread.thread().clone(), status }, thread))
    }

    /// The handle of a shard that is the calling thread, and the rooms that it is asked to open.
    #[cfg(test)]
    pub fn to_this_thread() -> (Self, Asked) {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        let makers = Makers::without_threads();
        let (thread, status) = (thread::current(), ShardStatus::new(Instant::now()));
        (Self { rooms, makers: makers.clone(), thread, status }, Asked { makers, _inbox: inbox })
    }

    /// Reserves a place for a room to be opened; `None` if the queue is full, or the shard has ended.
    #[must_use]
    pub fn reserve(&self) -> Option<RoomPlace<'_>> {
        Some(RoomPlace { permit: self.rooms.clone().try_reserve_owned().ok()?, shard: self })
    }

    /// True while the shard's rooms refuse joins.
    #[must_use]
    pub fn refusal_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(self.status.refuses_joins())
    }

    /// Returns true if the shard's rooms refuse joins.
    #[must_use]
    pub fn refuses_joins(&self) -> bool {
        self.status.refuses_joins().load(Relaxed)
    }

    /// Sets whether the shard's rooms refuse joins.
    pub fn refuse_joins(&self, refuses: bool) {
        self.status.refuses_joins().store(refuses, Relaxed);
    }

    /// Returns true if the shard is overloaded.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.status.is_overloaded()
    }

    /// Returns true if the shard is overloaded and does not recover: rooms should end.
    #[must_use]
    pub fn needs_relief(&self) -> bool {
        self.status.needs_relief()
    }

    /// Sets the shard's overload.
    #[cfg(test)]
    pub fn publish_overload(&self, overload: &crate::measure::overload::Overload) {
        self.status.publish_overload(overload);
    }

    /// Returns true if the shard makes no progress: its thread has ended, or has been in one room's step for too long.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        self.rooms.is_closed() || self.status.is_stuck(now)
    }

    /// Starts another thread that makes rooms, if a room has waited for too long.
    pub fn check_makers(&self, now: Instant) {
        self.makers.check(now);
    }

    /// The figures of the shard's ticks: about a second old, and exact once it has stopped.
    #[must_use]
    pub fn listing(&self) -> ShardListing {
        self.status.figures()
    }

    /// Tells the shard to close its rooms' connections and to end.
    pub fn stop(&self) {
        self.makers.stop();
        self.status.stop();
        self.thread.unpark();
    }
}

impl Drop for ShardHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_that_has_ended_is_stuck() {
        let (shard, inbox) = ShardHandle::to_this_thread();
        let now = Instant::now();
        assert!(!shard.is_stuck(now));
        drop(inbox);
        assert!(shard.is_stuck(now));
    }
}
