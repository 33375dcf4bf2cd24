//! Recognizing requests from the server's own machine. The admin API and the metrics share this rule.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use crate::net::origin::is_loopback;
use crate::net::peer::PeerAddr;

/// Headers by which proxies tell that they have forwarded a request, besides those that begin with [`FORWARDED_PREFIX`].
const PROXY_HEADERS: [&str; 9] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "cf-connecting-ip",
    "fastly-client-ip",
    "true-client-ip",
];
/// The beginning of `X-Forwarded-For` and its like.
const FORWARDED_PREFIX: &str = "x-forwarded";

/// Returns true if a request comes from this machine, through no proxy, and names the machine by one of its own names. Under
/// another name it may be a page of the Internet in a browser here (DNS rebinding).
#[must_use]
pub fn is_from_own_machine(peer: PeerAddr, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    peer.ip.is_loopback()
        && !peer.is_proxied
        && !is_forwarded(headers)
        && host.is_some_and(|host| is_loopback(host.host()))
        && hosts.next().is_none()
}

/// Returns true if a header shows that a proxy has forwarded the request, whether that proxy is trusted or not.
#[must_use]
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with(FORWARDED_PREFIX) || PROXY_HEADERS.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn is_own(peer: PeerAddr, lines: &[(&str, &str)]) -> bool {
        let line =
            |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        is_from_own_machine(peer, &lines.iter().map(line).collect())
    }

    #[test]
    fn a_request_by_a_name_of_this_machine_is_from_it() {
        let peer = |ip: &str| PeerAddr::direct(ip.parse().unwrap());
        for host in ["127.0.0.1:7777", "localhost", "LOCALHOST:80", "[::1]:7777", "admin.localhost:7777"] {
            assert!(is_own(peer("127.0.0.1"), &[("host", host)]), "{host}");
        }
        for ip in ["127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            assert!(is_own(peer(ip), &[("host", "localhost")]), "{ip}");
        }
        for ip in ["192.0.2.7", "10.0.0.1", "2001:db8::7"] {
            assert!(!is_own(peer(ip), &[("host", "localhost")]), "{ip}: another machine");
        }
        for host in
            ["rebound.example.org:7777", "192.0.2.7", "127.0.0.1.example.org", "", "localhost@evil.example"]
        {
            assert!(!is_own(peer("127.0.0.1"), &[("host", host)]), "{host}: a foreign name that leads here");
        }
        assert!(!is_own(peer("127.0.0.1"), &[]), "no name at all");
        assert!(!is_own(peer("127.0.0.1"), &[("host", "localhost"), ("host", "localhost")]), "two");
    }

    #[test]
    fn a_forwarded_request_is_not_from_this_machine() {
        let here = PeerAddr::direct([127, 0, 0, 1].into());
        let more = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server"];
        for name in PROXY_HEADERS.into_iter().chain(more) {
            assert!(!is_own(here, &[("host", "localhost"), (name, "for=127.0.0.1")]), "{name}");
        }
        assert!(!is_own(PeerAddr { is_proxied: true, ..here }, &[("host", "localhost")]));
    }
}
