//! The access to `GET /metrics`: from this machine, or with a token.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::net::peer::PeerAddr;
use crate::settings::secret::Secret;

use super::bearer::has_bearer_token;
use super::own_machine::is_from_own_machine;

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
        self.token.as_ref().is_some_and(|token| has_bearer_token(headers, token))
            || is_from_own_machine(peer, headers)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn metrics_are_for_this_machine_and_for_holders_of_the_token() {
        let closed = MetricsConfig::default();
        let open = MetricsConfig { token: Some(Secret::new("abc".into())), ..MetricsConfig::default() };
        let [here, elsewhere] = [[127, 0, 0, 1], [192, 0, 2, 7]].map(|ip| PeerAddr::direct(ip.into()));
        let mut headers = HeaderMap::from_iter([(header::HOST, "localhost".parse().unwrap())]);
        assert!(closed.admits(here, &headers) && open.admits(here, &headers));
        assert!(!closed.admits(elsewhere, &headers) && !open.admits(elsewhere, &headers));
        headers.insert(header::AUTHORIZATION, "Bearer abc".parse().unwrap());
        assert!(!closed.admits(elsewhere, &headers) && open.admits(elsewhere, &headers));
        headers.insert(header::VIA, "1.1 proxy".parse().unwrap());
        assert!(!closed.admits(here, &headers) && open.admits(here, &headers), "forwarded");
    }
}
