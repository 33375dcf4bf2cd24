//! What a fleet's processes and the one that watches over them say to each other: bincode, over a pipe or a TCP connection.

use std::io::{self, Read, Write};

use bincode::config::{self, Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::collect::Delivery;
use crate::hands::{Conclusion, Standing};
use crate::swarm::Plan;
use crate::threads::Share;

/// What both sides must have in common: the program's version, and that of these messages.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");
/// The longest message. A second of thousands of rooms is some hundred kilobytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
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
/// [`DecodeError`] if nothing comes any more, or it cannot be understood.
pub fn hear<T: DeserializeOwned>(mut from: &mut dyn Read) -> Result<T, DecodeError> {
    bincode::serde::decode_from_std_read(&mut from, ENCODING)
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
        fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
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
}
