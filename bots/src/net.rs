//! A network in words: `delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s`.
//!
//! or a name: `lan`, `wifi`, `4g`, `bad`.
//!
//! All parts may be left out, and each direction of a connection has the network to itself. [`Link`](crate::link::Link) says
//! what the words mean.

use std::collections::HashSet;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The longest time that a part may name.
const LONGEST: Duration = Duration::from_secs(60);
/// The fewest bits a second that a path carries.
const LEAST_BANDWIDTH: f64 = 1.0;
/// The most cuts a second.
const MOST_CUTS_PER_S: f64 = 100.0;

/// A kind of network. The default is a perfect one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NetProfile {
    /// How long a message is under way, one way.
    pub delay: Duration,
    /// By how much that varies, up and down.
    pub jitter: Duration,
    /// How the path stands still at times.
    pub stall: Option<Stall>,
    /// How much the path carries.
    pub bandwidth_bits_per_s: Option<f64>,
    /// How often the connection is cut, on average.
    pub cuts_per_s: f64,
}

/// A path stands still at times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stall {
    /// The share of the time for which it does, on average; above 0 and below 1.
    pub share: f64,
    /// For how long at a time.
    pub length: Duration,
}

/// The networks that have names, as words: one at home, one by radio, that of a phone, and one at the edge of what can be
/// played on.
const NAMED: [(&str, &str); 4] = [
    ("lan", "delay=1ms"),
    ("wifi", "delay=8ms,jitter=5ms,stall=0.5%:60ms"),
    ("4g", "delay=35ms,jitter=15ms,stall=1%:150ms,bandwidth=10mbit,drop=conn:0.01/s"),
    ("bad", "delay=100ms,jitter=40ms,stall=3%:400ms,bandwidth=512kbit,drop=conn:0.05/s"),
];

impl NetProfile {
    /// The network of this name, or that these words describe.
    ///
    /// # Errors
    /// [`NetError`] says what is wrong, and what is allowed.
    pub fn find(name: &str) -> Result<Self, NetError> {
        let named = NAMED.iter().find(|(known, _)| *known == name);
        named.map_or(name, |(_, words)| words).parse()
    }

    /// Whether nothing is between a bot and the server.
    #[must_use]
    pub fn is_perfect(&self) -> bool {
        *self == Self::default()
    }
}

/// The words describe no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetError {
    /// No such part.
    #[error(
        "`{0}` is no part of a network; the parts, parted by commas, are: \
         delay=60ms, jitter=20ms, stall=1%:300ms, bandwidth=256kbit, drop=conn:0.1/s; or all is one of {known}",
        known = NAMED.map(|(name, _)| name).join(", ")
    )]
    UnknownPart(String),
    /// A part is there more than once.
    #[error("`{0}` comes twice")]
    Twice(String),
    /// Neither a delay nor a jitter.
    #[error("`{0}` is no time; write one like 60ms, at most {longest}ms", longest = LONGEST.as_millis())]
    BadTime(String),
    /// No stall.
    #[error(
        "`{0}` is no stall; write one like 1%:300ms: the share of the time, below 100 %, and how long at a time, above 0 and \
         at most {longest}ms", longest = LONGEST.as_millis()
    )]
    BadStall(String),
    /// No bandwidth.
    #[error(
        "`{0}` is no bandwidth; write one like 9600bit, 256kbit or 2mbit (a second), at least {LEAST_BANDWIDTH}bit"
    )]
    BadBandwidth(String),
    /// No rate of cuts.
    #[error(
        "`{0}` is no way to drop; write one like conn:0.1/s: how often a second the connection is cut, at most {MOST_CUTS_PER_S}"
    )]
    BadDrop(String),
}

impl FromStr for NetProfile {
    type Err = NetError;

    fn from_str(words: &str) -> Result<Self, NetError> {
        let mut profile = Self::default();
        let mut seen = HashSet::new();
        for part in words.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| NetError::UnknownPart(part.to_owned()))?;
            let bad = |error: fn(String) -> NetError| error(value.to_owned());
            match name {
                "delay" => profile.delay = time(value).ok_or_else(|| bad(NetError::BadTime))?,
                "jitter" => profile.jitter = time(value).ok_or_else(|| bad(NetError::BadTime))?,
                "stall" => {
                    let stall = stall(value).ok_or_else(|| bad(NetError::BadStall))?;
                    profile.stall = Some(stall).filter(|stall| stall.share > 0.0);
                }
                "bandwidth" => {
                    let bits = bandwidth(value).ok_or_else(|| bad(NetError::BadBandwidth))?;
                    profile.bandwidth_bits_per_s = Some(bits);
                }
                "drop" => profile.cuts_per_s = cuts(value).ok_or_else(|| bad(NetError::BadDrop))?,
                _ => return Err(NetError::UnknownPart(part.to_owned())),
            }
            if !seen.insert(name) {
                return Err(NetError::Twice(name.to_owned()));
            }
        }
        Ok(profile)
    }
}

