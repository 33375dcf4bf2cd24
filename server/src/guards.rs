//! Who is let in: the limits on all connections together and on those of each address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use governor::Quota;
use tokio::sync::Semaphore;

use crate::counts::{Counted, Counts, Owner};
use crate::limits::Limits;
use crate::origin::check_origin;
use crate::peer::{PeerAddr, TrustedProxies};
use crate::permit::Permit;
use crate::rates::{AddressRates, per_minute, per_second};
use crate::refusal::Refusal;

/// For how many seconds the requests of an address may be saved up: a page takes some dozens, and a class opens it at once.
const REQUEST_BURST_SECONDS: u32 = 15;

/// The guards of a server. What they keep of addresses is bounded by the number of connections and rooms, or not at all theirs.
#[derive(Debug)]
pub struct Guards {
    limits: Arc<Limits>,
    proxies: TrustedProxies,
    max_connections: usize,
    places: Arc<Semaphore>,
    connections: Arc<Counts>,
    rooms: Arc<Counts>,
    requests: AddressRates,
    joins: AddressRates,
    resumes: AddressRates,
}

/// A connection is turned away before anything is read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    Server,
    /// All places of its address are taken.
    Address,
}

impl Guards {
    /// The guards of so many places.
    #[must_use]
    pub fn new(limits: Limits, max_connections: usize, now: Instant) -> Self {
        let rates = |quota: Quota| AddressRates::new(quota, now);
        Self {
            proxies: limits.proxies(),
            max_connections,
            places: Arc::new(Semaphore::new(max_connections)),
            connections: Arc::new(Counts::new(limits.connections_per_ip)),
            rooms: Arc::new(Counts::new(limits.rooms_per_ip)),
            requests: rates(per_second(limits.requests_per_ip_second, REQUEST_BURST_SECONDS)),
            joins: rates(per_minute(limits.joins_per_ip_minute)),
            resumes: rates(per_minute(limits.resumes_per_ip_minute)),
            limits: Arc::new(limits),
        }
    }

