//! The swarm against a real server, and against one that lies.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use drumline::{Config, RoomsConfig, Server, TlsConfig};
use drumline_arena::Arena;
use drumline_bots::{FINISHED, Live, Options, Report, Swarm, SwarmError};
use drumline_frontier::Frontier;
use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::wire::session::SessionToken;
use drumline_shared::wire::snapshot::{AreaUpdate, Snapshot};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

fn options(arguments: &[&str]) -> Options {
    Options::parse_from([&["drumline-bots"], arguments].concat())
}

fn run(options: &Options, mut observe: impl FnMut(&Live<'_>)) -> Result<Report, SwarmError> {
    let (plan, _) = options.plan(Vec::new()).unwrap().unwrap();
    Swarm::shipped().run(&plan, &mut |live| {
        observe(live);
        ControlFlow::Continue(())
    })
}

#[test]
fn a_swarm_fills_its_rooms_and_finds_every_mirror_right() {
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
    let report = run(&self::options(&options), |_| {}).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    server.stop();
}

#[test]
fn a_swarm_that_finds_no_place_says_why() {
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
fn a_swarm_over_wss_on_a_bad_network_finds_every_mirror_right() {
    let folder = std::env::temp_dir().join(format!("drumline-swarm-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = TlsConfig { cert: Some(cert.clone()), key: Some(key) };
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
fn a_swarm_on_a_bad_network_finds_every_mirror_right() {
    let server = Server::new().game::<Arena>().start(&Config::on_free_port()).unwrap();
    let url = format!("ws://{}", server.address());
    let net = "delay=20ms,jitter=10ms,stall=2%:100ms";
    let options = ["--url", &url, "--rooms", "2", "--per-room", "4", "--seconds", "3", "--net", net];
    let report = run(&self::options(&options), |_| {}).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    assert_eq!(report.closes.get(FINISHED), Some(&8));
    assert!(report.latency_ms_p50 >= 20.0, "there and back: {report:?}");
    server.stop();
}

#[test]
fn a_swarm_whose_connections_are_cut_gets_its_seats_back() {
    // Rooms without a free seat: whoever loses theirs gets no other.
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

type Socket = WebSocketStream<TcpStream>;

/// The next bot; the swarm also asks for figures, and is told none.
async fn accept(listener: &TcpListener) -> Socket {
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let protocol = |_: &Request, mut response: Response| {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("drumline.1"));
        Ok(response)
    };
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        if let Ok(socket) = accept_hdr_async(stream, protocol).await {
            return socket;
        }
    }
}

fn room() -> Room {
    let config = RoomConfig {
        id: "r".into(),
        max_players: 2,
        tick_rate_hz: 50,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Arena>()), config)
}

/// Plays a room until a tick for one player, who answers each snapshot, and lies as told; whether the player still
/// listens.
async fn play(
    room: &mut Room,
    player: PlayerId,
    socket: &mut Socket,
    until: u32,
    lie: impl Fn(u32, &mut [u8]),
) -> bool {
    while room.current_tick() < until {
        room.tick();
        room.handle_ack(player, room.current_tick() - 1);
        let mut message = room.poll_snapshot(player).unwrap().to_vec();
        lie(room.current_tick(), &mut message);
        if socket.send(Message::binary(message)).await.is_err() {
            return false;
        }
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) if bytes[0] == 0 => drop(room.handle_resync(player)),
            Some(Ok(Message::Binary(bytes))) => drop(room.handle_input(player, &bytes).unwrap()),
            _ => return false,
        }
    }
    true
}

/// Runs a bot for so many seconds against a server that serves it as told.
fn against<F: Future<Output = ()>>(
    seconds: &str,
    serve: impl FnOnce(TcpListener) -> F + Send + 'static,
) -> Report {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    // A room stays on the thread that made it.
    let server = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { serve(TcpListener::from_std(listener).unwrap()).await });
    });
    let options = ["--url", &url, "--rooms", "1", "--per-room", "1", "--seconds", seconds];
    let report = run(&self::options(&options), |_| {}).unwrap();
    server.join().unwrap();
    report
}

#[test]
fn a_server_that_lies_is_found_out_and_asked_for_a_keyframe() {
    let report = against("1", |listener| async move {
        let mut socket = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        socket.send(Message::binary(room.welcome(player, SessionToken([0; 16]), 0))).await.unwrap();
        // One bit of one snapshot that carries a hash.
        let lie = |tick: u32, message: &mut [u8]| {
            if tick == 50 {
                let mut snapshot = Snapshot::default();
                snapshot.read(message, 1).unwrap();
                let [AreaUpdate::Block(block)] = &snapshot.areas[..] else {
                    panic!("the public area has a hash")
                };
                // In the hash itself: a block begins with "a hash follows" and its 32 bits.
                message[block.start + 2] ^= 0x10;
            }
        };
        while play(&mut room, player, &mut socket, u32::MAX, lie).await {}
    });
    assert_eq!(report.mismatches, 1, "one lie, one mismatch, and a keyframe heals it: {report:?}");
    assert!(report.hashes_checked > 0 && !report.is_clean());
}

