//! The address that a request comes from, and the group of addresses that count as one client.

use std::net::{IpAddr, Ipv6Addr};

/// Leading bits of an IPv6 address that identify a household or a machine. It can use any number of addresses behind them.
const IPV6_GROUP_BITS: u32 = 64;

/// The address that a request comes from, an extension of each request. Behind trusted proxies it is the address that they
/// report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr {
    /// The client's address; an IPv4-mapped IPv6 address is stored as IPv4.
    pub ip: IpAddr,
    /// True if a trusted proxy forwarded the request, so that its other headers about the client can be trusted.
    pub is_proxied: bool,
}

/// The addresses that are counted as one client: an IPv4 address, or the /64 network of an IPv6 one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerGroup(IpAddr);

impl PeerAddr {
    /// The address of a socket's other end.
    #[must_use]
    pub fn direct(ip: IpAddr) -> Self {
        Self { ip: ip.to_canonical(), is_proxied: false }
    }

    /// The group of addresses that it is counted with.
    #[must_use]
    pub fn group(self) -> PeerGroup {
        PeerGroup(match self.ip {
            IpAddr::V4(ip) => ip.into(),
            IpAddr::V6(ip) => {
                Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (128 - IPV6_GROUP_BITS))).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_client() {
        let group = |ip: &str| PeerAddr::direct(ip.parse().unwrap()).group();
        assert_eq!(group("2001:db8:0:1::7"), group("2001:db8:0:1:ffff::9"));
        assert_ne!(group("2001:db8:0:1::7"), group("2001:db8:0:2::7"));
        assert_ne!(group("192.0.2.7"), group("192.0.2.8"));
        assert_eq!(group("192.0.2.7"), group("::ffff:192.0.2.7"));
    }
}
