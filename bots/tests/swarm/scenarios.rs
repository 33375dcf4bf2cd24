//! Scenarios against a real server: arrivals, connection habits, failed joins, and an author's own bots.

use std::ops::ControlFlow;
use std::time::Duration;

use drumline::RoomsConfig;
use drumline_arena::Arena;
use drumline_arena::world::Controls;
use drumline_bots::{
    Arrival, FINISHED, Flapper, Mind, Plan, Report, Scenario, Slow, Spam, Stage, Swarm, SwarmError, View,
};

use crate::common::{plan, server};

fn weights(names: &[&str]) -> std::collections::BTreeMap<String, f64> {
    names.iter().map(|&name| (name.to_owned(), 1.0)).collect()
}

/// Runs a scenario against a server of the arena, with these settings of its rooms.
fn run_in(rooms: RoomsConfig, scenario: &Scenario) -> Result<Report, SwarmError> {
    let server = server(rooms);
    let plan = plan(&server, scenario.clone());
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
    assert!(report.updates_per_s > 10.0, "for the time in which they were in rooms: {report:?}");
    assert_eq!((report.rooms.len(), report.rooms_left_out), (2, 0));
    assert_eq!(report.scenario, scenario);
    // In the last second some bots may have left already.
    let mut server_seconds = report.series.iter().filter_map(|second| second.server.as_ref());
    assert!(server_seconds.any(|server| server.rooms == Some(2) && server.players == Some(8)), "{report:?}");
    let again: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(again.series.len(), report.series.len());
    assert_eq!(again.quantiles.interval.points.len(), report.quantiles.interval.points.len());
}

#[test]
fn waves_open_new_rooms_in_place_of_those_that_closed_behind_them() {
    let arrival = Arrival::Waves { every: 1.5, stay: 0.7, base: 0.0 };
    let report = run(&Scenario { rooms: 2, per_room: 3, seconds: 6, arrival, ..Scenario::default() });
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.bots_connected, 6, "each bot is counted once");
    assert!(report.closes[FINISHED] > 6, "although it joins more than once: {report:?}");
}

#[test]
fn losses_and_closes_that_bots_provoke_are_not_failures() {
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
    assert!(report.quantiles.join.count > 20, "a bot that has left joins anew: {report:?}");
    assert!(
        report.inputs_sent > report.quantiles.interval.count,
        "spam is more than one input per snapshot: {report:?}"
    );
}

#[test]
fn a_bot_that_spams_beyond_all_limits_is_cut_off_and_the_run_is_clean() {
    let behaviours = weights(&["spam"]);
    let spam = Spam { inputs_per_second: 40_000 };
    let report =
        run(&Scenario { rooms: 1, per_room: 2, seconds: 4, behaviours, spam, ..Scenario::default() });
    assert_eq!(report.closes_provoked.values().sum::<u64>(), 2, "{report:?}");
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn failed_joins_are_counted_unless_all_joins_fail() {
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
fn a_swarm_with_time_to_spare_is_valid() {
    // With ticks this long no machine is too busy to keep up.
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
fn an_observer_can_end_a_run() {
    let server = server(RoomsConfig::default());
    let scenario = Scenario { rooms: 2, per_room: 2, seconds: 600, ..Scenario::default() };
    let plan = plan(&server, scenario);
    let mut stages = Vec::new();
    let report = Swarm::shipped().run(&plan, &mut |live| {
        stages.push(live.stage);
        assert_eq!((live.bots, live.planned), (4, Duration::from_secs(600)));
        let seen = live.series.len() >= 2 && live.rooms.len() == 2 && live.counts.updates > 0;
        if seen { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    server.stop();
    let report = report.unwrap();
    assert!(report.ended_early && report.seconds < 600.0 && report.is_clean(), "{report:?}");
    stages.dedup();
    assert_eq!(stages[..2], [Stage::Joining, Stage::Measuring]);
}

/// Flies back and forth.
struct Pendulum(u32);

impl Mind<Arena> for Pendulum {
    fn act(&mut self, view: &View<'_>) -> Controls {
        self.0 += view.tick() % 2;
        let towards = if (self.0 / 15).is_multiple_of(2) { 1.0 } else { -1.0 };
        Controls { thrust: (towards, 0.0).into(), ..Controls::default() }
    }
}

#[test]
fn an_authors_own_bots_play() {
    let server = server(RoomsConfig::default());
    let swarm: Swarm = Swarm::new().game::<Arena>().behaviour("pendulum", |_| Pendulum(0)).into();
    let scenario = Scenario {
        rooms: 1,
        per_room: 2,
        seconds: 2,
        behaviours: weights(&["pendulum"]),
        ..Scenario::default()
    };
    let mut plan = plan(&server, scenario);
    let report = swarm.run(&plan, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.is_clean() && report.latency_ms_p50 > 0.0, "{report:?}");
    plan.scenario.behaviours = weights(&["chase"]);
    let error = swarm.run(&plan, &mut |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert_eq!(
        error,
        "`behaviours.chase` is not a behaviour of arena; its bots know: pendulum, idle, spam, flapper, slow"
    );
    server.stop();
}
