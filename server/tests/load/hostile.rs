//! A crowd of hostile clients beside honest ones: honest clients do not notice, and each harm is counted.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::start;
use clap::Parser;
use drumline::{Config, Limits, RoomsConfig, Running};
use drumline_bots::hostile::{Harm, Hostile, Outcome, Tally};
use drumline_bots::{Options, Report, Swarm};
use tokio::sync::oneshot;

/// Hostile clients, with an about equal number for each harm.
const HOSTILES: u16 = 200;
/// The addresses that they share.
const HOSTILE_ADDRESSES: u16 = 20;
/// Connections that an address may have: fewer than the hostile clients of one.
const CONNECTIONS_PER_IP: u32 = 6;
/// Honest clients: two rooms of eight, each from an address of its own.
const HONEST: &str = "bots --rooms 2 --per-room 8 --from 127.0.1.1 --seed 7";

/// Every cause for which they are refused.
const REFUSALS: [&str; 12] = [
    "too_many_connections",
    "too_many_joins",
    "too_many_requests",
    "handshake_timeout",
    "no_request",
    "bad_request",
    "head_too_big",
    "wrong_origin",
    "unknown_session",
    "bad_ticket",
    "too_many_rooms",
    "request_timeout",
];
/// Every cause for which their connections end.
const CLOSES: [&str; 8] = [
    "protocol_error",
    "text_message",
    "message_too_big",
    "malformed",
    "input_flood",
    "message_flood",
    "too_slow",
    "lost",
];

/// A server with short limits and no exempt addresses.
fn strict_server() -> Running {
    let limits = Limits {
        connections_per_ip: CONNECTIONS_PER_IP,
        joins_per_ip_minute: 10,
        rooms_per_ip: 1,
        requests_per_ip_second: 20,
        handshake_seconds: 1,
        message_bytes: 4096,
        messages_per_second: 100,
        burst_seconds: 10,
        silent_seconds: 6,
        blocked_seconds: 1,
        unacked_seconds: 3,
        exempt: Vec::new(),
        ..Limits::default()
    };
    let rooms = RoomsConfig { shards: Some(1), resume_seconds: 1, ..RoomsConfig::default() };
    start(&Config { limits, rooms, ..Config::on_free_port() })
}

/// Runs the hostile clients on a thread of their own until they are told to stop. Returns the outcomes of their attempts.
fn unleash(server: &Running, seed: u64, until: oneshot::Receiver<()>) -> JoinHandle<Arc<Tally>> {
    let address = server.address();
    thread::spawn(move || {
        let tally = Arc::new(Tally::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for number in 0..HOSTILES {
                let [_, last] = (number % HOSTILE_ADDRESSES + 1).to_be_bytes();
                let hostile = Hostile {
                    address,
                    from: Some(Ipv4Addr::new(127, 0, 2, last).into()),
                    harm: Harm::PLAIN[usize::from(number) % Harm::PLAIN.len()],
                    pause: Duration::from_millis(300),
                    patience: Duration::from_secs(6),
                    seed: seed << 16 | u64::from(number),
                };
                tokio::spawn(hostile.run(Arc::clone(&tally)));
            }
            until.await.unwrap();
        });
        tally
    })
}

/// Plays with honest clients for some seconds. Returns the highest number of connections meanwhile.
fn play_beside(server: &Running, seconds: u32) -> (Report, usize) {
    let mut options = Options::parse_from(HONEST.split(' '));
    options.flags.url = format!("ws://{}", server.address());
    options.flags.seconds = Some(seconds);
    let (plan, _) = options.plan(Vec::new()).unwrap().expect("it is a run");
    let honest =
        thread::spawn(move || Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(())).unwrap());
    let mut connections = 0;
    while !honest.is_finished() {
        connections = connections.max(server.connections());
        thread::sleep(Duration::from_millis(5));
    }
    (honest.join().unwrap(), connections)
}

/// Waits until the server has counted every harm.
fn all_are_counted(server: &Running) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let listing = server.listing();
        let missing = |causes: &[&'static str], counts: &BTreeMap<&str, u64>| -> Vec<&str> {
            causes.iter().filter(|cause| !counts.contains_key(*cause)).copied().collect()
        };
        let missing = [missing(&REFUSALS, &listing.refusals), missing(&CLOSES, &listing.closes)].concat();
        if missing.is_empty() {
            return;
        }
        assert!(Instant::now() < patience, "{missing:?}: {:?}, {:?}", listing.refusals, listing.closes);
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until all seats and all slots are free.
fn all_come_back(server: &Running) {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let players: u16 = server.listing().rooms.iter().map(|room| room.players).sum();
        let connections = server.connections();
        if players == 0 && connections == 0 {
            return;
        }
        assert!(Instant::now() < patience, "{players} seats and {connections} places are still taken");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_hostile_crowd_harms_nobody_and_each_harm_is_counted() {
    let _alone = crate::ONE_AT_A_TIME.blocking_lock();
    let server = strict_server();
    let (stop, stopped) = oneshot::channel();
    let hostiles = unleash(&server, 1, stopped);
    let (report, connections) = play_beside(&server, 10);
    // Chance decides which of them get slots, so they continue until each has done its harm.
    all_are_counted(&server);
    stop.send(()).unwrap();
    let tally = hostiles.join().unwrap().counts();

    assert!(report.is_clean() && report.resumes == 0, "{report:?}");
    assert_eq!(report.bots_connected, 16);
    assert!(report.hashes_checked > 16 * 8, "{report:?}");
    // One more address is this machine's own, from which the swarm reads the metrics.
    let most = usize::from(HOSTILE_ADDRESSES + 1) * CONNECTIONS_PER_IP as usize + 16;
    assert!(connections > 16 && connections <= most, "{connections} connections at once");
    for harm in Harm::PLAIN {
        assert!(tally.keys().any(|(of, _)| *of == harm), "{}: {tally:?}", harm.name());
    }
    let bad_status = |outcome: &Outcome| matches!(outcome, Outcome::Status(500..=502 | 504..));
    assert!(!tally.keys().any(|(_, outcome)| bad_status(outcome)), "nothing has gone wrong: {tally:?}");

    all_come_back(&server);
    server.stop();
}
