//! The swarm against servers with injected faults: each fault shows in the figure that is meant for it, and a server without
//! faults shows in none of them.

use std::ops::ControlFlow;
use std::time::Duration;

use drumline::{Fault, FaultKind, RoomListing, RoomsConfig};
use drumline_bots::{Condition, FINISHED, Report, Scenario, Swarm, Verdict};

use crate::common::{plan, server};

const TICK_HZ: u32 = 20;
const ROOMS: u32 = 2;
const PER_ROOM: u32 = 3;
const SECONDS: u32 = 6;

const MISMATCHES: &str = "mismatches>0";
const INTERVAL: &str = "interval_ms_p99>2000";
const INTERVAL_FELT: &str = "interval_felt_ms_p99>2000";
const STALENESS: &str = "staleness_ms_p99>2000";
const LATENCY_FELT: &str = "latency_felt_ms_p99>2000";
/// The conditions that every run is judged by. A busy machine stalls for a second now and then: the bounds lie above that, and
/// the faults above the bounds.
const CONDITIONS: [&str; 5] = [MISMATCHES, INTERVAL, INTERVAL_FELT, STALENESS, LATENCY_FELT];

/// The outcome of a run.
#[derive(Debug)]
struct Outcome {
    report: Report,
    /// The conditions that it met.
    caught: Vec<&'static str>,
    /// The rooms in the server's own listing.
    rooms: Vec<RoomListing>,
}

/// Runs a swarm against a server with a fault in the first room, or for the first bot there.
fn run(fault: Option<FaultKind>) -> Outcome {
    let fault = fault.map(|kind| Fault { player: "bot-0-0".to_owned(), kind });
    let rooms = RoomsConfig { tick_hz: Some(TICK_HZ), fault, ..RoomsConfig::default() };
    let server = server(rooms);
    let scenario = Scenario { rooms: ROOMS, per_room: PER_ROOM, seconds: SECONDS, ..Scenario::default() };
    let plan = plan(&server, scenario);
    let report = Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(())).unwrap();
    let rooms = server.listing().rooms;
    server.stop();
    let is_met = |condition: &&str| {
        let condition: Condition = condition.parse().unwrap();
        let verdict = Verdict::of(&report, std::slice::from_ref(&condition)).unwrap();
        verdict.failures.iter().any(|failure| failure.starts_with(&condition.to_string()))
    };
    let caught = CONDITIONS.into_iter().filter(is_met).collect();
    Outcome { report, caught, rooms }
}

#[test]
fn a_server_without_faults_meets_no_condition() {
    let Outcome { report, caught, .. } = run(None);
    assert!(caught.is_empty() && report.is_clean(), "{caught:?}: {report:?}");
    assert_eq!((report.rooms.len() as u32, report.rooms_left_out), (ROOMS, 0));
}

#[test]
fn a_field_that_is_sent_wrong_once_is_a_mismatch_in_its_room_and_is_healed() {
    // Between two ticks that carry a hash.
    let after_ticks = 2 * TICK_HZ + TICK_HZ / 3;
    let Outcome { report, caught, rooms } = run(Some(FaultKind::WrongField { after_ticks }));
    assert_eq!(caught, [MISMATCHES], "{report:?}");
    assert!(
        (1..=u64::from(PER_ROOM)).contains(&report.mismatches),
        "once for each bot that received it: {report:?}"
    );
    assert!(Verdict::of(&report, &[]).unwrap().is_failure(), "without any condition: {report:?}");
    let [wrong, right] = &report.rooms[..] else { panic!("{report:?}") };
    assert_eq!((wrong.mismatches, right.mismatches), (report.mismatches, 0), "{report:?}");
    let reported = rooms.iter().find(|room| room.mismatches_reported > 0).unwrap();
    assert_eq!(wrong.id, reported.id, "the bots reported it to the server: {rooms:?}");
    // The mirrors are correct again, and stay so.
    assert!(report.series.last().is_some_and(|last| last.mismatches == 0 && last.updates > 0), "{report:?}");
    assert!(report.hashes_checked >= u64::from(ROOMS * PER_ROOM * (SECONDS - 2)), "{report:?}");
    assert!(report.closes.keys().eq([FINISHED]) && report.resumes == 0, "nothing else is wrong: {report:?}");
}

#[test]
fn late_ticks_in_one_room_show_in_that_room_and_in_the_staleness() {
    // Shorter than the silence after which a bot counts its connection as lost.
    let wait = Duration::from_millis(2500);
    let Outcome { report, caught, rooms } = run(Some(FaultKind::LateTicks { one_in: 1, wait }));
    assert!([INTERVAL, INTERVAL_FELT, STALENESS].iter().all(|figure| caught.contains(figure)), "{caught:?}");
    assert!(report.is_clean() && report.hashes_checked > 0, "late, but right: {report:?}");
    let [late, other] = &report.rooms[..] else { panic!("{report:?}") };
    assert!(late.interval_ms_p99 > 2400.0 && other.interval_ms_p99 < 2000.0, "{report:?}");
    let slowest = rooms.iter().min_by_key(|room| room.tick).unwrap();
    assert_eq!(late.id, slowest.id, "{rooms:?}");
}

#[test]
fn a_client_whose_messages_are_ignored_shows_in_the_felt_latency() {
    let Outcome { report, caught, .. } = run(Some(FaultKind::Deafness));
    // Its acknowledgements are ignored too, so after a second the server stops sending.
    assert_eq!(caught, [INTERVAL_FELT, STALENESS, LATENCY_FELT], "{report:?}");
    let waited = report.quantiles.latency_felt.points.last().unwrap().ms;
    assert!(waited >= f64::from(SECONDS) * 1000.0 - 500.0, "from beginning to end: {report:?}");
    assert!(report.inputs_missed_pct > 0.0 && report.is_clean(), "{report:?}");
}
