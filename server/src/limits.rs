//! What the server takes from clients: the `[limits]` of the configuration.

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::origin::{AllowedOrigin, default_origins};
use crate::peer::{ForwardedHeader, TrustedProxies};

/// The `[limits]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct Limits {
    /// Networks of the proxies in front of the server, whose word on a client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// The header in which those proxies tell it: `x-forwarded-for` or `forwarded`.
    pub forwarded_header: ForwardedHeader,
    /// Pages from which browsers may come: `same-origin`, `loopback`, `*`, or origins such as `https://play.example.org`.
    pub origins: Vec<AllowedOrigin>,
    /// Networks to which no limit on each address applies.
    pub exempt: Vec<Network>,
}

impl Default for Limits {
    fn default() -> Self {
        let exempt = ["127.0.0.0/8", "::1"].map(|network| network.parse().expect("these are networks"));
        Self {
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            origins: default_origins(),
            exempt: exempt.into(),
        }
    }
}

impl Limits {
    /// The proxies in front of the server.
    #[must_use]
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies { networks: self.trusted_proxies.clone(), header: self.forwarded_header }
    }
}
