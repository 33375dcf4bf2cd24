//! Work outside a room: a database's query, a request to another service.

use std::fmt;
use std::future::Future;

use drumline_shared::schema::message::Nothing;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most jobs of a room that are under way at once.
pub const MAX_JOBS: usize = 256;
/// The most bytes of a serialized job, or of its outcome.
pub const MAX_JOB_BYTES: usize = 64 * 1024;
/// The time after which a job is cancelled, in seconds.
pub const JOB_SECONDS: u32 = 30;

/// Work that runs outside the room while its ticks go on: see [`Tick::start`](crate::Tick::start).
///
/// A job is plain data, so that it can be saved while it is under way. The server runs it on two threads of its own (tokio's);
/// its outcome arrives on a later tick, by [`Game::outcome`](crate::Game::outcome). Two jobs that block, as a synchronous
/// database does, hold up all others: put such work into `tokio::task::spawn_blocking`, or keep it short.
///
/// A job may run more than once: the server that runs it may crash before the outcome is known. Give the database the
/// [`JobKey`], which is the same at every attempt, so that it does the work once; or return true from [`once`](Self::once).
///
/// # Examples
/// ```
/// use std::sync::Mutex;
///
/// use drumline_room::{Job, JobKey};
/// use serde::{Deserialize, Serialize};
///
/// /// Stands for the pool of a database.
/// type Pool = Mutex<Vec<(JobKey, u32)>>;
///
/// #[derive(Serialize, Deserialize)]
/// struct SaveScore(u32);
///
/// impl Job for SaveScore {
///     type Outcome = usize;
///     type Context = Pool;
///
///     async fn run(self, key: JobKey, pool: &Pool) -> usize {
///         let mut rows = pool.lock().expect("no query panics");
///         rows.push((key, self.0));
///         rows.len()
///     }
/// }
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The result, as the game gets it.
    type Outcome: Serialize + DeserializeOwned + Send + 'static;
    /// The state that all jobs share, such as the pool of a database. The server is given it by `Server::context`; `()` needs
    /// none.
    type Context: Send + Sync + 'static;

    /// Does the work. A panic reaches the game as [`JobError::Panicked`].
    fn run(self, key: JobKey, context: &Self::Context) -> impl Future<Output = Self::Outcome> + Send;

    /// Returns true if the work must not be done twice. Then a crash makes its outcome [`JobError::Lost`].
    fn once(&self) -> bool {
        false
    }
}

impl Job for Nothing {
    type Outcome = Self;
    type Context = ();

    async fn run(self, _key: JobKey, (): &()) -> Self {
        self
    }
}

/// A job of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId {
    /// The tick that started it.
    pub tick: u32,
    /// Its index among the jobs of the tick.
    pub index: u16,
}

/// Identifies a job among those of all rooms: the same at every attempt to run it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobKey {
    /// The room's id.
    pub room: String,
    /// The job.
    pub job: JobId,
}

impl fmt::Display for JobKey {
    /// As in `Kd8wTq2x-71-0`, which suits the key of a table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.room, self.job.tick, self.job.index)
    }
}

/// A job has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum JobError {
    /// It panicked.
    #[error("the job panicked: {0}")]
    Panicked(String),
    /// It took longer than [`JOB_SECONDS`].
    #[error("the job took longer than {JOB_SECONDS} seconds")]
    TimedOut,
    /// Its outcome takes more than [`MAX_JOB_BYTES`].
    #[error("the outcome takes more than {MAX_JOB_BYTES} bytes")]
    TooLarge,
    /// The server crashed before the outcome was known, and the job is to run [`once`](Job::once).
    #[error("the server crashed before the outcome was known")]
    Lost,
}

/// A job was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JobRefused {
    /// The room has [`MAX_JOBS`] under way.
    #[error("the room has {MAX_JOBS} jobs under way; start this one when one of them has its outcome")]
    TooMany,
    /// It takes more than [`MAX_JOB_BYTES`].
    #[error("the job takes more than {MAX_JOB_BYTES} bytes")]
    TooLarge,
}

/// A job that a room has started, serialized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedJob {
    /// The job.
    pub id: JobId,
    /// The serialized [`Game::Job`](crate::Game::Job).
    pub body: Vec<u8>,
}
