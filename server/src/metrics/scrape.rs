//! `GET /metrics`, and who may read it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::bearer::brings;
use crate::config::Secret;
use crate::files::not_found;
use crate::front::Front;
use crate::peer::PeerAddr;

/// The type of Prometheus' text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The settings of `/metrics`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct MetricsConfig {
    /// Whether it is there.
    pub enabled: bool,
    /// With this token it can be read from anywhere; else from this machine alone.
    pub token: Option<Secret>,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { enabled: true, token: None }
    }
}

impl MetricsConfig {
    /// Whether a request may read them.
    fn admits(&self, peer: PeerAddr, headers: &HeaderMap) -> bool {
        self.token.as_ref().is_some_and(|token| brings(headers, token)) || is_local(peer, headers)
    }
}

/// Whether a request comes from this machine. One that a proxy has passed on does not, whoever the proxy is.
fn is_local(peer: PeerAddr, headers: &HeaderMap) -> bool {
    let is_passed_on = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    peer.ip.is_loopback() && !is_passed_on
}

/// `GET /metrics`.
pub async fn scrape(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
) -> Response {
    if !front.metrics.enabled {
        return not_found();
    }
    if !front.metrics.admits(peer, &headers) {
        let body = json!({
            "error": "forbidden",
            "message": "metrics are for this machine and for who brings the token of the settings",
        });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    }
    let text = front.lobby.metrics().text(&front.lobby, front.connections());
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_for_this_machine_and_for_who_brings_the_token() {
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
