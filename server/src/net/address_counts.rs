//! How many connections or rooms each address holds, with a limit for each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::peer::PeerGroup;

/// Addresses for which memory is never given back.
const MIN_CAPACITY: usize = 256;

/// How many of something each address holds.
///
/// An address that holds nothing has no entry, so the map is never larger than the number of things counted. That is why
/// counts can live in a map, whereas [rates](super::rates) need a fixed table.
#[derive(Debug)]
pub struct AddressCounts {
    limit: u32,
    counts: Mutex<HashMap<PeerGroup, u32>>,
}

/// One counted thing. It counts until it is dropped.
#[derive(Debug)]
pub struct Counted {
    counts: Arc<AddressCounts>,
    group: PeerGroup,
}

/// The share of one address: what is taken from it counts as held by that address.
#[derive(Debug, Clone)]
pub struct AddressQuota {
    counts: Arc<AddressCounts>,
    group: PeerGroup,
}

impl AddressQuota {
    /// The share of an address.
    #[must_use]
    pub fn new(counts: &Arc<AddressCounts>, group: PeerGroup) -> Self {
        Self { counts: Arc::clone(counts), group }
    }

    /// Takes one more; `None` if the address holds as many as it may.
    #[must_use]
    pub fn take(&self) -> Option<Counted> {
        self.counts.take(self.group)
    }
}

impl PartialEq for AddressQuota {
    fn eq(&self, other: &Self) -> bool {
        self.group == other.group
    }
}

impl AddressCounts {
    /// Counts of which each address may hold at most `limit`.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, counts: Mutex::default() }
    }

    /// Takes one more for an address; `None` if it holds as many as it may.
    #[must_use]
    pub fn take(self: &Arc<Self>, group: PeerGroup) -> Option<Counted> {
        let mut counts = self.lock();
        let count = counts.entry(group).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Counted { counts: Arc::clone(self), group })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PeerGroup, u32>> {
        // No code panics while the counts are inconsistent, so a poisoned lock is still good.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Entry::Occupied(mut count) = counts.entry(self.group) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        // Give memory back after a flood from many addresses.
        if counts.capacity() > 8 * counts.len().max(MIN_CAPACITY) {
            let twice = 2 * counts.len();
            counts.shrink_to(twice);
        }
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
        assert!(counts.lock().is_empty());
    }

    #[test]
    fn memory_is_given_back_after_a_flood() {
        let counts = Arc::new(AddressCounts::new(1));
        let flood: Vec<Counted> = (0..20_000).map(|number| counts.take(group(number)).unwrap()).collect();
        assert!(counts.lock().capacity() >= 20_000);
        drop(flood);
        let capacity = counts.lock().capacity();
        assert!(counts.lock().is_empty() && capacity <= 8 * MIN_CAPACITY, "{capacity}");
    }
}
