//! How many connections each address holds, with a limit for each address.
//!
//! The front takes, and rooms' threads give back. To give back is one atomic subtraction, because a tick must not wait for the
//! front; the front sweeps out the addresses that hold nothing any more.

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use super::peer::PeerGroup;

/// Addresses in the map that are never worth a sweep.
const MIN_SWEEP: usize = 256;

/// How many of something each address holds.
///
/// The map has at most about twice as many entries as there are addresses that hold something. That is why counts can live in a
/// map, whereas [rates](super::rates) need a fixed table.
#[derive(Debug)]
pub struct AddressCounts {
    limit: u32,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    of: HashMap<PeerGroup, Arc<AtomicU32>>,
    /// The entries of the map that were left by the last sweep.
    left: usize,
}

/// One counted thing. It counts until it is dropped.
#[derive(Debug)]
pub struct Counted(Arc<AtomicU32>);

impl AddressCounts {
    /// Counts of which each address may hold at most `limit`.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, counts: Mutex::default() }
    }

    /// Takes one more for an address; `None` if it holds as many as it may.
    #[must_use]
    pub fn take(&self, group: PeerGroup) -> Option<Counted> {
        // No code panics while the counts are inconsistent, so a poisoned lock is still good.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.sweep();
        let count = counts.of.entry(group).or_default();
        // Only here, under the lock, does a count grow.
        if count.load(Relaxed) >= self.limit {
            return None;
        }
        count.fetch_add(1, Relaxed);
        Some(Counted(Arc::clone(count)))
    }
}

impl Counts {
    /// Removes the addresses that hold nothing, each time that the map has doubled.
    fn sweep(&mut self) {
        if self.of.len() >= 2 * self.left.max(MIN_SWEEP) {
            self.of.retain(|_, count| count.load(Relaxed) > 0);
            self.left = self.of.len();
            // Give memory back after a flood from many addresses.
            self.of.shrink_to(2 * self.left.max(MIN_SWEEP));
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
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
    fn an_address_holds_no_more_than_its_limit_and_gets_dropped_ones_back() {
        let counts = Arc::new(AddressCounts::new(2));
        let (first, second) = (counts.take(group(1)).unwrap(), counts.take(group(1)).unwrap());
        assert!(counts.take(group(1)).is_none());
        let other = counts.take(group(2)).unwrap();
        drop(first);
        let third = counts.take(group(1)).unwrap();
        assert!(counts.take(group(1)).is_none());
        drop((second, third, other));
        assert!([1, 2].iter().all(|number| counts.take(group(*number)).is_some()));
    }

    #[test]
    fn memory_is_given_back_after_a_flood() {
        let counts = AddressCounts::new(1);
        let flood: Vec<Counted> = (0..20_000).map(|number| counts.take(group(number)).unwrap()).collect();
        drop(flood);
        for number in 0..50_000 {
            drop(counts.take(group(number)).unwrap());
        }
        let Counts { of, .. } = &*counts.counts.lock().unwrap();
        assert!(
            of.len() <= 2 * MIN_SWEEP && of.capacity() <= 8 * MIN_SWEEP,
            "{} {}",
            of.len(),
            of.capacity()
        );
    }

    #[test]
    fn to_give_back_waits_for_nobody() {
        let counts = AddressCounts::new(1);
        let counted = counts.take(group(1)).unwrap();
        // The front is in the middle of taking another one.
        let locked = counts.counts.lock().unwrap();
        drop(counted);
        drop(locked);
        assert!(counts.take(group(1)).is_some());
    }
}
