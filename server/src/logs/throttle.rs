//! No more lines of one place in the program than there may be, however often clients make it write.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tracing::callsite::Identifier;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// For how many seconds a place that was quiet may write at once what it may write in them.
const BURST_SECONDS: u32 = 20;

/// Lines left out since the program started.
static SUPPRESSED: AtomicU64 = AtomicU64::new(0);

/// Lines left out since the program started.
#[must_use]
pub fn suppressed_lines() -> u64 {
    SUPPRESSED.load(Relaxed)
}

/// Lets so many lines through for each place that writes them.
#[derive(Debug)]
pub struct Throttle<C: Clock = MonotonicClock> {
    quota: Option<Quota>,
    clock: C,
    places: Arc<Places<C>>,
}

/// What is left out, to be told.
#[derive(Debug)]
pub struct Suppressed<C: Clock = MonotonicClock>(Arc<Places<C>>);

/// The places that have written. There are as many as there are in the program.
type Places<C> = Mutex<HashMap<Identifier, Place<C>>>;

/// A place that writes lines.
#[derive(Debug)]
struct Place<C: Clock> {
    metadata: &'static Metadata<'static>,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    /// Lines left out since that was last told.
    suppressed: u64,
}

impl Throttle {
    /// So many lines a second; all if zero.
    #[must_use]
    pub fn new(lines_per_second: u32) -> Self {
        Self::with_clock(lines_per_second, MonotonicClock)
    }
}

impl<C: Clock + Clone> Throttle<C> {
    fn with_clock(lines_per_second: u32, clock: C) -> Self {
        let burst = NonZeroU32::new(lines_per_second.saturating_mul(BURST_SECONDS));
        let quota = NonZeroU32::new(lines_per_second).zip(burst);
        let quota = quota.map(|(lines, burst)| Quota::per_second(lines).allow_burst(burst));
        Self { quota, clock, places: Arc::default() }
    }

    /// What is left out.
    #[must_use]
    pub fn suppressed(&self) -> Suppressed<C> {
        Suppressed(Arc::clone(&self.places))
    }

    /// Whether a place may write a line now.
    fn takes(&self, metadata: &'static Metadata<'static>) -> bool {
        let Some(quota) = self.quota else { return true };
        let mut places = lock(&self.places);
        let place = places.entry(metadata.callsite()).or_insert_with(|| {
            let limiter = RateLimiter::direct_with_clock(quota, self.clock.clone());
            Place { metadata, limiter, suppressed: 0 }
        });
        let takes = place.limiter.check().is_ok();
        if !takes {
            place.suppressed += 1;
            SUPPRESSED.fetch_add(1, Relaxed);
        }
        takes
    }
}

impl<C: Clock> Suppressed<C> {
    /// Tells what has been left out since this was last done.
    pub fn tell(&self) {
        // Telling writes lines, which come here themselves.
        for (metadata, lines) in self.take() {
            let (file, line) = (metadata.file().unwrap_or_default(), metadata.line().unwrap_or_default());
            let place = format!("{file}:{line}");
            tracing::warn!(lines, place, "lines were suppressed: there were too many from one place");
        }
    }

    fn take(&self) -> Vec<(&'static Metadata<'static>, u64)> {
        let mut places = lock(&self.0);
        let left_out = places.values_mut().filter(|place| place.suppressed > 0);
        left_out.map(|place| (place.metadata, std::mem::take(&mut place.suppressed))).collect()
    }
}

fn lock<C: Clock>(places: &Places<C>) -> MutexGuard<'_, HashMap<Identifier, Place<C>>> {
    // Nothing here leaves the places half-changed when it panics.
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Subscriber, C: Clock + Clone + Send + Sync + 'static> Layer<S> for Throttle<C>
where
    C::Instant: Send + Sync,
{
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        self.takes(event.metadata())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Counts the lines that get through.
    struct Counter(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Counter {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn each_place_writes_what_it_may_and_the_rest_is_told() {
        let (clock, written) = (FakeRelativeClock::default(), Arc::new(AtomicU64::new(0)));
        let throttle = Throttle::with_clock(10, clock.clone());
        let suppressed = throttle.suppressed();
        let subscriber = tracing_subscriber::registry().with(Counter(Arc::clone(&written))).with(throttle);
        let lines = |count: usize| {
            for _ in 0..count {
                tracing::info!("a flood");
            }
            written.swap(0, Relaxed)
        };
        tracing::subscriber::with_default(subscriber, || {
            assert_eq!(lines(10_000), 200);
            tracing::info!("another place");
            assert_eq!(written.swap(0, Relaxed), 1);
            suppressed.tell();
            assert_eq!(written.swap(0, Relaxed), 1);
            suppressed.tell();
            assert_eq!(lines(0), 0, "once");
            clock.advance(Duration::from_secs(2));
            assert_eq!(lines(10_000), 20);
            let [(metadata, left_out)] = suppressed.take()[..] else { panic!("one place") };
            assert_eq!((left_out, metadata.file()), (9_980, Some(file!())));
        });
    }

    #[test]
    fn it_can_be_off() {
        let written = Arc::new(AtomicU64::new(0));
        let subscriber =
            tracing_subscriber::registry().with(Counter(Arc::clone(&written))).with(Throttle::new(0));
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..10_000 {
                tracing::info!("a flood");
            }
        });
        assert_eq!(written.load(Relaxed), 10_000);
    }
}
