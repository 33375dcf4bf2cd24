//! The description of a network: `delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s`, or a
//! name: `lan`, `wifi`, `4g`, `bad`.
//!
//! Every part may be left out. Each direction of a connection has such a network of its own.
//! [`Link`](crate::net::link::Link) defines what the parts mean.

use std::collections::HashSet;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The longest delay, jitter or stall.
const LONGEST: Duration = Duration::from_secs(60);
/// The lowest bandwidth, in bits per second.
const LEAST_BANDWIDTH: f64 = 1.0;
/// The highest rate of cuts, per second.
const MOST_CUTS_PER_S: f64 = 100.0;

/// The properties of a network. The default is a perfect one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NetProfile {
    /// The one-way delay of a message.
    pub delay: Duration,
    /// The variation of the delay, up and down.
    pub jitter: Duration,
    /// Intervals in which nothing gets through.
    pub stall: Option<Stall>,
    /// The capacity, in bits per second; `None` if unlimited.
    pub bandwidth_bits_per_s: Option<f64>,
    /// Connection cuts per second, on average.
    pub cuts_per_s: f64,
}

/// Intervals in which a path lets nothing through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stall {
    /// Their share of the time, on average; above 0 and below 1.
    pub share: f64,
    /// The length of each.
    pub length: Duration,
}

/// The named networks: wired at home, wireless at home, a phone, and one that is barely playable.
const NAMED: [(&str, &str); 4] = [
    ("lan", "delay=1ms"),
    ("wifi", "delay=8ms,jitter=5ms,stall=0.5%:60ms"),
    ("4g", "delay=35ms,jitter=15ms,stall=1%:150ms,bandwidth=10mbit,drop=conn:0.01/s"),
    ("bad", "delay=100ms,jitter=40ms,stall=3%:400ms,bandwidth=512kbit,drop=conn:0.05/s"),
];

impl NetProfile {
    /// The network of this name, or that this description describes.
    ///
    /// # Errors
    /// [`NetError`] names the part that is wrong, and what is allowed.
    pub fn find(name: &str) -> Result<Self, NetError> {
        let named = NAMED.iter().find(|(known, _)| *known == name);
        named.map_or(name, |(_, text)| text).parse()
    }

    /// Returns true if nothing is simulated between bot and server.
    #[must_use]
    pub fn is_perfect(&self) -> bool {
        *self == Self::default()
    }
}

/// A description of a network that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetError {
    /// There is no such part.
    #[error(
        "`{0}` is not part of a network; use delay=60ms, jitter=20ms, stall=1%:300ms, bandwidth=256kbit, drop=conn:0.1/s, \
         separated by commas, or one of {known}",
        known = NAMED.map(|(name, _)| name).join(", ")
    )]
    UnknownPart(String),
    /// A part occurs more than once.
    #[error("`{0}` occurs twice")]
    Twice(String),
    /// The value is not a delay or a jitter.
    #[error("`{0}` is not a time; write one like 60ms, at most {longest}ms", longest = LONGEST.as_millis())]
    BadTime(String),
    /// The value is not a stall.
    #[error(
        "`{0}` is not a stall; write one like 1%:300ms: the share of the time, below 100 %, and the length of each stall, \
         above 0 and at most {longest}ms", longest = LONGEST.as_millis()
    )]
    BadStall(String),
    /// The value is not a bandwidth.
    #[error(
        "`{0}` is not a bandwidth; write one like 9600bit, 256kbit or 2mbit (per second), at least {LEAST_BANDWIDTH}bit"
    )]
    BadBandwidth(String),
    /// The value is not a rate of cuts.
    #[error(
        "`{0}` is not a rate of cuts; write one like conn:0.1/s: connection cuts per second, at most {MOST_CUTS_PER_S}"
    )]
    BadDrop(String),
}

impl FromStr for NetProfile {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let mut profile = Self::default();
        let mut seen = HashSet::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
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

/// A number in plain decimals: no signs, exponents or infinities.
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

    fn parse(text: &str) -> Result<NetProfile, NetError> {
        text.parse()
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
        for (name, text) in NAMED {
            assert_eq!(NetProfile::find(name), parse(text));
            assert!(!NetProfile::find(name).unwrap().is_perfect());
        }
        assert_eq!(NetProfile::find("delay=60ms"), parse("delay=60ms"));
        assert!(NetProfile::find("5g").unwrap_err().to_string().contains("lan, wifi, 4g, bad"));
    }

    #[test]
    fn errors_name_the_wrong_part_and_what_is_allowed() {
        let bad = |text: &str| parse(text).unwrap_err();
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
