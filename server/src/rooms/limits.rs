//! The limits on clients: the `[limits]` section of the configuration.

use std::time::Duration;

use drumline_shared::limits::{ACK_TIMEOUT_SECONDS, MAX_CLIENT_MESSAGE_BYTES};
use governor::Quota;
use serde::{Deserialize, Serialize};

use crate::net::network::Network;
use crate::net::origin::{AllowedOrigin, default_origins};
use crate::net::proxies::{ForwardedHeader, TrustedProxies};
use crate::net::rates::per_second;
use crate::net::websocket::{MAX_MESSAGE_BYTES, MIN_MESSAGE_BYTES};
use crate::settings::bounds;

use super::bans::BanTarget;

/// The `[limits]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct Limits {
    /// The most connections at once; `None` is as many as the operating system allows open files.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 1, { u32::MAX as u64 }>")]
    pub connections: Option<u32>,
    /// The most connections at once from one address.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, { u32::MAX as u64 }>")]
    pub connections_per_ip: u32,
    /// The most requests of an address a second, on average.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 1_000_000>")]
    pub requests_per_ip_second: u32,
    /// The most TLS handshakes of an address a second, on average.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 1_000_000>")]
    pub tls_handshakes_per_ip_second: u32,
    /// The most joins of an address a minute.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 1_000_000>")]
    pub joins_per_ip_minute: u32,
    /// The most resumes of an address a minute.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 1_000_000>")]
    pub resumes_per_ip_minute: u32,
    /// The most open rooms that were opened for one address, or for one account where players are authenticated.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, { u32::MAX as u64 }>")]
    pub rooms_per_ip: u32,
    /// Megabytes of memory that the server may use before it ends rooms; `None` is three quarters of the machine's.
    #[serde(deserialize_with = "bounds::some_within::<_, _, 64, { u32::MAX as u64 }>")]
    pub memory_mb: Option<u32>,
    /// Seconds that a client may take for a request, and for the TLS handshake before it.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 300>")]
    pub handshake_seconds: u32,
    /// The most bytes of a request's head.
    #[serde(deserialize_with = "bounds::within::<_, _, 8192, 65_536>")]
    pub head_bytes: u32,
    /// The most bytes of a client's message.
    #[serde(deserialize_with = "bounds::within::<_, _, MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES>")]
    pub message_bytes: u32,
    /// The most messages of a connection a second; at least three a tick are always allowed.
    #[serde(deserialize_with = "bounds::within::<_, _, 30, 100_000>")]
    pub messages_per_second: u32,
    /// The most bytes of a connection a second.
    #[serde(deserialize_with = "bounds::within::<_, _, 16_384, 16_777_216>")]
    pub bytes_per_second: u32,
    /// Seconds of messages and bytes that may arrive at once: a network that stalls delivers later all that was sent meanwhile.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 60>")]
    pub burst_seconds: u32,
    /// Seconds after which a player is removed whose inputs do not change and who sends nothing else; 0 means never.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, { u32::MAX as u64 }>")]
    pub idle_seconds: u32,
    /// Seconds for which a connection may send nothing, not even pongs.
    #[serde(deserialize_with = "bounds::within::<_, _, 6, 3600>")]
    pub silent_seconds: u32,
    /// Seconds for which a connection may accept no data.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 3600>")]
    pub blocked_seconds: u32,
    /// Seconds for which a client may acknowledge no snapshot.
    #[serde(deserialize_with = "bounds::within::<_, _, 2, 3600>")]
    pub unacked_seconds: u32,
    /// Networks of the proxies in front of the server, whose headers about a client's address are trusted.
    pub trusted_proxies: Vec<Network>,
    /// The header in which those proxies report it: `x-forwarded-for` or `forwarded`.
    pub forwarded_header: ForwardedHeader,
    /// Pages that may use the server: `same-origin`, `loopback`, `*`, or origins such as `https://play.example.org`.
    pub origins: Vec<AllowedOrigin>,
    /// Pages that may show the games' pages in a frame, in the same words; none if it is empty.
    pub frame_ancestors: Vec<AllowedOrigin>,
    /// Networks and accounts that may not play.
    pub banned: Vec<BanTarget>,
    /// Networks that no limit on single addresses applies to.
    pub exempt: Vec<Network>,
}

impl Default for Limits {
    fn default() -> Self {
        let exempt = ["127.0.0.0/8", "::1"].map(|network| network.parse().expect("both texts are networks"));
        Self {
            connections: None,
            connections_per_ip: 512,
            requests_per_ip_second: 200,
            tls_handshakes_per_ip_second: 20,
            joins_per_ip_minute: 120,
            resumes_per_ip_minute: 600,
            rooms_per_ip: 64,
            memory_mb: None,
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
            frame_ancestors: vec![AllowedOrigin::Any],
            banned: Vec::new(),
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

    /// The limits on open rooms, on a machine of so much memory.
    #[must_use]
    pub fn of_rooms(&self, machine_bytes: Option<u64>) -> RoomLimits {
        let memory_bytes = match self.memory_mb {
            Some(megabytes) => Some(u64::from(megabytes) << 20),
            None => machine_bytes.map(|bytes| bytes / 4 * 3),
        };
        RoomLimits { rooms_per_opener: self.rooms_per_ip as usize, memory_bytes }
    }

    /// The limits on a player's connection.
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

/// The limits on open rooms.
#[derive(Debug, Clone, Copy)]
pub struct RoomLimits {
    /// The most open rooms of one opener.
    pub rooms_per_opener: usize,
    /// Bytes of memory that the server may use; `None` if there is no limit.
    pub memory_bytes: Option<u64>,
}

/// The limits on a player's connection.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// The most bytes of a message.
    pub message_bytes: u32,
    messages_per_second: u32,
    bytes_per_second: u32,
    burst_seconds: u32,
    /// The time for which inputs may stay the same while nothing else is sent; `None` for ever.
    pub idle: Option<Duration>,
    /// The time for which nothing may be received.
    pub silent: Duration,
    /// The time for which the client may accept no data.
    pub blocked: Duration,
    /// Seconds for which no snapshot may be acknowledged.
    pub unacked_seconds: u32,
}

impl ConnectionLimits {
    /// The quota of messages in a room of this rate. A client sends an input and an acknowledgement a tick, which must pass.
    #[must_use]
    pub fn messages(&self, tick_rate_hz: u32) -> Quota {
        per_second(self.messages_per_second.max(3 * tick_rate_hz), self.burst_seconds)
    }

    /// The quota of bytes.
    #[must_use]
    pub fn bytes(&self) -> Quota {
        per_second(self.bytes_per_second, self.burst_seconds)
    }
}
