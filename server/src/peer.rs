//! Who a request comes from: the socket's other end, or whom the proxies in front of the server name.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV4};

use axum::http::{HeaderMap, HeaderName, header};
use serde::{Deserialize, Serialize};

use crate::network::Network;

/// The bits of an IPv6 address that tell one network of a household or a machine from the next: within them it has as many
/// addresses as it likes.
const IPV6_GROUP_BITS: u32 = 64;
/// The header of the many.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from, an extension of each request. Behind trusted proxies it is the one that they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr {
    /// The client's address; never an IPv6 one that stands for an IPv4 one.
    pub ip: IpAddr,
    /// Whether a trusted proxy has passed the request on: then what else it says of the client is to be believed.
    pub is_proxied: bool,
}

/// The addresses that are counted as one client: an IPv4 address, or the /64 network of an IPv6 one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerGroup(IpAddr);

/// The header in which the proxies tell their clients' addresses. Only one is read: a proxy that writes one of them may
/// pass on what a client has written in the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies whose word is taken.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    /// Where they are.
    pub networks: Vec<Network>,
    /// Where they tell it.
    pub header: ForwardedHeader,
}

impl PeerAddr {
    /// The other end of a socket.
    #[must_use]
    pub fn direct(ip: IpAddr) -> Self {
        Self { ip: ip.to_canonical(), is_proxied: false }
    }

    /// Whom it is counted with.
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

impl TrustedProxies {
    /// Whether the word of an address is taken.
    #[must_use]
    pub fn contain(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(ip))
    }

    /// Who a request over a socket to `socket_ip` comes from.
    ///
    /// Each proxy adds at the right whom it was connected to. So the client is the first address from the right that is no
    /// trusted proxy's; what stands to the left of it, anybody may have written. Where an address cannot be read, the proxy
    /// that wrote it counts as the client.
    #[must_use]
    pub fn client(&self, socket_ip: IpAddr, headers: &HeaderMap) -> PeerAddr {
        let mut client = PeerAddr::direct(socket_ip);
        if !self.contain(client.ip) {
            return client;
        }
        client.is_proxied = true;
        let name = match self.header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => header::FORWARDED,
        };
        // A proxy may add a line of its own instead of adding to the last one.
        for line in headers.get_all(name).iter().rev() {
            let Ok(line) = line.to_str() else { return client };
            for element in from_the_right(line, ',') {
                let node = match self.header {
                    ForwardedHeader::XForwardedFor => Some(element),
                    ForwardedHeader::Forwarded => node_of(element),
                };
                let Some(ip) = node.and_then(parse_node) else { return client };
                client.ip = ip;
                if !self.contain(ip) {
                    return client;
                }
            }
        }
        client
    }
}

