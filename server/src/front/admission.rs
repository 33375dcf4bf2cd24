//! Admission: the limits on all connections together, and on the connections, requests and joins of each address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, header};
use governor::Quota;

use crate::net::address_counts::{AddressCounts, Counted};
use crate::net::connection_slot::{ConnectionSlot, NoSlot, ReturnPlaces, ServerSlots};
use crate::net::origin::check_origin;
use crate::net::peer::PeerAddr;
use crate::net::proxies::TrustedProxies;
use crate::net::rates::{AddressRates, Rate, per_minute, per_second};
use crate::rooms::limits::Limits;
use crate::rooms::refusal::Refusal;
use crate::rooms::request::Opener;

/// Seconds' worth of requests, or of TLS handshakes, that an address may make at once: a page takes some dozens of requests over
/// up to six connections, and a school class opens it together.
const BURST_SECONDS: u32 = 15;

/// The admission limits of a server.
///
/// Per-address state is bounded: counts never exceed the open connections, and rates use a fixed table.
#[derive(Debug)]
pub struct Admission {
    limits: Arc<Limits>,
    proxies: TrustedProxies,
    slots: Arc<ServerSlots>,
    returns: Arc<ReturnPlaces>,
    connections: Arc<AddressCounts>,
    returns_by_address: Arc<AddressCounts>,
    requests: AddressRates,
    handshakes: AddressRates,
    joins: AddressRates,
    resumes: AddressRates,
    proxy_warnings: Rate,
}

/// The purpose of a player's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// A new seat or place.
    Join,
    /// The player's own seat.
    Resume,
}

impl Admission {
    /// Admission to a server of `max_connections` slots. `returns` are the places beyond them for clients that resume.
    #[must_use]
    pub fn new(limits: Limits, max_connections: usize, returns: Arc<ReturnPlaces>, now: Instant) -> Self {
        let rates = |quota: Quota| AddressRates::new(quota, now);
        Self {
            proxies: limits.proxies(),
            slots: ServerSlots::new(max_connections),
            returns,
            connections: Arc::new(AddressCounts::new(limits.connections_per_ip)),
            returns_by_address: Arc::new(AddressCounts::new(limits.connections_per_ip)),
            requests: rates(per_second(limits.requests_per_ip_second, BURST_SECONDS)),
            handshakes: rates(per_second(limits.tls_handshakes_per_ip_second, BURST_SECONDS)),
            joins: rates(per_minute(limits.joins_per_ip_minute)),
            resumes: rates(per_minute(limits.resumes_per_ip_minute)),
            proxy_warnings: Rate::new(per_minute(1), now),
            limits: Arc::new(limits),
        }
    }

