//! What a fleet's processes and the one that watches over them say to each other: bincode, over a pipe or a TCP connection.

use std::io::{self, Read, Write};

use bincode::config::{self, Config, Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::collect::Delivery;
use crate::hands::{Conclusion, Standing};
use crate::swarm::Plan;
use crate::threads::Share;

/// What both sides must have in common: the program's version, and that of these messages. A test says when the latter is to
/// change.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");
/// The longest message. A second of thousands of rooms is some hundred kilobytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest message of somebody who is not known yet.
const FEW_BYTES: usize = 64;
const ENCODING: Configuration<LittleEndian, Varint, Limit<MOST_BYTES>> =
    config::standard().with_limit::<MOST_BYTES>();

/// What a process of a fleet is to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Have these bots join.
    Work(Box<Plan>, Share),
    /// Begin to measure.
    Measure,
    /// End it, and have the bots say goodbye.
    Finish,
}

/// What a process of a fleet tells, once it works.
#[derive(Debug, Serialize, Deserialize)]
pub enum News {
    /// What was measured.
    Delivery(Delivery),
    /// How it stands.
    Standing(Standing),
    /// All has ended, or could not begin. What comes next is of another run.
    Concluded(Result<Conclusion, Failure>),
}

/// Why a process's bots did not play.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Failure {
    /// It could not begin.
    Begin(String),
    /// A bot could not join, and all were to.
    Join(String),
}

/// Says something.
///
/// # Errors
/// If it cannot be written.
pub fn say<T: Serialize>(to: &mut dyn Write, message: &T) -> io::Result<()> {
    let bytes = bincode::serde::encode_to_vec(message, ENCODING).map_err(io::Error::other)?;
    to.write_all(&bytes)?;
    to.flush()
}

/// Hears something.
///
/// # Errors
/// If nothing comes any more, or it cannot be understood.
pub fn hear<T: DeserializeOwned>(from: &mut dyn Read) -> io::Result<T> {
    hear_with(from, ENCODING)
}

/// Hears something short, from whoever it may be.
///
/// # Errors
/// As [`hear`].
pub fn hear_little<T: DeserializeOwned>(from: &mut dyn Read) -> io::Result<T> {
    hear_with(from, config::standard().with_limit::<FEW_BYTES>())
}

fn hear_with<T: DeserializeOwned>(mut from: &mut dyn Read, encoding: impl Config) -> io::Result<T> {
    bincode::serde::decode_from_std_read(&mut from, encoding).map_err(|error| match error {
        DecodeError::Io { inner, .. } if inner.kind() == io::ErrorKind::UnexpectedEof => {
            io::Error::new(io::ErrorKind::UnexpectedEof, "it has ended, or its connection was cut")
        }
        DecodeError::Io { inner, .. } => inner,
        nonsense => {
            io::Error::new(io::ErrorKind::InvalidData, format!("what it says makes no sense: {nonsense}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::collect::When;
    use crate::health::HealthSecond;
    use crate::report::RoomFigures;
    use crate::scenario::Scenario;
    use crate::stats::{Stats, Times, count_cause};

    fn times(us: &[u64]) -> Times {
        let mut times = Times::default();
        for us in us {
            times.record(Duration::from_micros(*us));
        }
        times
    }

    /// The FNV-1a hash (Fowler, Noll, Vo).
    fn fingerprint(bytes: &[u8]) -> u64 {
        bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
    }

    proptest! {
        #[test]
        fn a_delivery_arrives_without_loss(us in prop::collection::vec(0..100_000_000_u64, 0..200), updates: u64) {
            let half = us.len() / 2;
            let mut stats = Stats {
                updates,
                intervals: times(&us),
                latencies_felt: times(&us[half..]),
                recoveries_ms: vec![0.1, 7.0],
                ..Stats::default()
            };
            count_cause(&mut stats.closes, "4001 bad \"input\"", 3);
            let health = HealthSecond { lateness: times(&us[..half]), seconds: 1.01, cpu: 0.3, ..HealthSecond::default() };
            let rooms = vec![RoomFigures { id: "r".into(), interval_ms_p99: 33.3, ..RoomFigures::default() }];
            let delivery = Delivery { thread: 3, when: When::Second(7), stats: Box::new(stats), health, rooms };
            let mut bytes = Vec::new();
            say(&mut bytes, &News::Delivery(delivery.clone())).unwrap();
            let News::Delivery(arrived) = hear(&mut &bytes[..]).unwrap() else { panic!("it is a delivery") };
            prop_assert_eq!(arrived, delivery);
        }

        #[test]
        fn noise_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut noise = &bytes[..];
            while hear::<News>(&mut noise).is_ok() {}
        }
    }

    #[test]
    fn every_scenario_that_comes_along_arrives() {
        for scenario in Scenario::named() {
            let plan = Plan { url: "ws://a:1".into(), scenario: scenario.clone(), ..Plan::default() };
            let mut bytes = Vec::new();
            say(&mut bytes, &Order::Work(Box::new(plan), Share { process: 1, processes: 3 })).unwrap();
            let Order::Work(plan, share) = hear(&mut &bytes[..]).unwrap() else { panic!("it is work") };
            assert_eq!((plan.scenario, share.processes), (scenario, 3));
        }
    }

    #[test]
    fn who_changes_the_messages_changes_their_version() {
        // Each number is another, so that none can take the place of another unnoticed.
        let mut numbers = 1..;
        let mut number = || numbers.next().unwrap_or_default();
        let mut stats = Stats {
            bots_connected: number(),
            joins: number(),
            updates: number(),
            update_bytes: number(),
            bytes: number(),
            ticks_coalesced: number(),
            ticks_missed: number(),
            hashes_checked: number(),
            mismatches: number(),
            resume_failures: number(),
            inputs_sent: number(),
            inputs_met: number(),
            inputs_missed: number(),
            bot_seconds: 0.5,
            ..Stats::default()
        };
        let mut histogram = || times(&[number()]);
        stats.intervals = histogram();
        stats.intervals_felt = histogram();
        stats.latencies = histogram();
        stats.latencies_felt = histogram();
        stats.staleness = histogram();
        stats.joined_after = histogram();
        stats.resumed_after = histogram();
        let health = HealthSecond {
            lateness: histogram(),
            stretches: histogram(),
            cpu: 0.25,
            ..HealthSecond::default()
        };
        let delivery =
            Delivery { thread: 9, when: When::Second(8), stats: Box::new(stats), health, rooms: Vec::new() };
        let mut bytes = Vec::new();
        say(&mut bytes, &News::Delivery(delivery)).unwrap();
        say(&mut bytes, &News::Standing(Standing::default())).unwrap();
        say(&mut bytes, &News::Concluded(Ok(Conclusion::default()))).unwrap();
        say(&mut bytes, &Order::Work(Box::default(), Share { process: 1, processes: 2 })).unwrap();
        assert_eq!(
            (VERSION, fingerprint(&bytes)),
            (concat!(env!("CARGO_PKG_VERSION"), "/1"), 17_029_423_317_354_158_533)
        );
    }
}
