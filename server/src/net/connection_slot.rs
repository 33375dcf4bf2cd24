//! The slot that a connection occupies among all connections that the server accepts.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::address_counts::Counted;

/// A connection's slot in the server's total, and in its address's share. Dropping it frees both.
#[derive(Debug)]
pub struct ConnectionSlot {
    of_server: Arc<OwnedSemaphorePermit>,
    _of_address: Option<Counted>,
}

impl ConnectionSlot {
    /// A slot in the server's total, and one of an address if that address is counted.
    #[must_use]
    pub fn new(of_server: Arc<OwnedSemaphorePermit>, of_address: Option<Counted>) -> Self {
        Self { of_server, _of_address: of_address }
    }

    /// The same slot in the server's total, now counted for the client behind a proxy.
    #[must_use]
    pub fn for_client(&self, of_address: Option<Counted>) -> Self {
        Self::new(Arc::clone(&self.of_server), of_address)
    }
}
