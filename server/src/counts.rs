//! How much of something each address has, and no more than it may.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::peer::PeerGroup;

/// Addresses for which memory is kept in any case.
const MIN_CAPACITY: usize = 256;

/// How many of something each address has. Who has none is not in it, so it is never larger than the number of things.
#[derive(Debug)]
pub struct Counts {
    limit: u32,
    counts: Mutex<HashMap<PeerGroup, u32>>,
}

/// One of those things. It counts until it is dropped.
#[derive(Debug)]
pub struct Counted {
    counts: Arc<Counts>,
    group: PeerGroup,
}

/// An address, and how many it has.
#[derive(Debug, Clone)]
pub struct Owner {
    counts: Arc<Counts>,
    group: PeerGroup,
}

impl Owner {
    /// An address among those that are counted.
    #[must_use]
    pub fn new(counts: &Arc<Counts>, group: PeerGroup) -> Self {
        Self { counts: Arc::clone(counts), group }
    }

    /// One more, unless it has as many as it may.
    #[must_use]
    pub fn take(&self) -> Option<Counted> {
        self.counts.take(self.group)
    }
}

impl PartialEq for Owner {
    fn eq(&self, other: &Self) -> bool {
        self.group == other.group
    }
}

impl Counts {
    /// None yet, of which an address may have so many.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, counts: Mutex::default() }
    }

    /// One more of an address, unless it has as many as it may.
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
        // Nothing here leaves the counts half-changed when it panics.
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
        // After a flood from many addresses, what it took is given back.
        if counts.capacity() > 8 * counts.len().max(MIN_CAPACITY) {
            let twice = 2 * counts.len();
            counts.shrink_to(twice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerAddr;

    fn group(number: u32) -> PeerGroup {
        PeerAddr::direct(std::net::Ipv4Addr::from_bits(number).into()).group()
    }

    #[test]
    fn an_address_has_no_more_than_it_may_and_gets_it_back() {
        let counts = Arc::new(Counts::new(2));
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
        let counts = Arc::new(Counts::new(1));
        let flood: Vec<Counted> = (0..20_000).map(|number| counts.take(group(number)).unwrap()).collect();
        assert!(counts.lock().capacity() >= 20_000);
        drop(flood);
        let capacity = counts.lock().capacity();
        assert!(counts.lock().is_empty() && capacity <= 8 * MIN_CAPACITY, "{capacity}");
    }
}
