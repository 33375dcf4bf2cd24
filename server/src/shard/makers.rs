//! The threads that make rooms: a game may take long to be made, or panic, and no tick waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use drumline_room::EndReason;
use tokio::sync::mpsc;

use super::new_room::{NewRoom, ReadyRoom};
use super::priority::lower_priority;

/// Threads that make rooms while none takes long: enough for the processors that ticks leave free.
const THREADS: usize = 2;
/// The most threads. More than [`THREADS`] only run while a room waits for games that take long.
const MAX_THREADS: usize = 32;
/// The time for which a room waits before another thread is started for it.
const PATIENCE: Duration = Duration::from_millis(100);

/// Makes rooms and passes them to their shards. All clones share the threads.
#[derive(Debug, Clone)]
pub struct Makers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    queued: Condvar,
    max_threads: usize,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    is_stopped: bool,
}

/// A room to be made, and the shard that it is for.
pub struct Job {
    /// The room.
    pub new: NewRoom,
    /// The reserved place in the shard's queue.
    pub place: mpsc::OwnedPermit<ReadyRoom>,
    /// The shard's thread.
    pub shard: Thread,
    /// The time at which the room was queued.
    pub since: Instant,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Default for Makers {
    fn default() -> Self {
        Self::with_threads(MAX_THREADS)
    }
}

impl Makers {
    fn with_threads(max_threads: usize) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), queued: Condvar::new(), max_threads }))
    }

    /// Makes nothing: a test takes the rooms by [`take`](Self::take).
    #[cfg(test)]
    pub fn without_threads() -> Self {
        Self::with_threads(0)
    }

    /// The next room that waits to be made.
    #[cfg(test)]
    pub fn take(&self) -> Option<NewRoom> {
        self.0.lock().queue.pop_front().map(|job| job.new)
    }

    /// Queues a room. The caller may hold the registry's lock, so nothing ends here.
    pub fn make(&self, job: Job) {
        let mut state = self.0.lock();
        state.queue.push_back(job);
        self.0.queued.notify_one();
        self.grow(&mut state, Instant::now());
    }

    /// Starts another thread if a room has waited for too long. To be called about once a second.
    pub fn check(&self, now: Instant) {
        self.grow(&mut self.0.lock(), now);
    }

    fn grow(&self, state: &mut State, now: Instant) {
        let Some(first) = state.queue.front() else { return };
        let waits = now.saturating_duration_since(first.since) >= PATIENCE;
        let is_wanted = state.idle < state.queue.len() && (state.threads < THREADS || waits);
        if !is_wanted || state.threads >= self.0.max_threads {
            return;
        }
        let shared = Arc::clone(&self.0);
        match thread::Builder::new().name("maker".into()).spawn(move || shared.run()) {
            Ok(_) => state.threads += 1,
            Err(error) => tracing::error!(%error, "a thread that makes rooms cannot be started"),
        }
    }

    /// Ends the threads, and the rooms that wait. A room that is being made ends when it is made.
    pub fn stop(&self) {
        let mut state = self.0.lock();
        state.is_stopped = true;
        let waiting = std::mem::take(&mut state.queue);
        drop(state);
        self.0.queued.notify_all();
        for job in waiting {
            job.new.parts.end(EndReason::ServerStopping);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while the state is inconsistent, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes rooms until there are none, if the thread is one too many, or the server stops.
    fn run(&self) {
        lower_priority();
        while let Some(job) = self.next() {
            let Job { new, place, shard, .. } = job;
            if self.lock().is_stopped {
                new.parts.end(EndReason::ServerStopping);
                continue;
            }
            let Some(ready) = new.make() else { continue };
            if self.lock().is_stopped {
                ready.parts.end(EndReason::ServerStopping);
            } else {
                place.send(ready);
                shard.unpark();
            }
        }
    }

    /// Waits for the next room; `None` if the thread is to end.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            if state.is_stopped || state.threads > THREADS {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            state = self.queued.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}
