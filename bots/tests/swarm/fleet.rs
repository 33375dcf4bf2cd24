//! Swarms of several processes against a real server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use drumline::RoomsConfig;
use drumline_bots::{FINISHED, Fleet, FleetError, FleetListener, Plan, Report, Scenario, Swarm, SwarmError};

use crate::common::{plan, server};

const BOTS: &str = env!("CARGO_BIN_EXE_drumline-bots");

fn run_on(fleet: &mut Fleet, plan: &Plan) -> Result<Report, SwarmError> {
    Swarm::shipped().run_on(fleet, plan, &mut |_| ControlFlow::Continue(()))
}

/// A listener on a free port.
fn listen(processes: u32) -> (FleetListener, SocketAddr) {
    let listener = FleetListener::listen("127.0.0.1:0".parse().unwrap(), processes).unwrap();
    let address = listener.address().unwrap();
    (listener, address)
}

/// Waits until all processes have connected. Returns the errors of those that were refused.
fn complete(mut listener: FleetListener) -> (Fleet, Vec<FleetError>) {
    let mut errors = Vec::new();
    loop {
        match listener.accept() {
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Ok(Some(name)) => assert!(name.starts_with("127.0.0.1:")),
            Err(error) => errors.push(error),
        }
        listener = match listener.into_fleet() {
            Ok(fleet) => return (fleet, errors),
            Err(listener) => *listener,
        };
    }
}

/// A fleet whose processes are threads of this one.
fn fleet_of_threads(processes: u32) -> Fleet {
    let (listener, address) = listen(processes);
    for _ in 0..processes {
        thread::spawn(move || Swarm::shipped().connect(&address.to_string(), &mut |_| {}).unwrap());
    }
    complete(listener).0
}

fn start_process(address: SocketAddr) -> Child {
    Command::new(BOTS).args(["--connect", &address.to_string()]).stderr(Stdio::null()).spawn().unwrap()
}

/// The figures that do not depend on speed.
fn counts(report: &Report) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut rooms: Vec<u64> = report.rooms.iter().map(|room| room.bots).collect();
    rooms.sort_unstable();
    let seconds: Vec<(u32, u64, u64)> =
        report.series.iter().map(|second| (second.second, second.bots, second.joined)).collect();
    (report.bots_connected, report.closes.clone(), report.quantiles.join.count, rooms, seconds)
}

#[test]
fn three_processes_count_what_one_does() {
    let server = server(RoomsConfig::default());
    let scenario = Scenario { rooms: 7, per_room: 3, seconds: 3, threads: 2, ..Scenario::default() };
    let plan = plan(&server, scenario);
    let one = Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(())).unwrap();
    let mut fleet = fleet_of_threads(3);
    // A fleet can make more than one run.
    for _ in 0..2 {
        let three = run_on(&mut fleet, &plan).unwrap();
        assert!(one.is_clean() && three.is_clean(), "{three:?}");
        assert_eq!(counts(&three), counts(&one));
        assert_eq!(three.closes.get(FINISHED), Some(&21));
        assert_eq!((three.generator.processes, three.generator.threads), (3, 6));
        assert_eq!((three.processes.len(), one.processes.len(), three.ended_early), (3, 0, false));
        assert!(three.hashes_checked >= 21 && three.mismatches == 0);
        let updates: u64 = three.series.iter().map(|second| second.updates).sum();
        let all = three.updates_per_s * 21.0 * three.seconds;
        let intervals = three.quantiles.interval.count;
        // Snapshots after the last whole second are in none; a bot's first snapshot ends no interval.
        assert!(updates > 0 && updates as f64 <= all + 0.5, "{updates} of {all}");
        assert!(intervals as f64 <= all + 0.5 && intervals + 21 >= updates, "{intervals} of {all}");
    }
    let fewer = Scenario { rooms: 2, per_room: 2, seconds: 1, threads: 4, ..Scenario::default() };
    let report = run_on(&mut fleet, &Plan { scenario: fewer, ..plan }).unwrap();
    assert_eq!((report.bots_connected, report.generator.processes), (4, 2), "a room belongs to one process");
    server.stop();
}

