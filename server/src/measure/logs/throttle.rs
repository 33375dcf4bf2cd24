//! A rate limit on log lines, for each place in the program that writes them.
//!
//! The limit is by place, not by client: hostile clients have many addresses, the program has few places. A limit by content
//! would let every one of their lines through.
//!
//! Ticks log too, and must not wait for a slower thread that logs. The places therefore stand in a table without a lock: each
//! entry is made once and never changes, except for atomics.

use std::hash::BuildHasher;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use rustc_hash::FxBuildHasher;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Seconds' worth of lines that a place may write at once after it was quiet.
const BURST_SECONDS: u32 = 20;
/// Entries of the table: more than a program has places.
const MAX_PLACES: usize = 1024;

/// Lines suppressed since the program started.
static SUPPRESSED: AtomicU64 = AtomicU64::new(0);

/// Lines suppressed since the program started.
#[must_use]
pub fn suppressed_lines() -> u64 {
    SUPPRESSED.load(Relaxed)
}

/// Passes a limited rate of lines from each place.
#[derive(Debug)]
pub struct Throttle<C: Clock = MonotonicClock> {
    quota: Option<Quota>,
    clock: C,
    places: Arc<Places<C>>,
}

/// Reports how many lines of each place were suppressed.
#[derive(Debug)]
pub struct SuppressedReporter<C: Clock = MonotonicClock>(Arc<Places<C>>);

/// The places that have written, by the hash of their callsite, or in the next free entry.
#[derive(Debug)]
struct Places<C: Clock>(Box<[OnceLock<Place<C>>]>);

/// A place that writes lines.
#[derive(Debug)]
struct Place<C: Clock> {
    metadata: &'static Metadata<'static>,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    /// Lines suppressed since the last report.
    suppressed: AtomicU64,
}

impl<C: Clock> Places<C> {
    fn new() -> Self {
        Self((0..MAX_PLACES).map(|_| OnceLock::new()).collect())
    }

    /// The entry of a place. If the table is full, the place shares one.
    fn get(&self, metadata: &'static Metadata<'static>, make: impl Fn() -> Place<C>) -> &Place<C> {
        let first = FxBuildHasher.hash_one(metadata.callsite()) as usize % MAX_PLACES;
        let mut entries =
            self.0[first..].iter().chain(&self.0[..first]).map(|entry| entry.get_or_init(&make));
        let found = entries.find(|place| place.metadata.callsite() == metadata.callsite());
        found.unwrap_or_else(|| self.0[first].get_or_init(&make))
    }
}

impl Throttle {
    /// At most `lines_per_second` from each place; 0 is no limit.
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
        Self { quota, clock, places: Arc::new(Places::new()) }
    }

    /// The reporter of suppressed lines.
    #[must_use]
    pub fn suppressed(&self) -> SuppressedReporter<C> {
        SuppressedReporter(Arc::clone(&self.places))
    }

    /// Returns true if a place may write a line now, and counts the line.
    fn passes(&self, metadata: &'static Metadata<'static>) -> bool {
        let Some(quota) = self.quota else { return true };
        let place = self.places.get(metadata, || {
            let limiter = RateLimiter::direct_with_clock(quota, self.clock.clone());
            Place { metadata, limiter, suppressed: AtomicU64::new(0) }
        });
        let passes = place.limiter.check().is_ok();
        if !passes {
            place.suppressed.fetch_add(1, Relaxed);
            SUPPRESSED.fetch_add(1, Relaxed);
        }
        passes
    }
}

impl<C: Clock> SuppressedReporter<C> {
    /// Logs the lines that were suppressed since the last report.
    pub fn report(&self) {
        for (metadata, lines) in self.take() {
            let (file, line) = (metadata.file().unwrap_or_default(), metadata.line().unwrap_or_default());
            let place = format!("{file}:{line}");
            tracing::warn!(lines, place, "lines were suppressed: too many came from one place");
        }
    }

    fn take(&self) -> Vec<(&'static Metadata<'static>, u64)> {
        let places = self.0.0.iter().filter_map(OnceLock::get);
        let counts = places.map(|place| (place.metadata, place.suppressed.swap(0, Relaxed)));
        counts.filter(|(_, lines)| *lines > 0).collect()
    }
}

impl<S: Subscriber, C: Clock + Clone + Send + Sync + 'static> Layer<S> for Throttle<C>
where
    C::Instant: Send + Sync,
{
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        self.passes(event.metadata())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Counts the lines that pass.
    struct Counter(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Counter {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn each_place_writes_at_its_rate_and_the_rest_is_reported() {
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
            suppressed.report();
            assert_eq!(written.swap(0, Relaxed), 1);
            suppressed.report();
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