/// The parts of a text between separators that are not quoted. It is read from the right, so that no quotation mark on the
/// left, which a client may have written, changes what a proxy has added.
fn from_the_right(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.rsplit(move |character| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

/// What an element of `Forwarded` says of the client: the value of its `for`.
fn node_of(element: &str) -> Option<&str> {
    let pairs = from_the_right(element, ';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    named.next().map(|(_, value)| value)
}

/// The address in `192.0.2.7`, `192.0.2.7:80`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:80`, quoted or not.
fn parse_node(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let node = node.strip_prefix('"').and_then(|node| node.strip_suffix('"')).unwrap_or(node);
    let ip: IpAddr = match node.strip_prefix('[') {
        Some(bracketed) => {
            let (ip, port) = bracketed.split_once(']')?;
            let is_port = |port: &str| port.parse::<u16>().is_ok();
            if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
                return None;
            }
            ip.parse::<Ipv6Addr>().ok()?.into()
        }
        None => {
            node.parse().or_else(|_| node.parse::<SocketAddrV4>().map(|v4| v4.ip().to_owned().into())).ok()?
        }
    };
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ForwardedHeader, socket_ip: &str, lines: &[&'static str]) -> String {
        let networks = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let proxies = TrustedProxies { networks: networks.into(), header };
        let mut headers = HeaderMap::new();
        // Whichever is not asked for is a client's invention.
        headers.append(X_FORWARDED_FOR, "1.1.1.1".parse().unwrap());
        headers.append(header::FORWARDED, "for=1.1.1.1".parse().unwrap());
        let name = match header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => header::FORWARDED,
        };
        headers.remove(&name);
        for line in lines {
            headers.append(&name, line.parse().unwrap());
        }
        proxies.client(socket_ip.parse().unwrap(), &headers).ip.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let of = |socket_ip, lines: &[_]| client(ForwardedHeader::XForwardedFor, socket_ip, lines);
        assert_eq!(of("203.0.113.9", &["192.0.2.7"]), "203.0.113.9", "nobody's proxy");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1", "the proxy itself");
        assert_eq!(of("127.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(of("::ffff:127.0.0.1", &["192.0.2.7"]), "192.0.2.7", "IPv4 over an IPv6 socket");
        assert_eq!(of("127.0.0.1", &["198.51.100.1, 192.0.2.7"]), "192.0.2.7", "the left one is a claim");
        assert_eq!(of("127.0.0.1", &["198.51.100.1", "192.0.2.7"]), "192.0.2.7", "as is an earlier line");
        assert_eq!(of("127.0.0.1", &["198.51.100.1,192.0.2.7 , 10.1.2.3"]), "192.0.2.7", "two proxies");
        assert_eq!(of("127.0.0.1", &["192.0.2.7", "10.1.2.3", "fd00::1"]), "192.0.2.7");
        assert_eq!(of("127.0.0.1", &["10.4.4.4, 10.1.2.3"]), "10.4.4.4", "a client of the inner network");
    }

    #[test]
    fn addresses_are_read_with_and_without_ports() {
        let of = |line| client(ForwardedHeader::XForwardedFor, "127.0.0.1", &[line]);
        for line in ["192.0.2.7", "192.0.2.7:4711", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:4711"] {
            assert_eq!(of(line), "192.0.2.7", "{line}");
        }
        for line in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:4711"] {
            assert_eq!(of(line), "2001:db8::7", "{line}");
        }
        for line in
            ["", "unknown", "_hidden", "192.0.2", "[2001:db8::7", "[2001:db8::7]x", "[2001:db8::7]:x", "\""]
        {
            assert_eq!(of(line), "127.0.0.1", "{line}: counted as the proxy's own");
        }
        assert_eq!(of("soup, 10.1.2.3"), "10.1.2.3", "the proxy that wrote it");
    }

    #[test]
    fn the_standard_header_is_read_as_the_standard_says() {
        let of = |lines: &[_]| client(ForwardedHeader::Forwarded, "127.0.0.1", lines);
        assert_eq!(of(&["for=192.0.2.7"]), "192.0.2.7");
        assert_eq!(of(&["by=10.1.1.1; FOR=\"[2001:db8::7]:4711\";proto=https"]), "2001:db8::7");
        assert_eq!(of(&["for=198.51.100.1, for=192.0.2.7;host=\"a,b\", for=10.1.2.3"]), "192.0.2.7");
        assert_eq!(of(&["for=198.51.100.1", "for=192.0.2.7"]), "192.0.2.7");
        assert_eq!(of(&["for=\"198.51.100.1, for=192.0.2.7"]), "192.0.2.7", "a quotation that never ends");
        assert_eq!(of(&["for=198.51.100.1\", for=192.0.2.7"]), "192.0.2.7");
        for line in ["", "192.0.2.7", "by=192.0.2.7", "for=unknown", "for=\"_x\"", "for="] {
            assert_eq!(of(&[line]), "127.0.0.1", "{line}");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let group = |ip: &str| PeerAddr::direct(ip.parse().unwrap()).group();
        assert_eq!(group("2001:db8:0:1::7"), group("2001:db8:0:1:ffff::9"));
        assert_ne!(group("2001:db8:0:1::7"), group("2001:db8:0:2::7"));
        assert_ne!(group("192.0.2.7"), group("192.0.2.8"));
        assert_eq!(group("192.0.2.7"), group("::ffff:192.0.2.7"));
    }
}
