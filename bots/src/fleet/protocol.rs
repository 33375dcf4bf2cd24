//! The messages between a fleet's coordinator and its processes: bincode, over a pipe or a TCP connection.

use std::io::{self, Read, Write};

use bincode::config::{self, Config, Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::measure::collector::Delivery;
use crate::plan::Plan;
use crate::run::runner::{RunnerStatus, RunnerSummary};
use crate::run::thread_pool::Share;

/// The version of the program and of these messages, which must be equal on both sides. A test detects a changed
/// message.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");
/// The longest message, in bytes. A second of thousands of rooms takes some hundred kilobytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest message of a process that has not been accepted yet.
const GREETING_BYTES: usize = 64;
const ENCODING: Configuration<LittleEndian, Varint, Limit<MOST_BYTES>> =
    config::standard().with_limit::<MOST_BYTES>();

/// A message to a process.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToMember {
    /// Start a run: have these bots join.
    Work(Box<Plan>, Share),
    /// Start the measurement.
    Measure,
    /// End it, and have the bots leave.
    Finish,
}

/// A message from a process that was accepted.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromMember {
    /// Measurements of a thread.
    Delivery(Delivery),
    /// The status of its run.
    Status(RunnerStatus),
    /// Its run has ended, or could not begin. Later messages belong to another run.
    Ended(Result<RunnerSummary, Failure>),
}

/// Why a process's bots did not play.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Failure {
    /// The process could not begin.
    Begin(String),
    /// A bot could not join, and all had to.
    Join(String),
}

/// Writes a message.
///
/// # Errors
/// If it cannot be written.
pub fn write_message<T: Serialize>(to: &mut dyn Write, message: &T) -> io::Result<()> {
    let bytes = bincode::serde::encode_to_vec(message, ENCODING).map_err(io::Error::other)?;
    to.write_all(&bytes)?;
    to.flush()
}

/// Reads a message.
///
/// # Errors
/// If the stream has ended, or the message cannot be decoded.
pub fn read_message<T: DeserializeOwned>(from: &mut dyn Read) -> io::Result<T> {
    read_with_limit(from, ENCODING)
}

/// Reads a short message of a process that has not been accepted yet.
///
/// # Errors
/// As [`read_message`].
pub fn read_greeting<T: DeserializeOwned>(from: &mut dyn Read) -> io::Result<T> {
    read_with_limit(from, config::standard().with_limit::<GREETING_BYTES>())
}

fn read_with_limit<T: DeserializeOwned>(mut from: &mut dyn Read, encoding: impl Config) -> io::Result<T> {
    bincode::serde::decode_from_std_read(&mut from, encoding).map_err(|error| match error {
        DecodeError::Io { inner, .. } if inner.kind() == io::ErrorKind::UnexpectedEof => {
            io::Error::new(io::ErrorKind::UnexpectedEof, "it has ended, or its connection was cut")
        }
        DecodeError::Io { inner, .. } => inner,
        error => {
            io::Error::new(io::ErrorKind::InvalidData, format!("its message cannot be decoded: {error}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::measure::collector::When;
    use crate::measure::generator_health::HealthSecond;
    use crate::measure::stats::{Stats, count_cause};
    use crate::measure::times::Times;
    use crate::report::figures::RoomFigures;
    use crate::scenario::Scenario;

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
            write_message(&mut bytes, &FromMember::Delivery(delivery.clone())).unwrap();
            let FromMember::Delivery(arrived) = read_message(&mut &bytes[..]).unwrap() else { panic!("not a delivery") };
            prop_assert_eq!(arrived, delivery);
        }

        #[test]
        fn random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut noise = &bytes[..];
            while read_message::<FromMember>(&mut noise).is_ok() {}
        }
    }

    #[test]
    fn every_built_in_scenario_arrives() {
        for scenario in Scenario::named() {
            let plan = Plan { url: "ws://a:1".into(), scenario: scenario.clone(), ..Plan::default() };
            let mut bytes = Vec::new();
            write_message(&mut bytes, &ToMember::Work(Box::new(plan), Share { process: 1, processes: 3 }))
                .unwrap();
            let ToMember::Work(plan, share) = read_message(&mut &bytes[..]).unwrap() else {
                panic!("not work")
            };
            assert_eq!((plan.scenario, share.processes), (scenario, 3));
        }
    }

    #[test]
    fn a_changed_message_needs_a_new_version() {
        // Each number occurs once, so that a field that takes another's place is detected.
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
        write_message(&mut bytes, &FromMember::Delivery(delivery)).unwrap();
        write_message(&mut bytes, &FromMember::Status(RunnerStatus::default())).unwrap();
        write_message(&mut bytes, &FromMember::Ended(Ok(RunnerSummary::default()))).unwrap();
        write_message(&mut bytes, &ToMember::Work(Box::default(), Share { process: 1, processes: 2 }))
            .unwrap();
        assert_eq!(
            (VERSION, fingerprint(&bytes)),
            (concat!(env!("CARGO_PKG_VERSION"), "/1"), 17_029_423_317_354_158_533)
        );
    }
}
