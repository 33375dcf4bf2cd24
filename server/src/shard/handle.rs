//! The handle by which other threads reach a shard.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle, Thread};
use std::time::Instant;

use tokio::sync::mpsc;

use crate::measure::overload::OverloadConfig;
use crate::measure::tick_quality::ShardListing;

use super::new_room::NewRoom;
use super::runner::Runner;
use super::status::ShardStatus;

/// Rooms that may wait to be opened on one shard.
const OPEN_QUEUE: usize = 1024;

/// The handle of a shard. Dropping it stops the shard.
#[derive(Debug)]
pub struct ShardHandle {
    rooms: mpsc::Sender<NewRoom>,
    thread: Thread,
    status: Arc<ShardStatus>,
}

/// A reserved place in a shard's queue of rooms to open.
#[derive(Debug)]
pub struct RoomPlace<'a> {
    permit: mpsc::Permit<'a, NewRoom>,
    thread: &'a Thread,
}

impl RoomPlace<'_> {
    /// Passes the room to the shard.
    pub fn open(self, room: NewRoom) {
        self.permit.send(room);
        self.thread.unpark();
    }
}

impl ShardHandle {
    /// Starts a shard's thread. It ends after [`stop`](Self::stop), once its rooms' connections are closed.
    ///
    /// # Errors
    /// If the operating system refuses the thread.
    pub fn spawn(index: usize, overload: OverloadConfig) -> io::Result<(Self, JoinHandle<()>)> {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        let status = ShardStatus::new(Instant::now());
        let shared = Arc::clone(&status);
        let thread = thread::Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || Runner::new(inbox, shared, overload).run())?;
        Ok((Self { rooms, thread: thread.thread().clone(), status }, thread))
    }

    /// The handle of a shard that is the calling thread, and the rooms that it is asked to open.
    #[cfg(test)]
    pub fn to_this_thread() -> (Self, mpsc::Receiver<NewRoom>) {
        let (rooms, inbox) = mpsc::channel(OPEN_QUEUE);
        (Self { rooms, thread: thread::current(), status: ShardStatus::new(Instant::now()) }, inbox)
    }

    /// Reserves a place for a room to be opened; `None` if the queue is full, or the shard has ended.
    #[must_use]
    pub fn reserve(&self) -> Option<RoomPlace<'_>> {
        Some(RoomPlace { permit: self.rooms.try_reserve().ok()?, thread: &self.thread })
    }

    /// The overload flag, which the shard's rooms share.
    #[must_use]
    pub fn overloaded(&self) -> Arc<AtomicBool> {
        Arc::clone(self.status.overloaded())
    }

    /// Returns true if the shard is overloaded.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.status.is_overloaded()
    }

    /// Returns true if the shard makes no progress: its thread has ended, or has been in one room's step for too long.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        self.rooms.is_closed() || self.status.is_stuck(now)
    }

    /// The figures of the shard's ticks: about a second old, and exact once it has stopped.
    #[must_use]
    pub fn listing(&self) -> ShardListing {
        self.status.figures()
    }

    /// Tells the shard to close its rooms' connections and to end.
    pub fn stop(&self) {
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