    /// Connections that are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.max_connections - self.places.available_permits()
    }

    /// How many there may be.
    #[must_use]
    pub fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// What the operator has set.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// A place for a connection from an address. One from a proxy is counted with nobody's before it says for whom it is.
    ///
    /// # Errors
    /// [`Full`] says what is.
    pub fn admit(&self, ip: IpAddr) -> Result<Permit, Full> {
        let peer = PeerAddr::direct(ip);
        let among_all = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Full::Server)?;
        let of_address = if self.proxies.contain(peer.ip) { None } else { self.count(peer)? };
        Ok(Permit::new(Arc::new(among_all), of_address))
    }

    /// The permit of a player's connection: that of `connection`, and if a proxy has opened it, one of the client's.
    ///
    /// # Errors
    /// [`Refusal::TooManyConnections`].
    pub fn admit_player(&self, connection: &Arc<Permit>, peer: PeerAddr) -> Result<Arc<Permit>, Refusal> {
        if !peer.is_proxied {
            return Ok(Arc::clone(connection));
        }
        let of_address = self.count(peer).map_err(|_| Refusal::TooManyConnections)?;
        Ok(Arc::new(connection.for_client(of_address)))
    }

    fn count(&self, peer: PeerAddr) -> Result<Option<Counted>, Full> {
        if self.is_exempt(peer) {
            return Ok(None);
        }
        self.connections.take(peer.group()).map(Some).ok_or(Full::Address)
    }

    /// Whether no limit on each address applies to one.
    #[must_use]
    pub fn is_exempt(&self, peer: PeerAddr) -> bool {
        self.limits.exempt.iter().any(|network| network.contains(peer.ip))
    }

    /// Who a request over a socket to `ip` comes from.
    #[must_use]
    pub fn peer(&self, ip: IpAddr, headers: &HeaderMap) -> PeerAddr {
        self.proxies.client(ip, headers)
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`].
    pub fn check_request(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.requests, peer, now, Refusal::TooManyRequests)
    }

    /// Counts a join that is asked for, whatever comes of it: who guesses is counted too.
    ///
    /// # Errors
    /// [`Refusal::TooManyJoins`].
    pub fn check_join(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.joins, peer, now, Refusal::TooManyJoins)
    }

    /// Counts an attempt to come back to a seat.
    ///
    /// # Errors
    /// [`Refusal::TooManyJoins`].
    pub fn check_resume(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.resumes, peer, now, Refusal::TooManyJoins)
    }

    /// Whom the rooms that are opened for an address count as those of; of nobody if it is exempt.
    #[must_use]
    pub fn owner(&self, peer: PeerAddr) -> Option<Owner> {
        (!self.is_exempt(peer)).then(|| Owner::new(&self.rooms, peer.group()))
    }

    /// Checks whose page a handshake, or a request that changes something, comes from.
    ///
    /// # Errors
    /// [`Refusal::WrongOrigin`].
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        check_origin(&self.limits.origins, headers)
    }

    fn take(
        &self,
        rates: &AddressRates,
        peer: PeerAddr,
        now: Instant,
        refusal: impl FnOnce(u64) -> Refusal,
    ) -> Result<(), Refusal> {
        if self.is_exempt(peer) {
            return Ok(());
        }
        rates.take(peer.group(), now).map_err(|wait| refusal((wait.as_secs_f64().ceil() as u64).max(1)))
    }
}

impl Full {
    /// Why a connection is refused.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Server => Refusal::AllConnectionsTaken,
            Self::Address => Refusal::TooManyConnections,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn guards(limits: Limits) -> Guards {
        Guards::new(limits, 4, Instant::now())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_run_out_for_an_address_and_for_all() {
        let guards = guards(Limits { connections_per_ip: 2, ..Limits::default() });
        let first = guards.admit(ip("192.0.2.7")).unwrap();
        let _second = guards.admit(ip("::ffff:192.0.2.7")).unwrap();
        assert_eq!(guards.admit(ip("192.0.2.7")).unwrap_err(), Full::Address);
        assert_eq!(guards.connections(), 2, "who is turned away has no place");
        let _local: Vec<_> = (0..2).map(|_| guards.admit(ip("127.0.0.1")).unwrap()).collect();
        assert_eq!(guards.admit(ip("127.0.0.1")).unwrap_err(), Full::Server);
        drop(first);
        assert!(guards.admit(ip("192.0.2.7")).is_ok());
    }

    #[test]
    fn behind_a_proxy_its_clients_are_counted() {
        let limits = Limits {
            connections_per_ip: 1,
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            ..Limits::default()
        };
        let guards = guards(limits);
        let connections = [(); 3].map(|()| Arc::new(guards.admit(ip("10.0.0.1")).unwrap()));
        let client = |text| PeerAddr { ip: ip(text), is_proxied: true };
        let player = guards.admit_player(&connections[0], client("192.0.2.7")).unwrap();
        let refused = guards.admit_player(&connections[1], client("192.0.2.7"));
        assert_eq!(refused.unwrap_err(), Refusal::TooManyConnections);
        assert!(guards.admit_player(&connections[1], client("192.0.2.8")).is_ok());
        assert!(guards.admit(ip("192.0.2.7")).is_err(), "however it comes");
        drop(connections);
        assert_eq!(guards.connections(), 1, "the player's");
        drop(player);
        assert!(guards.admit(ip("192.0.2.7")).is_ok());
    }

    #[test]
    fn joins_resumes_and_requests_have_rates_of_their_own() {
        let limits = Limits {
            joins_per_ip_minute: 2,
            resumes_per_ip_minute: 3,
            requests_per_ip_second: 1,
            ..Limits::default()
        };
        let guards = guards(limits);
        let (peer, now) = (PeerAddr::direct(ip("192.0.2.7")), Instant::now());
        let taken = |take: &dyn Fn() -> Result<(), Refusal>| (0..100).take_while(|_| take().is_ok()).count();
        assert_eq!(taken(&|| guards.check_join(peer, now)), 2);
        assert_eq!(taken(&|| guards.check_resume(peer, now)), 3);
        assert_eq!(taken(&|| guards.check_request(peer, now)), 15);
        assert_eq!(guards.check_join(peer, now), Err(Refusal::TooManyJoins(30)));
        assert_eq!(guards.check_join(peer, now + Duration::from_secs(30)), Ok(()));
        let local = PeerAddr::direct(ip("::1"));
        assert_eq!(taken(&|| guards.check_join(local, now)), 100, "exempt");
    }
}