/// A number in plain decimals: neither signs nor exponents nor infinities.
fn number(word: &str) -> Option<f64> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    word.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

fn time(word: &str) -> Option<Duration> {
    let milliseconds = number(word.strip_suffix("ms")?)?;
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok().filter(|time| *time <= LONGEST)
}

fn stall(word: &str) -> Option<Stall> {
    let (share, length) = word.split_once("%:")?;
    let share = number(share).filter(|percent| *percent < 100.0)? / 100.0;
    let length = time(length).filter(|length| !length.is_zero())?;
    Some(Stall { share, length })
}

fn bandwidth(word: &str) -> Option<f64> {
    let value = word.strip_suffix("bit")?;
    let bits = match (value.strip_suffix('k'), value.strip_suffix('m')) {
        (Some(thousands), _) => number(thousands)? * 1e3,
        (_, Some(millions)) => number(millions)? * 1e6,
        _ => number(value)?,
    };
    (bits >= LEAST_BANDWIDTH).then_some(bits)
}

fn cuts(word: &str) -> Option<f64> {
    let rate = word.strip_prefix("conn:")?.strip_suffix("/s")?;
    number(rate).filter(|rate| *rate <= MOST_CUTS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<NetProfile, NetError> {
        words.parse()
    }

    #[test]
    fn every_part_is_read_and_may_be_left_out() {
        let whole = parse("delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s").unwrap();
        let stall = Stall { share: 0.01, length: Duration::from_millis(300) };
        let expected = NetProfile {
            delay: Duration::from_millis(60),
            jitter: Duration::from_millis(20),
            stall: Some(stall),
            bandwidth_bits_per_s: Some(256_000.0),
            cuts_per_s: 0.1,
        };
        assert_eq!(whole, expected);
        for nothing in ["", "stall=0%:1ms,drop=conn:0/s", " , "] {
            assert_eq!(parse(nothing), Ok(NetProfile::default()));
        }
        assert_eq!(parse(" bandwidth=1.5mbit , jitter=1.5ms").unwrap().jitter, Duration::from_micros(1500));
        assert_eq!(parse("bandwidth=1.5mbit").unwrap().bandwidth_bits_per_s, Some(1_500_000.0));
        assert_eq!(parse("bandwidth=9600bit").unwrap().bandwidth_bits_per_s, Some(9600.0));
    }

    #[test]
    fn networks_have_names() {
        for (name, words) in NAMED {
            assert_eq!(NetProfile::find(name), parse(words));
            assert!(!NetProfile::find(name).unwrap().is_perfect());
        }
        assert_eq!(NetProfile::find("delay=60ms"), parse("delay=60ms"));
        assert!(NetProfile::find("5g").unwrap_err().to_string().contains("lan, wifi, 4g, bad"));
    }

    #[test]
    fn what_is_wrong_is_said_and_what_is_allowed() {
        let bad = |words: &str| parse(words).unwrap_err();
        assert_eq!(bad("lag=60ms"), NetError::UnknownPart("lag=60ms".into()));
        assert_eq!(bad("delay"), NetError::UnknownPart("delay".into()));
        assert_eq!(bad("delay=1ms,delay=2ms"), NetError::Twice("delay".into()));
        for time in ["60", "ms", "1s", "-1ms", "1e3ms", "infms", "60001ms", "1.2.3ms"] {
            assert_eq!(bad(&format!("jitter={time}")), NetError::BadTime(time.into()));
        }
        for stall in ["1%", "1:300ms", "-1%:300ms", "100%:1ms", "1%:0ms", "1%:x"] {
            assert_eq!(bad(&format!("stall={stall}")), NetError::BadStall(stall.into()));
        }
        for bandwidth in ["256", "kbit", "0kbit", "0.9bit", "1Mbit", "bit"] {
            assert_eq!(bad(&format!("bandwidth={bandwidth}")), NetError::BadBandwidth(bandwidth.into()));
        }
        for drop in ["0.1/s", "conn:0.1", "conn:-1/s", "conn:101/s", "message:1/s"] {
            assert_eq!(bad(&format!("drop={drop}")), NetError::BadDrop(drop.into()));
        }
        assert!(bad("lag=60ms").to_string().contains("stall=1%:300ms"));
        assert!(bad("delay=60").to_string().contains("like 60ms"));
    }
}
