//! Scenarios against a real server: who comes when, what bots do, and what is made of it.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::ops::ControlFlow;
use std::time::Duration;

use drumline::{Config, RoomsConfig, Server};
use drumline_arena::Arena;
use drumline_arena::world::Controls;
use drumline_bots::{
    Arrival, Behaviour, FINISHED, Flapper, Plan, Report, Scenario, Slow, Spam, Stage, Swarm, SwarmError, View,
};

fn weights(names: &[&str]) -> std::collections::BTreeMap<String, f64> {
    names.iter().map(|&name| (name.to_owned(), 1.0)).collect()
}

/// Runs a scenario against a server of the arena whose rooms are like this.
fn run_in(rooms: RoomsConfig, scenario: &Scenario) -> Result<Report, SwarmError> {
    let config = Config { rooms, ..Config::on_free_port() };
    let server = Server::new().game::<Arena>().start(&config).unwrap();
    let url = format!("ws://{}", server.address());
    let plan = Plan { url, scenario: scenario.clone(), ..Plan::default() };
    let report = Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(()));
    server.stop();
    report
}

fn run(scenario: &Scenario) -> Report {
    run_in(RoomsConfig::default(), scenario).unwrap()
}

#[test]
fn a_ramp_is_measured_from_the_start() {
    let arrival = Arrival::Ramp { seconds: 2.0 };
    let scenario = Scenario { rooms: 2, per_room: 4, seconds: 5, threads: 2, arrival, ..Scenario::default() };
    let report = run(&scenario);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.bots_connected, report.closes.get(FINISHED)), (8, Some(&8)));
    let [first, .., last] = &report.series[..] else { panic!("{:?}", report.series) };
    assert!(first.bots < 8 && last.bots == 8, "{:?}", report.series);
    assert_eq!(report.series.iter().map(|second| second.joined).sum::<u64>(), 8);
    assert_eq!(report.series.iter().map(|second| second.second).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(report.updates_per_s > 10.0, "for the time that they were there: {report:?}");
    assert_eq!((report.rooms.len(), report.rooms_left_out), (2, 0));
    assert_eq!(report.scenario, scenario);
    // In the last second some may have left already.
    let mut told = report.series.iter().filter_map(|second| second.server.as_ref());
    assert!(told.any(|server| server.rooms == Some(2) && server.players == Some(8)), "{report:?}");
    let again: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(again.series.len(), report.series.len());
    assert_eq!(again.quantiles.interval.points.len(), report.quantiles.interval.points.len());
}

#[test]
fn waves_come_and_go_and_open_rooms_that_were_closed_behind_them() {
    let arrival = Arrival::Waves { every: 1.5, stay: 0.7, base: 0.0 };
    let report = run(&Scenario { rooms: 2, per_room: 3, seconds: 6, arrival, ..Scenario::default() });
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.bots_connected, 6, "each is counted once");
    assert!(report.closes[FINISHED] > 6, "though it comes more than once: {report:?}");
}

#[test]
fn what_bots_bring_upon_themselves_is_nobodys_failure() {
    let behaviours = weights(&["chase", "spam", "flapper", "slow", "idle"]);
    let scenario = Scenario {
        rooms: 2,
        per_room: 10,
        seconds: 6,
        behaviours,
        flapper: Flapper { every_seconds: 0.8, goodbyes: 0.3 },
        slow: Slow { pause_seconds: 0.4, read_seconds: 0.4 },
        ..Scenario::default()
    };
    let report = run(&scenario);
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    assert!(report.resumes > 0 && report.closes[FINISHED] == 20, "{report:?}");
    assert!(report.quantiles.join.count > 20, "who has said goodbye comes anew: {report:?}");
    assert!(report.inputs_sent > report.quantiles.interval.count, "spam is more than is shown: {report:?}");
}

