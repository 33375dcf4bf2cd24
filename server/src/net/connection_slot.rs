//! The slot that a connection occupies among all connections that the server accepts.
//!
//! The front takes slots, and rooms' threads free them. The counts are atomics: a tick must not wait for the front.
//!
//! A held seat keeps its slot. So that its player can come back when all slots are taken, the server accepts some connections
//! beyond its limits. Such a connection is only good for the way back: its session keeps its own slot.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::address_counts::Counted;

/// Connections for the way back that are accepted even if no connection is known to be lost: the server may not have noticed yet.
pub const SPARE_RETURNS: usize = 32;

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
    /// The client's address.
    ip: IpAddr,
    of_server: Option<Arc<ServerSlot>>,
    _of_address: Option<Counted>,
    for_return: Option<Arc<ReturnPlace>>,
    missing: Option<NoSlot>,
}

/// The reason for which a new connection gets no slot of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSlot {
    /// All slots of the server are taken.
    Server,
    /// All slots of the address are taken.
    Address,
    /// The address makes too many TLS handshakes.
    Handshakes,
}

/// The places for connections on the way back: one for each held seat, and [some more](SPARE_RETURNS).
#[derive(Debug, Default)]
pub struct ReturnPlaces {
    held_seats: AtomicUsize,
    taken: AtomicUsize,
}

/// A place for a connection on the way back. It is free when it is dropped.
#[derive(Debug)]
pub struct ReturnPlace(Arc<ReturnPlaces>);

/// The place that a held seat lends, until it is dropped.
#[derive(Debug)]
pub struct LentPlace(Arc<ReturnPlaces>);

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
    /// The slot of a client at `ip`, in the server's total, and in the address's share if that is counted.
    #[must_use]
    pub fn new(ip: IpAddr, of_server: ServerSlot, of_address: Option<Counted>) -> Self {
        Self {
            ip,
            of_server: Some(Arc::new(of_server)),
            _of_address: of_address,
            for_return: None,
            missing: None,
        }
    }

    /// The client's address; of a connection through a trusted proxy, the one that the proxy reports for the player.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// A slot that is only for the way back, because no other was free.
    #[must_use]
    pub fn for_return(ip: IpAddr, place: ReturnPlace, of_address: Option<Counted>, missing: NoSlot) -> Self {
        let place = Some(Arc::new(place));
        Self { ip, of_server: None, _of_address: of_address, for_return: place, missing: Some(missing) }
    }

    /// The reason for which it is only for the way back; `None` if it is for everything.
    #[must_use]
    pub fn missing(&self) -> Option<NoSlot> {
        self.missing
    }

    /// The same slot, now counted for the client behind a proxy. If the client may have no more, it is only for the way back.
    #[must_use]
    pub fn for_client(&self, ip: IpAddr, of_address: Result<Option<Counted>, NoSlot>) -> Self {
        let missing = self.missing.or(of_address.as_ref().err().copied());
        Self {
            ip,
            of_server: self.of_server.clone(),
            _of_address: of_address.unwrap_or_default(),
            for_return: self.for_return.clone(),
            missing,
        }
    }
}

impl ReturnPlaces {
    /// Takes a place; `None` if all are taken.
    #[must_use]
    pub fn take(self: &Arc<Self>) -> Option<ReturnPlace> {
        let most = self.held_seats.load(Relaxed) + SPARE_RETURNS;
        let one_more = |taken: usize| (taken < most).then_some(taken + 1);
        self.taken.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(ReturnPlace(Arc::clone(self)))
    }

    /// Adds the place of a seat that is held from now on.
    #[must_use]
    pub fn lend(self: &Arc<Self>) -> LentPlace {
        self.held_seats.fetch_add(1, Relaxed);
        LentPlace(Arc::clone(self))
    }
}

impl Drop for ReturnPlace {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}

impl Drop for LentPlace {
    fn drop(&mut self) {
        self.0.held_seats.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_held_seat_lends_one_place() {
        let places = Arc::<ReturnPlaces>::default();
        let take = || places.take().is_some();
        let spare: Vec<_> = (0..SPARE_RETURNS).map(|_| places.take().unwrap()).collect();
        assert!(!take());
        let lent = [(); 2].map(|()| places.lend());
        let more = [places.take().unwrap(), places.take().unwrap()];
        assert!(!take());
        drop(lent);
        drop(more);
        assert!(!take(), "the spare ones are still taken");
        drop(spare);
        assert!(take());
    }
}
