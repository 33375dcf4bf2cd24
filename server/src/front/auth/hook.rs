//! An author's own check of credentials, which may wait for a session store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use drumline_room::Identity;
use tokio::runtime::Handle;

use crate::measure::panic_message::panic_message;
use crate::rooms::refusal::Refusal;
use crate::shard::jobs::Cancelled;

use super::{Credentials, Denied};

/// The outcome of a check.
type Verdict = Result<Identity, Denied>;
/// A check that waits for something.
type Waiting = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// An author's own check.
#[derive(Clone)]
pub enum AuthHook {
    /// One that answers at once.
    Sync(Arc<dyn Fn(&Credentials) -> Verdict + Send + Sync>),
    /// One that may wait.
    Async(Arc<dyn Fn(Credentials) -> Waiting + Send + Sync>),
}

/// A check, and how it runs.
pub struct AuthorsCheck {
    hook: AuthHook,
    /// Where a check runs that may wait.
    runtime: Handle,
    /// The longest time that it may take.
    limit: Duration,
}

impl AuthorsCheck {
    /// A check that runs on `runtime` if it may wait, for at most `limit`.
    #[must_use]
    pub fn new(hook: AuthHook, runtime: Handle, limit: Duration) -> Self {
        Self { hook, runtime, limit }
    }

    /// The identity of a client.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] with the author's words, or [`Refusal::AuthFailed`].
    pub async fn ask(&self, credentials: Credentials) -> Result<Identity, Refusal> {
        let verdict = match &self.hook {
            AuthHook::Sync(check) => catch_unwind(AssertUnwindSafe(|| check(&credentials)))
                .map_err(|panic| failed("it panicked", &panic_message(&*panic)))?,
            AuthHook::Async(check) => {
                let check = Arc::clone(check);
                // The future is made there as well: making it may panic, too.
                let task = self.runtime.spawn(async move { check(credentials).await });
                // A client that does not wait for the answer cancels its check.
                let task = Cancelled::when_dropped(task);
                match tokio::time::timeout(self.limit, task).await {
                    Ok(Ok(verdict)) => verdict,
                    Ok(Err(error)) => return Err(failed("it panicked", &error.to_string())),
                    Err(_) => return Err(failed("it took too long", "")),
                }
            }
        };
        verdict.map_err(|Denied(words)| Refusal::Unauthenticated(words))
    }
}

/// Logs that a check has failed.
fn failed(cause: &str, panic: &str) -> Refusal {
    tracing::error!(cause, panic, "the author's check of credentials has failed; the client is refused");
    Refusal::AuthFailed
}
