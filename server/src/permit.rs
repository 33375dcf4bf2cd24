//! A connection's place among all that the server holds.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::counts::Counted;

/// A connection's place among all, and among those of its address. What keeps it, keeps both.
#[derive(Debug)]
pub struct Permit {
    among_all: Arc<OwnedSemaphorePermit>,
    _of_address: Option<Counted>,
}

impl Permit {
    /// A place among all, and one among those of an address if they are counted.
    #[must_use]
    pub fn new(among_all: Arc<OwnedSemaphorePermit>, of_address: Option<Counted>) -> Self {
        Self { among_all, _of_address: of_address }
    }

    /// The same place among all, now of the client for whom a proxy has opened the connection.
    #[must_use]
    pub fn for_client(&self, of_address: Option<Counted>) -> Self {
        Self::new(Arc::clone(&self.among_all), of_address)
    }
}
