//! How often something may happen: messages of a connection, requests of an address.
//!
//! The rates of addresses are kept in a fixed number of states, chosen by a keyed hash of the address, not in a map. A map
//! needs a cap and a rule for addresses that find no place, and under a flood from many addresses that rule is all that
//! counts. With fixed states, sharing a state is the only rule, nothing needs to be evicted, and memory never grows.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::peer::PeerGroup;

/// States that the addresses share. In a crowd some addresses fall on the same state; the hash is keyed, so nobody can choose
/// whose state to use up.
const STATES: usize = 1 << 14;

/// A clock that shows what it was last set to: callers pass the time, so no clock is read here.
#[derive(Debug)]
struct HandClock {
    started: Instant,
    nanos: AtomicU64,
}

impl HandClock {
    fn new(now: Instant) -> Self {
        Self { started: now, nanos: AtomicU64::new(0) }
    }

    fn set(&self, now: Instant) {
        self.nanos.store(now.saturating_duration_since(self.started).as_nanos() as u64, Relaxed);
    }
}

impl Clock for HandClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.nanos.load(Relaxed).into()
    }
}

/// `rate` a second, and at once as many as come together in `burst_seconds`.
#[must_use]
pub fn per_second(rate: u32, burst_seconds: u32) -> Quota {
    Quota::per_second(not_zero(rate)).allow_burst(not_zero(rate.saturating_mul(burst_seconds)))
}

/// `rate` a minute, and as many at once.
#[must_use]
pub fn per_minute(rate: u32) -> Quota {
    Quota::per_minute(not_zero(rate))
}

fn not_zero(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// More was asked for than a [`Rate`] allows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateExceeded;

/// A rate limit of one subject.
#[derive(Debug)]
pub struct Rate(RateLimiter<NotKeyed, InMemoryState, HandClock, NoOpMiddleware<Nanos>>);

impl Rate {
    /// A rate whose whole burst is available.
    #[must_use]
    pub fn new(quota: Quota, now: Instant) -> Self {
        Self(RateLimiter::direct_with_clock(quota, HandClock::new(now)))
    }

    /// Takes `count` at once.
    ///
    /// # Errors
    /// [`RateExceeded`] if fewer are available; then none is taken.
    pub fn take(&self, count: usize, now: Instant) -> Result<(), RateExceeded> {
        let count = u32::try_from(count).map_err(|_| RateExceeded)?;
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        self.0.clock().set(now);
        // The outer error means that `count` exceeds the whole burst.
        match self.0.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(RateExceeded),
        }
    }
}

/// The same rate limit for each address.
#[derive(Debug)]
pub struct AddressRates {
    limiter: RateLimiter<usize, States, HandClock, NoOpMiddleware<Nanos>>,
    hasher: RandomState,
}

impl AddressRates {
    /// Rates whose whole bursts are available.
    #[must_use]
    pub fn new(quota: Quota, now: Instant) -> Self {
        let states = States((0..STATES).map(|_| InMemoryState::default()).collect());
        let limiter = RateLimiter::new(quota, states, HandClock::new(now));
        Self { limiter, hasher: RandomState::new() }
    }

    /// Takes one for an address.
    ///
    /// # Errors
    /// The time until one is available.
    pub fn take(&self, group: PeerGroup, now: Instant) -> Result<(), Duration> {
        let clock = self.limiter.clock();
        clock.set(now);
        let state = self.hasher.hash_one(group) as usize % STATES;
        self.limiter.check_key(&state).map_err(|until| until.wait_time_from(clock.now()))
    }
}

/// The states of [`AddressRates`].
#[derive(Debug)]
struct States(Box<[InMemoryState]>);

impl StateStore for States {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, state: &usize, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0[*state].measure_and_replace(&NotKeyed::NonKey, measure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::PeerAddr;

    fn group(number: u32) -> PeerGroup {
        PeerAddr::direct(std::net::Ipv4Addr::from_bits(number).into()).group()
    }

    #[test]
    fn a_rate_holds_over_bursts() {
        let start = Instant::now();
        let rate = Rate::new(per_second(10, 3), start);
        let takes = |count, now| rate.take(count, now).is_ok();
        assert!(takes(0, start) && takes(30, start));
        assert!(!takes(1, start), "three seconds' worth is gone");
        assert!(!takes(1, start + Duration::from_millis(99)));
        assert!(takes(1, start + Duration::from_millis(101)));
        let later = start + Duration::from_secs(3600);
        assert!(!takes(31, later), "never more than the burst");
        assert!(takes(30, later) && !takes(1, later));
        assert!(!takes(1, start), "a clock that goes back gives nothing");
    }

    #[test]
    fn each_address_has_its_own_rate() {
        let start = Instant::now();
        let rates = AddressRates::new(per_second(1, 5), start);
        for _ in 0..5 {
            assert_eq!(rates.take(group(1), start), Ok(()));
        }
        let wait = rates.take(group(1), start).unwrap_err();
        assert!(wait > Duration::from_millis(900) && wait <= Duration::from_secs(1), "{wait:?}");
        let others = (2..100).filter(|number| rates.take(group(*number), start).is_ok()).count();
        assert!(others >= 95, "only addresses that fall on the same state share it: {others} of 98");
        assert_eq!(rates.take(group(1), start + wait), Ok(()));
    }

    #[test]
    fn a_flood_from_many_addresses_takes_no_memory() {
        let start = Instant::now();
        let rates = AddressRates::new(per_second(1, 1), start);
        let taken = (0..200_000).filter(|number| rates.take(group(*number), start).is_ok()).count();
        assert!(taken <= STATES, "{taken}: as many as there are states, and no state is added");
        assert!(taken > STATES * 9 / 10, "{taken}: the hash spreads them");
    }
}
