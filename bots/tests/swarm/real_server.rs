//! The swarm against a real server.

use drumline::{Config, RoomsConfig, Server, TlsConfig};
use drumline_arena::Arena;
use drumline_bots::FINISHED;
use drumline_frontier::Frontier;

use crate::common::{options, run};

#[test]
fn a_swarm_fills_its_rooms_and_every_hash_matches() {
    let server = Server::new().game::<Arena>().start(&Config::on_free_port()).unwrap();
    let url = format!("ws://{}", server.address());
    let options =
        options(&["--url", &url, "--rooms", "3", "--per-room", "5", "--seconds", "2", "--threads", "2"]);
    let mut joined = 0;
    let report = run(&options, |live| joined = live.counts.joined).unwrap();
    assert_eq!((joined, report.bots_connected), (15, 15));
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.closes.get(FINISHED), Some(&15));
    assert!(report.hashes_checked >= 15 * 2 && report.bytes_per_update > 5.0);
    assert!(report.latency_ms_p50 > 0.0);
    let rooms = server.listing().rooms;
    assert_eq!(rooms.len(), 3);
    server.stop();
}

#[test]
fn a_swarm_plays_the_frontier() {
    let server = Server::new().game::<Frontier>().start(&Config::on_free_port()).unwrap();
    let url = format!("ws://{}", server.address());
    let options = ["--url", &url, "--game", "frontier", "--rooms", "1", "--per-room", "2", "--seconds", "2"];
    let report = run(&crate::common::options(&options), |_| {}).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    server.stop();
}

#[test]
fn a_swarm_that_cannot_join_reports_why() {
    let rooms = RoomsConfig { max_players: Some(2), ..RoomsConfig::default() };
    let config = Config { rooms, ..Config::on_free_port() };
    let server = Server::new().game::<Arena>().start(&config).unwrap();
    let url = format!("ws://{}", server.address());
    let error = run(&options(&["--url", &url, "--rooms", "1", "--per-room", "3"]), |_| {}).unwrap_err();
    assert!(error.to_string().contains("room_full"), "{error}");
    server.stop();
    let error = run(&options(&["--game", "chess"]), |_| {}).unwrap_err();
    assert!(error.to_string().contains("arena, frontier"), "{error}");
}

#[test]
fn over_wss_on_a_bad_network_every_hash_matches() {
    let folder = std::env::temp_dir().join(format!("drumline-swarm-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = TlsConfig { cert: Some(cert.clone()), key: Some(key), ..TlsConfig::default() };
    let config = Config { tls, ..Config::on_free_port() };
    let server = Server::new().game::<Arena>().start(&config).unwrap();
    let url = format!("wss://{}", server.address());
    let swarm = ["--url", &url, "--rooms", "2", "--per-room", "4", "--seconds", "2"];
    let error = run(&options(&swarm), |_| {}).unwrap_err();
    assert!(error.to_string().contains("--ca"), "{error}");
    for net in [None, Some("delay=5ms,jitter=5ms,drop=conn:1/s")] {
        let trust = ["--ca", cert.to_str().unwrap()];
        let net = net.map_or(Vec::new(), |net| vec!["--net", net]);
        let report = run(&options(&[&swarm[..], &trust, &net].concat()), |_| {}).unwrap();
        assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
        assert_eq!(report.closes.get(FINISHED), Some(&8));
    }
    server.stop();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn on_a_bad_network_every_hash_matches() {
    let server = Server::new().game::<Arena>().start(&Config::on_free_port()).unwrap();
    let url = format!("ws://{}", server.address());
    let net = "delay=20ms,jitter=10ms,stall=2%:100ms";
    let options = ["--url", &url, "--rooms", "2", "--per-room", "4", "--seconds", "3", "--net", net];
    let report = run(&crate::common::options(&options), |_| {}).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    assert_eq!(report.closes.get(FINISHED), Some(&8));
    assert!(report.latency_ms_p50 >= 20.0, "at least one round trip: {report:?}");
    server.stop();
}

#[test]
fn a_swarm_whose_connections_are_cut_resumes_all_seats() {
    // Rooms without a free seat: a bot that loses its seat gets no other.
    let rooms = RoomsConfig { max_players: Some(4), ..RoomsConfig::default() };
    let config = Config { rooms, ..Config::on_free_port() };
    let server = Server::new().game::<Arena>().start(&config).unwrap();
    let url = format!("ws://{}", server.address());
    let net = ["--net", "delay=5ms,jitter=5ms,drop=conn:1/s", "--seed", "5"];
    let rooms = ["--url", &url, "--rooms", "2", "--per-room", "4", "--seconds", "4"];
    let report = run(&options(&[&rooms[..], &net].concat()), |_| {}).unwrap();
    assert!(report.resumes > 0 && report.resume_failures == 0, "{report:?}");
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    assert_eq!(report.closes.get(FINISHED), Some(&8));
    server.stop();
}
