//! How many tickets were issued, used, and not used in time.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};

use serde::Serialize;

/// Numbers of tickets since the server started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TicketCounts {
    /// Issued, and neither used nor expired so far.
    pub held: u64,
    /// Issued.
    pub issued: u64,
    /// Used.
    pub used: u64,
    /// Not used in time.
    pub expired: u64,
}

/// Counts tickets. All threads share it.
#[derive(Debug, Default)]
pub struct TicketCounters {
    issued: AtomicU64,
    used: AtomicU64,
    expired: AtomicU64,
}

impl TicketCounters {
    /// The numbers now.
    #[must_use]
    pub fn counts(&self) -> TicketCounts {
        // In this order the loads cannot show more used tickets than issued ones.
        let [used, expired] = [&self.used, &self.expired].map(|counter| counter.load(Acquire));
        let issued = self.issued.load(Acquire);
        TicketCounts { held: issued - used - expired, issued, used, expired }
    }

    /// Counts an issued ticket.
    pub fn count_issued(&self) {
        self.issued.fetch_add(1, Release);
    }

    /// Counts a used ticket.
    pub fn count_used(&self) {
        self.used.fetch_add(1, Release);
    }

    /// Counts tickets that were not used in time.
    pub fn count_expired(&self, tickets: usize) {
        self.expired.fetch_add(tickets as u64, Release);
    }
}