#[test]
fn the_program_starts_its_own_processes() {
    let server = server(RoomsConfig::default());
    let url = format!("ws://{}", server.address());
    let json = std::env::temp_dir().join(format!("drumline-fleet-{}.json", std::process::id()));
    let flags = ["--rooms", "3", "--per-room", "2", "--seconds", "2", "--plain", "--processes", "3"];
    let ended = Command::new(BOTS).args(flags).args(["--url", &url, "--json"]).arg(&json).output().unwrap();
    let output = String::from_utf8_lossy(&ended.stderr).into_owned();
    // A machine that is busy with other tests may be too slow; then the run is not valid.
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{output}");
    let report: Report = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    std::fs::remove_file(&json).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    assert_eq!((report.bots_connected, report.generator.processes, report.processes.len()), (6, 3, 3));
    #[cfg(target_os = "linux")]
    assert!(report.generator.memory_bytes > 3 * 2_000_000, "each of the three is a program: {report:?}");
    server.stop();
}

#[test]
fn a_process_that_is_lost_ends_the_run_and_makes_it_a_failure() {
    let server = server(RoomsConfig::default());
    let (listener, address) = listen(2);
    let mut processes = [start_process(address), start_process(address)];
    let mut fleet = complete(listener).0;
    let plan = plan(&server, Scenario { rooms: 4, per_room: 2, seconds: 600, ..Scenario::default() });
    let report = Swarm::shipped().run_on(&mut fleet, &plan, &mut |live| {
        if !live.series.is_empty() {
            processes[0].kill().unwrap();
        }
        ControlFlow::Continue(())
    });
    let report = report.unwrap();
    assert!(report.ended_early && !report.is_clean(), "{report:?}");
    assert!(matches!(&report.processes_lost[..], [lost] if lost.starts_with("127.0.0.1:")), "{report:?}");
    assert_eq!(
        report.closes.get(FINISHED),
        Some(&4),
        "the other process's bots have left in order: {report:?}"
    );
    let error = run_on(&mut fleet, &plan).unwrap_err();
    assert!(matches!(error, SwarmError::Fleet(FleetError::Lost(_))), "{error}");
    // The seats of the lost process's bots are held.
    let rooms = server.listing().rooms;
    assert!(rooms.iter().all(|room| room.players == room.held_seats), "no bot goes on playing: {rooms:?}");
    drop(fleet);
    assert!(processes[1].wait().unwrap().success(), "a process without a coordinator ends");
    processes[0].wait().unwrap();
    server.stop();
}

#[test]
fn connections_that_are_not_processes_of_the_swarm_are_refused() {
    let (listener, address) = listen(1);
    let mut browser = TcpStream::connect(address).unwrap();
    browser.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    let mut older = TcpStream::connect(address).unwrap();
    older.write_all(b"\x070.0.1/0").unwrap();
    let process = thread::spawn(move || Swarm::shipped().connect(&address.to_string(), &mut |_| {}));
    let (fleet, errors) = complete(listener);
    assert!(
        matches!(&errors[..], [_, FleetError::Version { theirs, .. }] if theirs == "0.0.1/0"),
        "{errors:?}"
    );
    let mut answer = Vec::new();
    older.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    older.read_to_end(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("run the same program everywhere"));
    drop(fleet);
    process.join().unwrap().unwrap();
}

#[test]
fn bots_that_cannot_join_name_their_process() {
    let server = server(RoomsConfig { max_players: Some(2), ..RoomsConfig::default() });
    let mut fleet = fleet_of_threads(2);
    let plan = plan(&server, Scenario { rooms: 2, per_room: 3, ..Scenario::default() });
    let error = run_on(&mut fleet, &plan).unwrap_err().to_string();
    assert!(error.contains("room_full") && error.contains("127.0.0.1:"), "{error}");
    let unknown = Scenario { game: "chess".into(), ..Scenario::default() };
    let error = run_on(&mut fleet, &Plan { scenario: unknown, ..plan }).unwrap_err().to_string();
    assert!(error.contains("arena, frontier"), "{error}");
    server.stop();
}
