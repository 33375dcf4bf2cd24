//! The slot that a connection occupies among all connections that the server accepts.
//!
//! The front takes slots, and rooms' threads free them. The counts are atomics: a tick must not wait for the front.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::address_counts::Counted;

/// All slots of a server.
#[derive(Debug)]
pub struct ServerSlots {
    all: usize,
    taken: AtomicUsize,
}

/// A slot in the server's total. Dropping it frees it.
#[derive(Debug)]
pub struct ServerSlot(Arc<ServerSlots>);

/// A connection's slot in the server's total, and in its address's share. Dropping it frees both.
#[derive(Debug)]
pub struct ConnectionSlot {
    of_server: Arc<ServerSlot>,
    _of_address: Option<Counted>,
}

impl ServerSlots {
    /// So many free slots.
    #[must_use]
    pub fn new(all: usize) -> Arc<Self> {
        Arc::new(Self { all, taken: AtomicUsize::new(0) })
    }

    /// All slots.
    #[must_use]
    pub fn all(&self) -> usize {
        self.all
    }

    /// The slots that are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Relaxed)
    }

    /// Takes a slot; `None` if all are taken.
    #[must_use]
    pub fn take(self: &Arc<Self>) -> Option<ServerSlot> {
        let one_more = |taken: usize| (taken < self.all).then_some(taken + 1);
        self.taken.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(ServerSlot(Arc::clone(self)))
    }
}

impl Drop for ServerSlot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}

impl ConnectionSlot {
    /// A slot in the server's total, and one of an address if that address is counted.
    #[must_use]
    pub fn new(of_server: ServerSlot, of_address: Option<Counted>) -> Self {
        Self { of_server: Arc::new(of_server), _of_address: of_address }
    }

    /// The same slot in the server's total, now counted for the client behind a proxy.
    #[must_use]
    pub fn for_client(&self, of_address: Option<Counted>) -> Self {
        Self { of_server: Arc::clone(&self.of_server), _of_address: of_address }
    }
}
