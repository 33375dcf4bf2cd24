//! Webhooks: events of rooms, sent to a service of the operator's by HTTP.
//!
//! One request is under way at a time, so the events arrive in order, and a slow service gets more of them in each request. A
//! request that fails is tried again, each time after a longer pause, and then its events are lost.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::Uri;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use prometheus::IntCounter;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use ureq::Agent;

use crate::rooms::entry::events::{RoomEvent, TimedEvent};
use crate::settings::bounds;
use crate::settings::secret::{Secret, long_secret};

/// The most events of a request.
const MAX_EVENTS: usize = 100;
/// The pause before the second attempt; it doubles before each later one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause before an attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The `[webhooks]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct WebhooksConfig {
    /// The address that events are sent to; `None` sends none.
    #[serde(deserialize_with = "address")]
    pub url: Option<String>,
    /// The key of the requests' signatures; `None` leaves them unsigned.
    #[serde(deserialize_with = "long_secret")]
    pub secret: Option<Secret>,
    /// The most attempts to send a request.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 20>")]
    pub attempts: u32,
    /// Seconds that an attempt may take.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 60>")]
    pub timeout_seconds: u16,
    /// The most events that wait to be sent.
    #[serde(deserialize_with = "bounds::within::<_, _, 1, 65_535>")]
    pub queue: u16,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self { url: None, secret: None, attempts: 6, timeout_seconds: 5, queue: 4096 }
    }
}

/// The address of an HTTP service.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let uri = text.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let expected = "an address such as https://hooks.example.org/drumline";
    let is_whole = uri.is_some_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    if is_whole { Ok(Some(text)) } else { Err(D::Error::invalid_value(Unexpected::Str(&text), &expected)) }
}

/// Sends events.
pub struct Webhooks {
    url: String,
    key: Option<EncodingKey>,
    attempts: u32,
    agent: Agent,
    /// Events that were given up.
    dropped: IntCounter,
    /// Part of the requests' ids: no two servers have the same.
    server: u64,
}

/// The body of a request.
#[derive(Serialize)]
struct Body<'a> {
    /// The request's id, the same at every attempt.
    delivery: &'a str,
    events: Vec<Sent<'a>>,
}

/// An event in a request.
#[derive(Serialize)]
struct Sent<'a> {
    /// Milliseconds since 1970.
    time_ms: u64,
    #[serde(flatten)]
    event: &'a RoomEvent,
}

impl Webhooks {
    /// The configured webhooks; `None` if there are none.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    #[must_use]
    pub fn new(config: &WebhooksConfig, dropped: IntCounter) -> Option<Self> {
        let url = config.url.clone()?;
        let limit = Duration::from_secs(config.timeout_seconds.into());
        // A redirect would carry the signed events to an address that nobody has configured.
        let agent = Agent::config_builder()
            .timeout_global(Some(limit))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        let key = config.secret.as_ref().map(|secret| EncodingKey::from_secret(secret.expose().as_bytes()));
        let server = SysRng.try_next_u64().expect("the operating system has random numbers");
        Some(Self { url, key, attempts: config.attempts, agent: agent.into(), dropped, server })
    }

    /// Sends events until their queue ends. Once `impatience` has ended, nothing is tried again.
    pub fn run(self, waiting: &Receiver<TimedEvent>, impatience: &Receiver<()>) {
        for number in 1_u64.. {
            let Ok(first) = waiting.recv() else { return };
            let mut events = vec![first];
            events.extend(waiting.try_iter().take(MAX_EVENTS - 1));
            self.deliver(number, &events, impatience);
        }
    }

    fn deliver(&self, number: u64, events: &[TimedEvent], impatience: &Receiver<()>) {
        let delivery = format!("{:016x}-{number}", self.server);
        let sent = events.iter().map(|TimedEvent { at, event }| Sent { time_ms: milliseconds(*at), event });
        let body = Body { delivery: &delivery, events: sent.collect() };
        let body = serde_json::to_vec(&body).expect("events can be serialized");
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=self.attempts {
            let Err(error) = self.post(&delivery, &body) else { return };
            tracing::warn!(delivery, attempt, error, "a webhook was not delivered");
            let is_last = attempt == self.attempts;
            if is_last || impatience.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                break;
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
        self.dropped.inc_by(events.len() as u64);
        tracing::error!(delivery, events = events.len(), "a webhook was given up; its events are lost");
    }

    fn post(&self, delivery: &str, body: &[u8]) -> Result<(), String> {
        let mut request = self.agent.post(&self.url).content_type("application/json");
        request = request.header("Drumline-Delivery", delivery);
        if let Some(key) = &self.key {
            let signature = crypto::sign(body, key, Algorithm::HS256).expect("the key can sign");
            request = request.header("Drumline-Signature", format!("sha256={signature}"));
        }
        let response = request.send(body).map_err(|error| error.to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("the answer is {status}")) }
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}
