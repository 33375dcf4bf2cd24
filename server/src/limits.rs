//! What the server takes from clients: the `[limits]` of the configuration.

use std::time::Duration;

use drumline_shared::limits::{ACK_TIMEOUT_SECONDS, MAX_CLIENT_MESSAGE_BYTES};
use governor::Quota;
use serde::{Deserialize, Serialize};

use crate::config::checked;
use crate::network::Network;
use crate::origin::{AllowedOrigin, default_origins};
use crate::peer::{ForwardedHeader, TrustedProxies};
use crate::rates::per_second;
use crate::socket::{MAX_MESSAGE_BYTES, MIN_MESSAGE_BYTES};

/// The `[limits]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct Limits {
    /// Connections at once, in all; none is as many as the operating system lets the process have files.
    #[serde(deserialize_with = "checked::some_within::<_, _, 1, { u32::MAX as u64 }>")]
    pub connections: Option<u32>,
    /// Connections at once from one address.
    #[serde(deserialize_with = "checked::within::<_, _, 1, { u32::MAX as u64 }>")]
    pub connections_per_ip: u32,
    /// Requests that an address may make in a second, over some seconds.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 1_000_000>")]
    pub requests_per_ip_second: u32,
    /// Joins that an address may ask for in a minute.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 1_000_000>")]
    pub joins_per_ip_minute: u32,
    /// How often players of an address may come back to their seats in a minute.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 1_000_000>")]
    pub resumes_per_ip_minute: u32,
    /// Rooms opened for an address that are open at once.
    #[serde(deserialize_with = "checked::within::<_, _, 1, { u32::MAX as u64 }>")]
    pub rooms_per_ip: u32,
    /// How long a client may take for a request, and before it for the handshake of TLS.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 300>")]
    pub handshake_seconds: u32,
    /// Bytes of a request's head.
    #[serde(deserialize_with = "checked::within::<_, _, 8192, 65_536>")]
    pub head_bytes: u32,
    /// Bytes of a message from a client.
    #[serde(deserialize_with = "checked::within::<_, _, MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES>")]
    pub message_bytes: u32,
    /// Messages that a connection may send in a second; never fewer than three a tick.
    #[serde(deserialize_with = "checked::within::<_, _, 30, 100_000>")]
    pub messages_per_second: u32,
    /// Bytes that a connection may send in a second.
    #[serde(deserialize_with = "checked::within::<_, _, 16_384, 16_777_216>")]
    pub bytes_per_second: u32,
    /// For how many seconds both may be saved up: a network that stalls delivers at once what was sent meanwhile.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 60>")]
    pub burst_seconds: u32,
    /// After how long a player goes whose inputs do not change and who says nothing; never if zero.
    #[serde(deserialize_with = "checked::within::<_, _, 0, { u32::MAX as u64 }>")]
    pub idle_seconds: u32,
    /// How long a connection may be silent, not even answering pings.
    #[serde(deserialize_with = "checked::within::<_, _, 6, 3600>")]
    pub silent_seconds: u32,
    /// How long a connection may take no data.
    #[serde(deserialize_with = "checked::within::<_, _, 1, 3600>")]
    pub blocked_seconds: u32,
    /// How long a client may acknowledge no snapshot.
    #[serde(deserialize_with = "checked::within::<_, _, 2, 3600>")]
    pub unacked_seconds: u32,
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
            connections: None,
            connections_per_ip: 512,
            requests_per_ip_second: 200,
            joins_per_ip_minute: 120,
            resumes_per_ip_minute: 600,
            rooms_per_ip: 64,
            handshake_seconds: 10,
            head_bytes: 16 * 1024,
            message_bytes: MAX_CLIENT_MESSAGE_BYTES as u32,
            messages_per_second: 250,
            bytes_per_second: 64 * 1024,
            burst_seconds: 10,
            idle_seconds: 30 * 60,
            silent_seconds: 15,
            blocked_seconds: 10,
            unacked_seconds: ACK_TIMEOUT_SECONDS,
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

    /// What is asked of a player's connection.
    #[must_use]
    pub fn of_connections(&self) -> ConnectionLimits {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        ConnectionLimits {
            message_bytes: self.message_bytes,
            messages_per_second: self.messages_per_second,
            bytes_per_second: self.bytes_per_second,
            burst_seconds: self.burst_seconds,
            idle: (self.idle_seconds > 0).then(|| seconds(self.idle_seconds)),
            silent: seconds(self.silent_seconds),
            blocked: seconds(self.blocked_seconds),
            unacked_seconds: self.unacked_seconds,
        }
    }
}

/// What is asked of a player's connection.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// Bytes of a message.
    pub message_bytes: u32,
    messages_per_second: u32,
    bytes_per_second: u32,
    burst_seconds: u32,
    /// How long inputs may stay as they are, and nothing else be said.
    pub idle: Option<Duration>,
    /// How long nothing may be heard.
    pub silent: Duration,
    /// How long no data may be taken.
    pub blocked: Duration,
    /// How long no snapshot may be acknowledged.
    pub unacked_seconds: u32,
}

impl ConnectionLimits {
    /// Messages, where a room ticks so often: who sends an input a tick and acknowledges each snapshot is no flood.
    #[must_use]
    pub fn messages(&self, tick_rate_hz: u32) -> Quota {
        per_second(self.messages_per_second.max(3 * tick_rate_hz), self.burst_seconds)
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(&self) -> Quota {
        per_second(self.bytes_per_second, self.burst_seconds)
    }
}
