//! Banned networks and accounts: those that the configuration lists, and those that operators ban for some time.
//!
//! Like a drain, the list is state that rooms look at, not a message that a full queue could lose. A room compares the version on
//! each tick, which is one atomic load, and applies a new list to its players.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::net::network::{Network, NetworkError};

/// The prefix of an account in the configuration.
const ACCOUNT_PREFIX: &str = "account:";
/// The most bans that are in force at once, without those of the configuration.
const MAX_BANS: usize = 4096;

/// A network or an account that is banned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum BanTarget {
    /// Clients with an address in this network.
    Network(Network),
    /// The account with this subject.
    Account(String),
}

/// A ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// The reason, for the player; may be empty.
    pub reason: String,
    /// Its end; `None` if it has none.
    pub until: Option<Instant>,
    /// True if the configuration lists it.
    pub is_configured: bool,
}

/// The answer to a client that is banned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Banned {
    /// The reason; may be empty.
    pub reason: String,
    /// Seconds until the ban's end; `None` if it has none.
    pub seconds_left: Option<u64>,
}

/// Too many bans are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyBans;

/// The bans at one moment. Some of them may be over.
#[derive(Debug, Clone, Default)]
pub struct BanList {
    bans: HashMap<BanTarget, Ban>,
    /// The prefix lengths of the banned networks: a look-up for each finds an address among any number of networks.
    prefixes: HashSet<u8>,
}

/// The bans of a server.
#[derive(Debug, Default)]
pub struct Bans {
    /// Grows with each change.
    version: AtomicU64,
    current: Mutex<Arc<BanList>>,
}

impl BanList {
    fn new(bans: HashMap<BanTarget, Ban>) -> Self {
        let prefixes = bans.keys().filter_map(|target| match target {
            BanTarget::Network(network) => Some(network.prefix_bits()),
            BanTarget::Account(_) => None,
        });
        Self { prefixes: prefixes.collect(), bans }
    }

    /// The ban of a client, by its address or its account.
    #[must_use]
    pub fn find(&self, ip: IpAddr, account: Option<&str>, now: Instant) -> Option<&Ban> {
        if self.bans.is_empty() {
            return None;
        }
        let networks =
            self.prefixes.iter().filter_map(|bits| Network::around(ip, *bits)).map(BanTarget::Network);
        let account = account.map(|subject| BanTarget::Account(subject.to_owned()));
        networks.chain(account).filter_map(|target| self.bans.get(&target)).find(|ban| !ban.is_over(now))
    }

    /// All bans that are not over.
    pub fn in_force(&self, now: Instant) -> impl Iterator<Item = (&BanTarget, &Ban)> {
        self.bans.iter().filter(move |(_, ban)| !ban.is_over(now))
    }
}

impl Ban {
    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Seconds until its end, rounded up; `None` if it has none.
    #[must_use]
    pub fn seconds_left(&self, now: Instant) -> Option<u64> {
        self.until.map(|until| until.saturating_duration_since(now).as_secs_f64().ceil() as u64)
    }
}

impl Bans {
    /// Replaces the bans of the configuration.
    pub fn configure(&self, targets: &[BanTarget]) {
        self.change(|bans| {
            bans.retain(|_, ban| !ban.is_configured);
            let listed = Ban { reason: String::new(), until: None, is_configured: true };
            bans.extend(targets.iter().map(|target| (target.clone(), listed.clone())));
        });
    }

    /// Bans a network or an account. A ban that it had is replaced.
    ///
    /// # Errors
    /// [`TooManyBans`].
    pub fn add(&self, target: BanTarget, ban: Ban, now: Instant) -> Result<(), TooManyBans> {
        self.change(|bans| {
            bans.retain(|_, ban| !ban.is_over(now));
            let is_full = bans.values().filter(|ban| !ban.is_configured).count() >= MAX_BANS;
            if is_full && !bans.contains_key(&target) {
                return Err(TooManyBans);
            }
            bans.insert(target, ban);
            Ok(())
        })
    }

    /// Lifts a ban. Returns false if there is none.
    pub fn lift(&self, target: &BanTarget) -> bool {
        self.change(|bans| bans.remove(target).is_some())
    }

    /// Checks that a client is not banned.
    ///
    /// # Errors
    /// [`Banned`].
    pub fn check(&self, ip: IpAddr, account: Option<&str>, now: Instant) -> Result<(), Banned> {
        match self.list().find(ip, account, now) {
            Some(ban) => Err(Banned { reason: ban.reason.clone(), seconds_left: ban.seconds_left(now) }),
            None => Ok(()),
        }
    }

