//! Proxies in front of the server, and the client address that they report.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV4};

use axum::http::{HeaderMap, HeaderName, header};
use serde::{Deserialize, Serialize};

use super::network::Network;
use super::peer::PeerAddr;

/// The header that most proxies write.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header in which the proxies report their clients' addresses.
///
/// Only one header is read. A proxy that writes `X-Forwarded-For` forwards a client's own `Forwarded` unchanged, and the
/// other way round, so reading both would let clients choose their address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies whose headers are trusted.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    /// Their networks.
    pub networks: Vec<Network>,
    /// The header that they write.
    pub header: ForwardedHeader,
}

impl TrustedProxies {
    /// Returns true if an address is a trusted proxy's.
    #[must_use]
    pub fn contain(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(ip))
    }

    /// The client's address for a request over a socket to `socket_ip`.
    ///
    /// Each proxy appends the address that it was connected to. The client is therefore the first address from the right
    /// that is not a trusted proxy's; anything to the left of it may have been written by the client. If an address cannot
    /// be parsed, the proxy that wrote it counts as the client.
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
        // A proxy may add a header line of its own instead of extending the last one.
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

/// The parts of a text between unquoted separators, from the right: a quotation mark on the left, which a client may have
/// written, must not change how a proxy's part is read.
fn from_the_right(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.rsplit(move |character| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

/// The value of the `for` parameter in an element of `Forwarded`.
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
        // The header that is not configured was written by the client.
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
    fn only_headers_of_trusted_proxies_count() {
        let of = |socket_ip, lines: &[_]| client(ForwardedHeader::XForwardedFor, socket_ip, lines);
        assert_eq!(of("203.0.113.9", &["192.0.2.7"]), "203.0.113.9", "not a trusted proxy");
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
}