/// A server that loses a connection, and resumes it with this token on this seat, or another, with these inputs known, or
/// none.
async fn resume_wrongly(listener: TcpListener, token: [u8; 16], other_seat: bool, other_inputs: bool) {
    let mut first = accept(&listener).await;
    let mut room = room();
    let player = room.join("victim").unwrap();
    first.send(Message::binary(room.welcome(player, SessionToken([1; 16]), 30))).await.unwrap();
    assert!(play(&mut room, player, &mut first, 20, |_, _| {}).await);
    drop(first);
    let mut second = accept(&listener).await;
    let player = if other_seat {
        room.join("other").unwrap()
    } else if other_inputs {
        room.leave(player);
        room.join("victim").unwrap()
    } else {
        player
    };
    second.send(Message::binary(room.welcome(player, SessionToken(token), 30))).await.unwrap();
    play(&mut room, player, &mut second, u32::MAX, |_, _| {}).await;
}

#[test]
fn a_server_that_lies_about_sessions_is_found_out() {
    let cases = [
        ("resumed on another seat", [2; 16], true, false),
        ("resumed with the old session's token", [1; 16], false, false),
        ("resumed, but the server does not know the inputs of before", [2; 16], false, true),
    ];
    for (finding, token, other_seat, other_inputs) in cases {
        let report = against("1", move |listener| resume_wrongly(listener, token, other_seat, other_inputs));
        assert_eq!((report.resumes, report.resume_failures), (0, 1), "{report:?}");
        assert_eq!(report.closes.get(finding), Some(&1), "{report:?}");
        assert!(!report.is_clean());
    }
    let report = against("1", |listener| resume_wrongly(listener, [2; 16], false, false));
    assert_eq!(
        (report.resumes, report.resume_failures),
        (1, 0),
        "nothing is wrong with this one: {report:?}"
    );
    assert!(report.is_clean());
}

#[test]
fn a_connection_that_falls_silent_is_given_up_and_resumed() {
    let report = against("5", |listener| async move {
        let mut silent = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        silent.send(Message::binary(room.welcome(player, SessionToken([1; 16]), 30))).await.unwrap();
        assert!(play(&mut room, player, &mut silent, 20, |_, _| {}).await);
        let mut second = accept(&listener).await;
        drop(silent);
        second.send(Message::binary(room.welcome(player, SessionToken([2; 16]), 30))).await.unwrap();
        play(&mut room, player, &mut second, u32::MAX, |_, _| {}).await;
    });
    assert!(report.resumes == 1 && report.is_clean(), "{report:?}");
}

#[test]
fn inputs_that_never_have_an_effect_are_missed_and_waited_for() {
    let report = against("2", |listener| async move {
        let mut socket = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        socket.send(Message::binary(room.welcome(player, SessionToken([0; 16]), 0))).await.unwrap();
        // What the bot says is thrown away, but for its word that it has got the snapshots.
        loop {
            room.tick();
            room.handle_ack(player, room.current_tick() - 1);
            let snapshot = room.poll_snapshot(player).unwrap().to_vec();
            if socket.send(Message::binary(snapshot)).await.is_err() {
                break;
            }
            let Some(Ok(Message::Binary(_))) = socket.next().await else { break };
        }
    });
    assert!(report.is_clean() && report.hashes_checked > 0, "all that it shows is right: {report:?}");
    assert_eq!((report.inputs_missed_pct, report.quantiles.latency.count), (100.0, 0), "{report:?}");
    assert!(report.latency_felt_ms_p99 >= 1500.0, "none has had an effect in two seconds: {report:?}");
}

/// A server that sends so many snapshots, then none for a while, and then again, or not.
async fn stand_still(listener: TcpListener, still: Duration, again: bool) {
    let mut socket = accept(&listener).await;
    let mut room = room();
    let player = room.join("victim").unwrap();
    socket.send(Message::binary(room.welcome(player, SessionToken([0; 16]), 0))).await.unwrap();
    assert!(play(&mut room, player, &mut socket, 20, |_, _| {}).await);
    tokio::time::sleep(still).await;
    if again {
        play(&mut room, player, &mut socket, u32::MAX, |_, _| {}).await;
    }
    // The bot says goodbye.
    while let Some(Ok(_)) = socket.next().await {}
}

#[test]
fn a_server_that_stands_still_is_felt_at_each_snapshot_that_is_missing() {
    let still = Duration::from_secs(2);
    let report = against("4", move |listener| stand_still(listener, still, true));
    assert!(report.is_clean(), "{report:?}");
    let (seen, felt) = (&report.quantiles.interval, &report.quantiles.interval_felt);
    // At 50 ticks a second.
    assert!(felt.count >= seen.count + 95 && report.interval_ms_max >= 1990.0, "{report:?}");
    assert!(report.staleness_ms_max >= 1800.0, "{report:?}");
    assert!(report.quantiles.latency_felt.count >= report.quantiles.latency.count + 90, "{report:?}");
    let report = against("3", |listener| stand_still(listener, Duration::ZERO, false));
    assert!(report.is_clean(), "{report:?}");
    let most = |curve: &drumline_bots::Curve| curve.points.last().map_or(0.0, |last| last.ms);
    assert!(most(&report.quantiles.interval) < 1000.0, "nothing has come that could be noted: {report:?}");
    assert!(most(&report.quantiles.interval_felt) >= 2000.0, "but it was waited for: {report:?}");
    assert!(most(&report.quantiles.latency_felt) >= 2000.0, "{report:?}");
}