    /// Open connections, and seats held for lost ones.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.slots.taken()
    }

    /// All slots.
    #[must_use]
    pub fn max_connections(&self) -> usize {
        self.slots.all()
    }

    /// The `[limits]` section.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// A slot for a new connection from an address. A proxy's connection counts for no address until a request names its client.
    ///
    /// If the server or the address has none, the slot may be one that is only for the way back to a seat.
    ///
    /// # Errors
    /// [`NoSlot`] if there is none of that kind either.
    pub fn admit(&self, ip: IpAddr) -> Result<ConnectionSlot, NoSlot> {
        let peer = PeerAddr::direct(ip);
        self.own_slot(peer).or_else(|missing| {
            let of_address = self.count_among(&self.returns_by_address, peer).map_err(|_| missing)?;
            let place = self.returns.take().ok_or(missing)?;
            Ok(ConnectionSlot::for_return(peer.ip, place, of_address, missing))
        })
    }

    fn own_slot(&self, peer: PeerAddr) -> Result<ConnectionSlot, NoSlot> {
        let of_server = self.slots.take().ok_or(NoSlot::Server)?;
        let of_address = self.count_among(&self.connections, peer)?;
        Ok(ConnectionSlot::new(peer.ip, of_server, of_address))
    }

    /// Counts a connection that is about to begin a TLS handshake. This comes before the handshake's first byte is read: a flood
    /// from one address must not keep the front's thread from the others' handshakes. A trusted proxy may make any number.
    ///
    /// # Errors
    /// [`NoSlot::Handshakes`].
    pub fn check_handshake(&self, ip: IpAddr, now: Instant) -> Result<(), NoSlot> {
        let peer = PeerAddr::direct(ip);
        if self.is_exempt(peer) || self.proxies.contain(peer.ip) {
            return Ok(());
        }
        self.handshakes.take(peer.group(), now).map_err(|_| NoSlot::Handshakes)
    }

    /// The slot of a player's connection: the connection's own, counted for the client if a proxy has opened it.
    ///
    /// # Errors
    /// [`Refusal::AllConnectionsTaken`] or [`Refusal::TooManyConnections`] if the slot is only for the way back and the player
    /// is new.
    pub fn admit_player(
        &self,
        slot: &Arc<ConnectionSlot>,
        peer: PeerAddr,
        errand: Errand,
    ) -> Result<Arc<ConnectionSlot>, Refusal> {
        let slot = if peer.is_proxied {
            Arc::new(slot.for_client(peer.ip, self.count_among(&self.connections, peer)))
        } else {
            Arc::clone(slot)
        };
        match slot.missing() {
            Some(missing) if errand == Errand::Join => Err(missing.refusal()),
            _ => Ok(slot),
        }
    }

    /// Counts a connection for its address, unless that is exempt or a proxy's own.
    fn count_among(&self, counts: &Arc<AddressCounts>, peer: PeerAddr) -> Result<Option<Counted>, NoSlot> {
        if self.is_exempt(peer) || (!peer.is_proxied && self.proxies.contain(peer.ip)) {
            return Ok(None);
        }
        counts.take(peer.group()).map(Some).ok_or(NoSlot::Address)
    }

    /// Returns true if an address is exempt from the limits on single addresses.
    #[must_use]
    pub fn is_exempt(&self, peer: PeerAddr) -> bool {
        self.limits.exempt.iter().any(|network| network.contains(peer.ip))
    }

    /// The client's address for a request over a socket to `ip`.
    #[must_use]
    pub fn peer(&self, ip: IpAddr, headers: &HeaderMap) -> PeerAddr {
        self.proxies.client(ip, headers)
    }

    /// Logs, at most once a minute, that a proxy on this machine is not listed: all its clients would count as this machine.
    pub fn warn_of_unlisted_proxy(&self, socket_ip: IpAddr, headers: &HeaderMap, now: Instant) {
        let ip = socket_ip.to_canonical();
        let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
        if is_forwarded
            && ip.is_loopback()
            && !self.proxies.contain(ip)
            && self.proxy_warnings.take(1, now).is_ok()
        {
            tracing::warn!(
                proxy = %ip,
                "a proxy on this machine is not in limits.trusted_proxies: its clients count as this machine"
            );
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`].
    pub fn check_request(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.requests, peer, now, Refusal::TooManyRequests)
    }

    /// Counts an attempt to join, refused or not: guesses of codes count too.
    ///
    /// # Errors
    /// [`Refusal::TooManyJoins`].
    pub fn check_join(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.joins, peer, now, Refusal::TooManyJoins)
    }

    /// Counts an attempt to resume.
    ///
    /// # Errors
    /// [`Refusal::TooManyJoins`].
    pub fn check_resume(&self, peer: PeerAddr, now: Instant) -> Result<(), Refusal> {
        self.take(&self.resumes, peer, now, Refusal::TooManyJoins)
    }

    /// The opener that a client's rooms are charged to; `None` if the address is exempt.
    #[must_use]
    pub fn opener(&self, peer: PeerAddr, account: Option<&str>) -> Option<Opener> {
        (!self.is_exempt(peer)).then(|| Opener::new(peer.group(), account))
    }

    /// Checks the page that a handshake, or a request that changes something, comes from.
    ///
    /// # Errors
    /// [`Refusal::WrongOrigin`].
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        Ok(check_origin(&self.limits.origins, headers)?)
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

impl NoSlot {
    /// The refusal for it.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Server => Refusal::AllConnectionsTaken,
            Self::Address => Refusal::TooManyConnections,
            Self::Handshakes => Refusal::TooManyHandshakes,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::net::connection_slot::SPARE_RETURNS;

    use super::*;

    fn admission(limits: Limits) -> Admission {
        Admission::new(limits, 4, Arc::default(), Instant::now())
    }

    /// The slot that a connection lacks.
    fn missing(admission: &Admission, text: &str) -> Option<NoSlot> {
        admission.admit(ip(text)).unwrap().missing()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn slots_run_out_for_an_address_and_for_the_server() {
        let admission = admission(Limits { connections_per_ip: 2, ..Limits::default() });
        let first = admission.admit(ip("192.0.2.7")).unwrap();
        let _second = admission.admit(ip("::ffff:192.0.2.7")).unwrap();
        assert_eq!(missing(&admission, "192.0.2.7"), Some(NoSlot::Address));
        assert_eq!(admission.connections(), 2, "a refused connection has no slot");
        let _local: Vec<_> = (0..2).map(|_| admission.admit(ip("127.0.0.1")).unwrap()).collect();
        assert_eq!(missing(&admission, "127.0.0.1"), Some(NoSlot::Server));
        drop(first);
        assert_eq!(missing(&admission, "192.0.2.7"), None);
    }

    #[test]
    fn connections_beyond_the_limits_are_only_for_the_way_back_and_limited_too() {
        let admission = admission(Limits { connections_per_ip: 2, ..Limits::default() });
        let peer = PeerAddr::direct(ip("192.0.2.7"));
        let slots = [(); 4].map(|()| Arc::new(admission.admit(peer.ip).unwrap()));
        assert_eq!(slots.each_ref().map(|slot| slot.missing().is_some()), [false, false, true, true]);
        assert_eq!(
            admission.admit(peer.ip).unwrap_err(),
            NoSlot::Address,
            "no more than its limit once more"
        );
        let refused = admission.admit_player(&slots[2], peer, Errand::Join);
        assert_eq!(refused.unwrap_err(), Refusal::TooManyConnections);
        assert!(admission.admit_player(&slots[2], peer, Errand::Resume).is_ok());
        assert!(admission.admit_player(&slots[1], peer, Errand::Join).is_ok());
        let others: Vec<_> = (0..).map_while(|_| admission.admit(ip("127.0.0.1")).ok()).collect();
        assert_eq!(others.iter().filter(|slot| slot.missing().is_none()).count(), 2);
        assert_eq!(others.len(), SPARE_RETURNS, "two of its own, and all but two of the spare ones");
        assert_eq!(admission.admit(ip("192.0.2.9")).unwrap_err(), NoSlot::Server);
    }

    #[test]
    fn behind_a_proxy_clients_are_counted() {
        let limits = Limits {
            connections_per_ip: 1,
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            ..Limits::default()
        };
        let admission = admission(limits);
        let connections = [(); 3].map(|()| Arc::new(admission.admit(ip("10.0.0.1")).unwrap()));
        let client = |text| PeerAddr { ip: ip(text), is_proxied: true };
        let join =
            |index: usize, text| admission.admit_player(&connections[index], client(text), Errand::Join);
        let player = join(0, "192.0.2.7").unwrap();
        assert_eq!(join(1, "192.0.2.7").unwrap_err(), Refusal::TooManyConnections);
        let back = admission.admit_player(&connections[1], client("192.0.2.7"), Errand::Resume).unwrap();
        assert_eq!(back.missing(), Some(NoSlot::Address), "it is good for the player's own seat");
        assert!(join(1, "192.0.2.8").is_ok());
        assert_eq!(
            missing(&admission, "192.0.2.7"),
            Some(NoSlot::Address),
            "counted over the proxy and directly"
        );
        drop(back);
        drop(connections);
        assert_eq!(admission.connections(), 1, "the player's");
        drop(player);
        assert_eq!(missing(&admission, "192.0.2.7"), None);
    }

    #[test]
    fn joins_resumes_and_requests_have_rates_of_their_own() {
        let limits = Limits {
            joins_per_ip_minute: 2,
            resumes_per_ip_minute: 3,
            requests_per_ip_second: 1,
            tls_handshakes_per_ip_second: 2,
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            ..Limits::default()
        };
        let admission = admission(limits);
        let handshakes = |from: &str| {
            (0..100).take_while(|_| admission.check_handshake(ip(from), Instant::now()).is_ok()).count()
        };
        assert_eq!(handshakes("192.0.2.7"), 30);
        assert_eq!(
            (handshakes("10.0.0.1"), handshakes("127.0.0.1")),
            (100, 100),
            "a proxy, and an exempt one"
        );
        let (peer, now) = (PeerAddr::direct(ip("192.0.2.7")), Instant::now());
        let taken = |take: &dyn Fn() -> Result<(), Refusal>| (0..100).take_while(|_| take().is_ok()).count();
        assert_eq!(taken(&|| admission.check_join(peer, now)), 2);
        assert_eq!(taken(&|| admission.check_resume(peer, now)), 3);
        assert_eq!(taken(&|| admission.check_request(peer, now)), 15);
        assert_eq!(admission.check_join(peer, now), Err(Refusal::TooManyJoins(30)));
        assert_eq!(admission.check_join(peer, now + Duration::from_secs(30)), Ok(()));
        let local = PeerAddr::direct(ip("::1"));
        assert_eq!(taken(&|| admission.check_join(local, now)), 100, "exempt");
    }
}
