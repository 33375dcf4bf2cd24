//! Recognizing operators: by the token or, if none is configured, by coming from the server's own machine.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

use crate::front::access::bearer::has_bearer_token;
use crate::front::access::own_machine::is_from_own_machine;
use crate::net::peer::{PeerAddr, PeerGroup};
use crate::settings::secret::Secret;

use super::denial::Denial;

/// Wrong tokens that an address may send in a [`WINDOW`]; after that its tokens are not checked.
const MAX_FAILURES: u32 = 10;
/// The time for which wrong tokens are remembered.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses for which wrong tokens are remembered. Beyond them the oldest are forgotten.
const MAX_ADDRESSES: usize = 4096;
/// Recognizes operators.
#[derive(Debug)]
pub struct Guard {
    token: Option<Secret>,
    /// True if only this machine can reach the server, and there is no proxy in front of it.
    is_private: bool,
    failures: Mutex<HashMap<PeerGroup, Failures>>,
}

/// The wrong tokens of an address.
#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Guard {
    /// The guard of a server. `is_private` if it listens on the loopback interface alone and has no proxies.
    #[must_use]
    pub fn new(token: Option<Secret>, is_private: bool) -> Self {
        Self { token, is_private, failures: Mutex::default() }
    }

    /// Checks that a request is an operator's.
    ///
    /// # Errors
    /// [`Denial::Off`], [`Denial::NotAdmin`] or [`Denial::TooManyTries`].
    pub fn check(&self, peer: PeerAddr, headers: &HeaderMap, now: Instant) -> Result<(), Denial> {
        let Some(token) = &self.token else {
            return if self.is_local(peer, headers) { Ok(()) } else { Err(Denial::Off) };
        };
        if let Some(wait) = self.must_wait(peer.group(), now) {
            return Err(Denial::TooManyTries(wait.as_secs() + 1));
        }
        if has_bearer_token(headers, token) {
            return Ok(());
        }
        // A request without a token is not a guess.
        if headers.contains_key(header::AUTHORIZATION) {
            self.note_failure(peer.group(), now);
        }
        Err(Denial::NotAdmin)
    }

    /// Returns true if the dashboard is served to a request. The page itself asks for the token.
    #[must_use]
    pub fn has_page(&self, peer: PeerAddr, headers: &HeaderMap) -> bool {
        self.token.is_some() || self.is_local(peer, headers)
    }

    fn is_local(&self, peer: PeerAddr, headers: &HeaderMap) -> bool {
        self.is_private && is_from_own_machine(peer, headers)
    }

    /// The time until an address may send a token again; `None` if it may now.
    fn must_wait(&self, group: PeerGroup, now: Instant) -> Option<Duration> {
        let Failures { since, count } = *self.lock().get(&group)?;
        let passed = now.saturating_duration_since(since);
        WINDOW.checked_sub(passed).filter(|left| count >= MAX_FAILURES && !left.is_zero())
    }

    fn note_failure(&self, group: PeerGroup, now: Instant) {
        let mut failures = self.lock();
        let is_over = |since: Instant| now.saturating_duration_since(since) >= WINDOW;
        if !failures.contains_key(&group) && failures.len() >= MAX_ADDRESSES {
            failures.retain(|_, failures| !is_over(failures.since));
            let oldest = failures.iter().min_by_key(|(_, failures)| failures.since).map(|(group, _)| *group);
            if let Some(oldest) = oldest.filter(|_| failures.len() >= MAX_ADDRESSES) {
                failures.remove(&oldest);
            }
        }
        let first = Failures { since: now, count: 0 };
        let of_address = failures.entry(group).or_insert(first);
        if is_over(of_address.since) {
            *of_address = first;
        }
        of_address.count += 1;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PeerGroup, Failures>> {
        // No code panics while the map is inconsistent, so a poisoned lock is still good.
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn peer(ip: &str) -> PeerAddr {
        PeerAddr::direct(ip.parse().unwrap())
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let line =
            |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        lines.iter().map(line).collect()
    }

    #[test]
    fn without_a_token_only_this_machine_is_admitted() {
        let now = Instant::now();
        let guard = Guard::new(None, true);
        let check = |ip: &str, host: &str| guard.check(peer(ip), &headers(&[("host", host)]), now);
        assert_eq!(check("127.0.0.1", "localhost"), Ok(()));
        assert_eq!(check("192.0.2.7", "localhost"), Err(Denial::Off));
        assert_eq!(check("127.0.0.1", "rebound.example.org"), Err(Denial::Off));
        let public = Guard::new(None, false);
        assert_eq!(
            public.check(peer("127.0.0.1"), &headers(&[("host", "localhost")]), now),
            Err(Denial::Off)
        );
    }

    #[test]
    fn with_a_token_only_the_token_counts() {
        let now = Instant::now();
        let guard = Guard::new(Some(Secret::new("open sesame 1234".to_owned())), true);
        let check = |lines: &[(&str, &str)]| guard.check(peer("192.0.2.7"), &headers(lines), now);
        assert_eq!(check(&[("authorization", "Bearer open sesame 1234")]), Ok(()));
        assert_eq!(check(&[("authorization", "bearer open sesame 1234"), ("via", "1.1 proxy")]), Ok(()));
        let local = guard.check(peer("127.0.0.1"), &headers(&[("host", "localhost")]), now);
        assert_eq!(local, Err(Denial::NotAdmin), "coming from this machine is not enough any more");
        for wrong in ["Bearer open sesame 123", "Bearer ", "Basic open sesame 1234", "open sesame 1234"] {
            assert_eq!(check(&[("authorization", wrong)]), Err(Denial::NotAdmin), "{wrong}");
        }
    }

    #[test]
    fn an_address_that_guesses_too_often_waits_even_with_the_right_token() {
        let start = Instant::now();
        let guard = Guard::new(Some(Secret::new("open sesame 1234".to_owned())), true);
        let check = |ip: &str, token: &str, now| {
            guard.check(peer(ip), &headers(&[("authorization", &format!("Bearer {token}"))]), now)
        };
        for _ in 0..MAX_FAILURES {
            assert_eq!(check("192.0.2.7", "guess", start), Err(Denial::NotAdmin));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(check("192.0.2.7", "open sesame 1234", later), Err(Denial::TooManyTries(41)));
        assert_eq!(check("192.0.2.8", "open sesame 1234", later), Ok(()), "others do not");
        assert_eq!(check("192.0.2.7", "open sesame 1234", start + WINDOW), Ok(()));
        assert_eq!(
            check("192.0.2.7", "guess", start + WINDOW),
            Err(Denial::NotAdmin),
            "the count starts over"
        );
        assert_eq!(check("192.0.2.7", "open sesame 1234", start + WINDOW), Ok(()));
    }

    #[test]
    fn a_crowd_that_guesses_takes_bounded_memory() {
        let start = Instant::now();
        let guard = Guard::new(Some(Secret::new("open sesame 1234".to_owned())), true);
        for number in 0..MAX_ADDRESSES as u32 + 100 {
            let peer = PeerAddr::direct(std::net::Ipv4Addr::from_bits(number).into());
            let now = start + Duration::from_micros(number.into());
            let lines = headers(&[("authorization", "Bearer guess")]);
            assert_eq!(guard.check(peer, &lines, now), Err(Denial::NotAdmin));
        }
        assert_eq!(guard.lock().len(), MAX_ADDRESSES);
    }
}
