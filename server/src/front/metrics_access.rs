//! The access to `GET /metrics`: from this machine, or with a token.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

use crate::net::peer::PeerAddr;
use crate::settings::secret::Secret;

use super::bearer::has_bearer_token;

/// The `[metrics]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct MetricsConfig {
    /// True if `/metrics` is served.
    pub enabled: bool,
    /// The token that lets other machines read it; `None` for this machine alone.
    pub token: Option<Secret>,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { enabled: true, token: None }
    }
}

impl MetricsConfig {
    /// Returns true if a request may read the metrics.
    #[must_use]
    pub fn admits(&self, peer: PeerAddr, headers: &HeaderMap) -> bool {
        self.token.as_ref().is_some_and(|token| has_bearer_token(headers, token)) || is_local(peer, headers)
    }
}

/// Returns true if a request comes from this machine. A forwarded one does not, whether its proxy is trusted or not.
fn is_local(peer: PeerAddr, headers: &HeaderMap) -> bool {
    let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    peer.ip.is_loopback() && !is_forwarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_for_this_machine_and_for_holders_of_the_token() {
        let closed = MetricsConfig::default();
        let open = MetricsConfig { token: Some(Secret::new("abc".into())), ..MetricsConfig::default() };
        let peer = |ip: &str| PeerAddr::direct(ip.parse().unwrap());
        let mut headers = HeaderMap::new();
        for ip in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            assert!(closed.admits(peer(ip), &headers) && open.admits(peer(ip), &headers), "{ip}");
        }
        for ip in ["192.0.2.7", "10.0.0.1", "2001:db8::7"] {
            assert!(!closed.admits(peer(ip), &headers) && !open.admits(peer(ip), &headers), "{ip}");
        }
        headers.insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
        assert!(!closed.admits(peer("127.0.0.1"), &headers), "through a proxy on this machine");
        headers.insert(header::AUTHORIZATION, "Bearer abc".parse().unwrap());
        assert!(!closed.admits(peer("192.0.2.7"), &headers) && open.admits(peer("192.0.2.7"), &headers));
    }
}
