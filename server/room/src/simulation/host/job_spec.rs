//! A game's jobs without their type.

use std::any::{Any, TypeId, type_name};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use drumline_shared::encoding::{decode, encode_within};

use crate::job::{Job, JobError, JobKey, MAX_JOB_BYTES};

/// The state that jobs share: a [`Job::Context`].
pub type JobContext = Arc<dyn Any + Send + Sync>;
/// A job under way. It has a serialized outcome.
pub type RunningJob = Pin<Box<dyn Future<Output = Result<Bytes, JobError>> + Send>>;

/// The jobs of a game: how the server runs them.
#[derive(Debug, Clone, Copy)]
pub struct JobSpec {
    /// The type of their context.
    pub context: TypeId,
    /// The name of that type.
    pub context_name: &'static str,
    run: fn(&[u8], JobKey, JobContext) -> RunningJob,
}

impl JobSpec {
    pub(crate) fn of<J: Job>() -> Self {
        Self {
            context: TypeId::of::<J::Context>(),
            context_name: type_name::<J::Context>(),
            run: |body, key, context| {
                let job: J = decode(body).expect("a started job was serialized by its room");
                let context =
                    context.downcast::<J::Context>().expect("the context is of the type that is asked for");
                Box::pin(async move {
                    let outcome = job.run(key, &context).await;
                    encode_within(&outcome, MAX_JOB_BYTES).map(Bytes::from).ok_or(JobError::TooLarge)
                })
            },
        }
    }

    /// Begins a job; it runs as far as the returned future is polled.
    ///
    /// # Panics
    /// If the body is not a job of the game, or the context not of its [type](Self::context). The future panics if the job does.
    #[must_use]
    pub fn run(&self, body: &[u8], key: JobKey, context: JobContext) -> RunningJob {
        (self.run)(body, key, context)
    }
}