#[test]
fn who_spams_beyond_all_limits_is_cut_off_and_that_is_right() {
    let behaviours = weights(&["spam"]);
    let spam = Spam { inputs_per_second: 40_000 };
    let report =
        run(&Scenario { rooms: 1, per_room: 2, seconds: 4, behaviours, spam, ..Scenario::default() });
    assert_eq!(report.closes_provoked.values().sum::<u64>(), 2, "{report:?}");
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn joins_that_fail_are_counted_unless_all_do() {
    let rooms = RoomsConfig { max_players: Some(2), ..RoomsConfig::default() };
    let arrival = Arrival::Steps { count: 3, every: 0.5 };
    let scenario = Scenario { rooms: 1, per_room: 3, seconds: 3, arrival, ..Scenario::default() };
    let report = run_in(rooms, &scenario).unwrap();
    assert_eq!(report.bots_connected, 2);
    assert_eq!(report.join_failures.get("409 room_full"), Some(&1), "{report:?}");
    assert!(!report.is_clean());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plan = Plan { url: format!("ws://{nobody}"), scenario, ..Plan::default() };
    let error = Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert!(error.contains("none of 3 bots") && error.contains("is the server running"), "{error}");
}

#[test]
fn a_swarm_that_has_time_is_believed() {
    // With ticks this long no machine is too busy to be in time.
    let rooms = RoomsConfig { tick_hz: Some(1), ..RoomsConfig::default() };
    let scenario = Scenario { rooms: 1, per_room: 2, seconds: 4, ..Scenario::default() };
    let report = run_in(rooms, &scenario).unwrap();
    assert!(report.valid && report.invalid_because.is_empty(), "{report:?}");
    let generator = &report.generator;
    assert!(
        generator.cpu_share_max > 0.0 && generator.threads == 1 && generator.memory_bytes > 0,
        "{report:?}"
    );
}

#[test]
fn whoever_watches_may_end_a_run() {
    let server = Server::new().game::<Arena>().start(&Config::on_free_port()).unwrap();
    let url = format!("ws://{}", server.address());
    let scenario = Scenario { rooms: 2, per_room: 2, seconds: 600, ..Scenario::default() };
    let plan = Plan { url, scenario, ..Plan::default() };
    let mut stages = Vec::new();
    let report = Swarm::shipped().run(&plan, &mut |live| {
        stages.push(live.phase);
        assert_eq!((live.bots, live.wanted), (4, Duration::from_secs(600)));
        let seen = live.series.len() >= 2 && live.rooms.len() == 2 && live.counts.updates > 0;
        if seen { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    server.stop();
    let report = report.unwrap();
    assert!(report.ended_early && report.seconds < 600.0 && report.is_clean(), "{report:?}");
    stages.dedup();
    assert_eq!(stages[..2], [Stage::Joining, Stage::Measuring]);
}

/// Flies to and fro.
struct Pendulum(u32);

impl Behaviour<Arena> for Pendulum {
    fn act(&mut self, view: &View<'_>) -> Controls {
        self.0 += view.tick() % 2;
        let towards = if (self.0 / 15).is_multiple_of(2) { 1.0 } else { -1.0 };
        Controls { thrust: (towards, 0.0).into(), ..Controls::default() }
    }
}

#[test]
fn an_authors_own_bots_play() {
    let server = Server::new().game::<Arena>().start(&Config::on_free_port()).unwrap();
    let swarm: Swarm = Swarm::new().game::<Arena>().behaviour("pendulum", |_| Pendulum(0)).into();
    let url = format!("ws://{}", server.address());
    let scenario = Scenario {
        rooms: 1,
        per_room: 2,
        seconds: 2,
        behaviours: weights(&["pendulum"]),
        ..Scenario::default()
    };
    let mut plan = Plan { url, scenario, ..Plan::default() };
    let report = swarm.run(&plan, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.is_clean() && report.latency_ms_p50 > 0.0, "{report:?}");
    plan.scenario.behaviours = weights(&["chase"]);
    let error = swarm.run(&plan, &mut |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert_eq!(
        error,
        "`behaviours.chase` is none of arena; its bots know: pendulum, idle, spam, flapper, slow"
    );
    server.stop();
}
