//! Authors' hooks and [webhooks]: what they are told happens on threads of their own, and rooms wait for none.

pub mod webhooks;

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::metrics::LostEvents;
use crate::rooms::entry::events::{RoomEvent, TimedEvent};
use crate::shard::contain_panic::contain_panic;
use webhooks::{Webhooks, WebhooksConfig};

/// The period at which lost events are logged.
const REPORT_PERIOD: Duration = Duration::from_secs(10);

/// An author's hook.
pub type EventHook = Box<dyn Fn(&RoomEvent) + Send>;

/// The threads of the hooks. They end when the queue of events does.
#[derive(Debug)]
pub struct HookThreads {
    /// Ends when all threads have. The lock makes it `Sync`; nobody takes it.
    ended: Mutex<Receiver<()>>,
    /// When it is dropped, webhooks are not tried again.
    _patience: Sender<()>,
}

impl HookThreads {
    /// Starts the threads, for hooks and, if they are configured, webhooks.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub fn start(
        hooks: Vec<EventHook>,
        config: &WebhooksConfig,
        events: Receiver<TimedEvent>,
        lost: LostEvents,
    ) -> io::Result<Self> {
        let (running, ended) = channel();
        let (patience, impatience) = channel();
        let mut queue = None;
        if let Some(webhooks) = Webhooks::new(config, lost.by_webhooks.clone()) {
            let (sender, waiting) = sync_channel(config.queue.into());
            let running = running.clone();
            thread::Builder::new().name("webhooks".into()).spawn(move || {
                webhooks.run(&waiting, &impatience);
                drop(running);
            })?;
            queue = Some(sender);
        }
        thread::Builder::new().name("hooks".into()).spawn(move || {
            tell(&hooks, queue.as_ref(), &events, &lost);
            drop(running);
        })?;
        Ok(Self { ended: Mutex::new(ended), _patience: patience })
    }

    /// Waits until all events have been handled, up to `time`. Their queue has ended.
    pub fn finish(self, time: Duration) {
        let Self { ended, _patience: patience } = self;
        drop(patience);
        let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
            let seconds = time.as_secs();
            tracing::error!(seconds, "hooks and webhooks took too long: the last events are lost");
        }
    }
}

/// Tells all events to the hooks and to the webhooks.
fn tell(
    hooks: &[EventHook],
    webhooks: Option<&SyncSender<TimedEvent>>,
    events: &Receiver<TimedEvent>,
    lost: &LostEvents,
) {
    let (mut reported, mut reported_at) = (0, Instant::now());
    for timed in events {
        for hook in hooks {
            if let Err(panic) = contain_panic(|| hook(&timed.event)) {
                tracing::error!(panic, event = ?timed.event, "a hook has panicked");
            }
        }
        if let Some(queue) = webhooks
            && queue.try_send(timed).is_err()
        {
            lost.by_webhooks.inc();
        }
        let all = lost.by_hooks.get() + lost.by_webhooks.get();
        if all > reported && reported_at.elapsed() >= REPORT_PERIOD {
            let events = all - reported;
            tracing::warn!(events, "events of rooms were lost: a hook or a webhook is too slow");
            (reported, reported_at) = (all, Instant::now());
        }
    }
}
