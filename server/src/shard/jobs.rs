//! Work outside rooms: jobs run on threads of their own, and no tick waits for one.

pub mod loading;

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use drumline_room::job::{JOB_SECONDS, MAX_JOBS};
use drumline_room::record::OutcomeRecord;
use drumline_room::{JobContext, JobError, JobId, JobKey, JobSpec, StartedJob};
use futures_util::FutureExt;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinError, JoinHandle};

use crate::measure::panic_message::panic_message;

/// Threads that run jobs: they wait most of the time.
const THREADS: usize = 2;
/// Places for outcomes on the way: no room has more jobs under way.
const OUTCOMES: usize = MAX_JOBS;

/// The state that jobs share, by type.
pub type JobContexts = HashMap<TypeId, JobContext>;

/// Runs the jobs of all rooms. Clones share the threads.
#[derive(Debug, Clone)]
pub struct JobRunner {
    runtime: Handle,
    contexts: Arc<JobContexts>,
    last: Arc<LastJobs>,
}

/// The last jobs of rooms that have ended.
#[derive(Debug, Default)]
struct LastJobs {
    under_way: AtomicUsize,
    done: Notify,
}

/// A last job under way.
struct LastJob(Arc<LastJobs>);

/// The threads that run jobs. They end when this is dropped.
#[derive(Debug)]
pub struct JobThreads {
    /// The time for which the end waits for last jobs.
    stop: oneshot::Sender<Duration>,
    thread: thread::JoinHandle<()>,
}

/// A task that is cancelled when this is dropped. It is awaited as the task is.
#[derive(Debug)]
pub struct Cancelled<T>(JoinHandle<T>);

impl<T> Cancelled<T> {
    /// Cancels a task when its result is no longer wanted.
    #[must_use]
    pub fn when_dropped(task: JoinHandle<T>) -> Self {
        Self(task)
    }
}

impl<T> Future for Cancelled<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Cancelled<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl LastJob {
    fn begin(last: &Arc<LastJobs>) -> Self {
        last.under_way.fetch_add(1, AcqRel);
        Self(Arc::clone(last))
    }
}

impl Drop for LastJob {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, AcqRel);
        self.0.done.notify_waiters();
    }
}

impl LastJobs {
    async fn all_done(&self) {
        loop {
            let done = self.done.notified();
            if self.under_way.load(Acquire) == 0 {
                return;
            }
            done.await;
        }
    }
}

impl JobThreads {
    /// Starts the threads, for jobs with some contexts.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub fn start(contexts: JobContexts) -> io::Result<(Self, JobRunner)> {
        let runtime =
            Builder::new_multi_thread().worker_threads(THREADS).thread_name("jobs").enable_all().build()?;
        let last = Arc::new(LastJobs::default());
        let (handle, contexts) = (runtime.handle().clone(), Arc::new(contexts));
        let runner = JobRunner { runtime: handle, contexts, last: Arc::clone(&last) };
        let (stop, stopped) = oneshot::channel();
        // A thread of its own owns the runtime: the server may be stopped from within another one.
        let thread = thread::Builder::new().name("jobs".into()).spawn(move || {
            runtime.block_on(async {
                let Ok(time) = stopped.await else { return };
                if tokio::time::timeout(time, last.all_done()).await.is_err() {
                    let seconds = time.as_secs();
                    tracing::error!(seconds, "the last jobs of rooms took too long: they are cut off");
                }
            });
            runtime.shutdown_background();
        })?;
        Ok((Self { stop, thread }, runner))
    }

    /// Waits for the last jobs of rooms that have ended, up to `time`, and ends the threads.
    pub fn finish(self, time: Duration) {
        // If the thread is gone, there is nothing to wait for.
        let _ = self.stop.send(time);
        if self.thread.join().is_err() {
            tracing::error!("the thread of the jobs has panicked");
        }
    }
}

impl JobRunner {
    /// Runs nothing: for rooms of tests whose games have no jobs.
    #[cfg(test)]
    pub fn unused() -> Self {
        JobThreads::start(JobContexts::new()).expect("a test may start threads").1
    }

    /// The threads' runtime, for other work that no tick and no request may wait for.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The jobs of a room.
    #[must_use]
    pub fn of_room(&self, room: &str, spec: JobSpec) -> RoomJobs {
        let (sender, outcomes) = mpsc::channel(OUTCOMES);
        let (room, running) = (room.to_owned(), BTreeMap::new());
        RoomJobs { runner: self.clone(), spec, room, sender, outcomes, running }
    }

    /// A job to its outcome.
    fn run(
        &self,
        spec: JobSpec,
        key: JobKey,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Bytes, JobError>> + use<> {
        let context = self.contexts.get(&spec.context).map(Arc::clone);
        async move {
            let context =
                context.expect("the server has checked that there is a context for the game's jobs");
            let job = async { spec.run(&body, key, context).await };
            let contained = AssertUnwindSafe(job).catch_unwind();
            match tokio::time::timeout(Duration::from_secs(JOB_SECONDS.into()), contained).await {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => Err(JobError::Panicked(panic_message(&*panic))),
                Err(_) => Err(JobError::TimedOut),
            }
        }
    }
}

/// The jobs of one room. When it is dropped, those that are under way are cancelled.
#[derive(Debug)]
pub struct RoomJobs {
    runner: JobRunner,
    spec: JobSpec,
    room: String,
    sender: mpsc::Sender<OutcomeRecord>,
    outcomes: mpsc::Receiver<OutcomeRecord>,
    running: BTreeMap<JobId, AbortHandle>,
}

impl RoomJobs {
    /// Starts a job.
    pub fn start(&mut self, StartedJob { id, body }: StartedJob) {
        let key = JobKey { room: self.room.clone(), job: id };
        tracing::debug!(job = %key, "a job starts");
        let (run, sender) = (self.runner.run(self.spec, key.clone(), body), self.sender.clone());
        let task = self.runner.runtime.spawn(async move {
            let result = run.await;
            if let Err(error) = &result {
                tracing::warn!(job = %key, %error, "a job has no outcome");
            }
            // The room may have ended.
            let _ = sender.send(OutcomeRecord { job: id, result }).await;
        });
        self.running.insert(id, task.abort_handle());
    }

    /// Starts the job that a game leaves behind. It goes on when the room is gone, and the server waits for it before it stops.
    pub fn start_last(&self, StartedJob { id, body }: StartedJob) {
        let key = JobKey { room: self.room.clone(), job: id };
        let (run, held) = (self.runner.run(self.spec, key.clone(), body), LastJob::begin(&self.runner.last));
        self.runner.runtime.spawn(async move {
            if let Err(error) = run.await {
                tracing::error!(job = %key, %error, "the last job of a room has failed");
            }
            drop(held);
        });
    }

    /// The next outcome that has arrived; `None` if there is none.
    pub fn next_outcome(&mut self) -> Option<OutcomeRecord> {
        let outcome = self.outcomes.try_recv().ok()?;
        self.running.remove(&outcome.job);
        Some(outcome)
    }
}

impl Drop for RoomJobs {
    fn drop(&mut self) {
        for task in self.running.values() {
            task.abort();
        }
    }
}