    /// The bans now.
    #[must_use]
    pub fn list(&self) -> Arc<BanList> {
        Arc::clone(&self.lock())
    }

    /// The bans now, for a room's tick, which waits for nobody: `None` if another thread is just reading or changing them.
    #[must_use]
    pub fn try_list(&self) -> Option<Arc<BanList>> {
        match self.current.try_lock() {
            Ok(current) => Some(Arc::clone(&current)),
            Err(TryLockError::Poisoned(poisoned)) => Some(Arc::clone(&poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The version of the list, which grows with each change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Acquire)
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<BanTarget, Ban>) -> T) -> T {
        let mut current = self.lock();
        let mut bans = current.bans.clone();
        let changed = change(&mut bans);
        *current = Arc::new(BanList::new(bans));
        // After the list: a room that sees the new version finds the new list.
        self.version.fetch_add(1, Release);
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Arc<BanList>> {
        // No code panics while the list is inconsistent, so a poisoned lock is still good.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromStr for BanTarget {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        match text.strip_prefix(ACCOUNT_PREFIX) {
            Some(subject) => Ok(Self::Account(subject.to_owned())),
            None => Ok(Self::Network(text.parse::<Network>()?.truncated())),
        }
    }
}

impl TryFrom<String> for BanTarget {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<BanTarget> for String {
    fn from(target: BanTarget) -> Self {
        target.to_string()
    }
}

impl fmt::Display for BanTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(formatter),
            Self::Account(subject) => write!(formatter, "{ACCOUNT_PREFIX}{subject}"),
        }
    }
}

impl fmt::Display for Banned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("you are banned from this server")?;
        if let Some(seconds) = self.seconds_left {
            write!(formatter, " for another {seconds} s")?;
        }
        if self.reason.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.reason) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ban(until: Option<Instant>) -> Ban {
        Ban { reason: "spam".to_owned(), until, is_configured: false }
    }

    #[test]
    fn networks_and_accounts_are_banned_until_their_end() {
        let (bans, now) = (Bans::default(), Instant::now());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        bans.configure(&["198.51.100.77/24", "account:eve"].map(|text| text.parse().unwrap()));
        let hour = now + Duration::from_secs(3600);
        bans.add("2001:db8::/48".parse().unwrap(), ban(Some(hour)), now).unwrap();
        let is_banned =
            |address: &str, account: Option<&str>, now| bans.check(ip(address), account, now).is_err();
        assert!(is_banned("198.51.100.3", None, now) && is_banned("192.0.2.7", Some("eve"), now));
        assert!(!is_banned("192.0.2.7", Some("ada"), now) && !is_banned("198.51.101.3", None, now));
        let refused = bans.check(ip("2001:db8:0:1::7"), None, now).unwrap_err();
        assert_eq!(refused.to_string(), "you are banned from this server for another 3600 s: spam");
        assert!(!is_banned("2001:db8:0:1::7", None, hour), "it is over");
        let before = bans.version();
        bans.configure(&[]);
        assert!(bans.version() > before && !is_banned("198.51.100.3", None, now));
        assert!(is_banned("2001:db8:0:1::7", None, now), "a reload leaves the operators' bans");
        assert!(bans.lift(&"2001:db8::/48".parse().unwrap()) && !bans.lift(&"192.0.2.7".parse().unwrap()));
        assert!(!is_banned("2001:db8:0:1::7", None, now));
    }

    #[test]
    fn bans_are_limited_in_number_and_those_that_are_over_make_room() {
        let (bans, now) = (Bans::default(), Instant::now());
        let hour = now + Duration::from_secs(3600);
        let add = |number: usize, now| bans.add(BanTarget::Account(number.to_string()), ban(Some(hour)), now);
        assert!((0..MAX_BANS).all(|number| add(number, now).is_ok()));
        assert_eq!((add(MAX_BANS, now), add(0, now)), (Err(TooManyBans), Ok(())));
        assert_eq!(add(MAX_BANS, hour), Ok(()));
        assert_eq!(bans.list().in_force(now).count(), 1);
    }

    #[test]
    fn a_tick_does_not_wait_for_the_list() {
        let bans = Bans::default();
        let reader = bans.lock();
        assert!(bans.try_list().is_none());
        drop(reader);
        assert!(bans.try_list().is_some());
    }
}
