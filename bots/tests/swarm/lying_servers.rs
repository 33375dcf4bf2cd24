//! The swarm against servers that lie, stall, or acknowledge nothing, each written for its test.

use std::sync::Arc;
use std::time::Duration;

use drumline_arena::Arena;
use drumline_bots::Report;
use drumline_room::{
    ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, PlayerId, Room, RoomConfig, SessionTerms, Setup,
};
use drumline_shared::wire::snapshot::{AreaUpdate, Snapshot};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::common::{options, run};

type Socket = WebSocketStream<TcpStream>;

/// Accepts the next bot. The swarm's requests for metrics fail here.
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
        max_players: 2,
        tick_rate_hz: 50,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Arena>()), config)
}

/// Runs a room until a tick, for one player that answers each snapshot; `lie` changes the snapshots. Returns true if the player
/// is still connected.
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

/// Runs a bot for this many seconds against a server.
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
fn a_wrong_snapshot_is_detected_and_a_keyframe_requested() {
    let report = against("1", |listener| async move {
        let mut socket = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        socket.send(Message::binary(room.welcome(player, SessionTerms::default()))).await.unwrap();
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

fn terms(token: &str) -> SessionTerms<'_> {
    SessionTerms { token, resume_seconds: 30, reload_seconds: 8 }
}

/// A server that loses a connection and resumes it with this token: on another seat, or without the old inputs, if asked to.
async fn resume_wrongly(listener: TcpListener, token: &'static str, other_seat: bool, other_inputs: bool) {
    let mut first = accept(&listener).await;
    let new_room = room;
    let mut room = new_room();
    let player = room.join("victim").unwrap();
    first.send(Message::binary(room.welcome(player, terms("1")))).await.unwrap();
    assert!(play(&mut room, player, &mut first, 20, |_, _| {}).await);
    drop(first);
    let mut second = accept(&listener).await;
    let player = if other_seat {
        room.join("other").unwrap()
    } else if other_inputs {
        // Another room of the same age, in which the player has the same seat.
        let age = room.current_tick();
        room = new_room();
        (0..age).for_each(|_| room.tick());
        room.join("victim").unwrap()
    } else {
        player
    };
    second.send(Message::binary(room.welcome(player, terms(token)))).await.unwrap();
    play(&mut room, player, &mut second, u32::MAX, |_, _| {}).await;
}

#[test]
fn a_wrongly_resumed_session_is_detected() {
    let cases = [
        ("resumed on another seat", "2", true, false),
        ("resumed with the old session's token", "1", false, false),
        ("resumed, but the server does not know the inputs of before", "2", false, true),
    ];
    for (finding, token, other_seat, other_inputs) in cases {
        let report = against("1", move |listener| resume_wrongly(listener, token, other_seat, other_inputs));
        assert_eq!((report.resumes, report.resume_failures), (0, 1), "{report:?}");
        assert_eq!(report.closes.get(finding), Some(&1), "{report:?}");
        assert!(!report.is_clean());
    }
    let report = against("1", |listener| resume_wrongly(listener, "2", false, false));
    assert_eq!((report.resumes, report.resume_failures), (1, 0), "this one is resumed correctly: {report:?}");
    assert!(report.is_clean());
}

#[test]
fn a_connection_that_falls_silent_is_abandoned_and_resumed() {
    let report = against("5", |listener| async move {
        let mut silent = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        silent.send(Message::binary(room.welcome(player, terms("1")))).await.unwrap();
        assert!(play(&mut room, player, &mut silent, 20, |_, _| {}).await);
        let mut second = accept(&listener).await;
        drop(silent);
        second.send(Message::binary(room.welcome(player, terms("2")))).await.unwrap();
        play(&mut room, player, &mut second, u32::MAX, |_, _| {}).await;
    });
    assert!(report.resumes == 1 && report.is_clean(), "{report:?}");
}

#[test]
fn inputs_that_are_never_consumed_are_missed_and_waited_for() {
    let report = against("2", |listener| async move {
        let mut socket = accept(&listener).await;
        let mut room = room();
        let player = room.join("victim").unwrap();
        socket.send(Message::binary(room.welcome(player, SessionTerms::default()))).await.unwrap();
        // The bot's inputs are thrown away; its acknowledgements are made up.
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
    assert!(report.is_clean() && report.hashes_checked > 0, "all snapshots are correct: {report:?}");
    assert_eq!((report.inputs_missed_pct, report.quantiles.latency.count), (100.0, 0), "{report:?}");
    assert!(report.latency_felt_ms_p99 >= 1500.0, "none has had an effect in two seconds: {report:?}");
}

/// A server that sends 20 snapshots, stalls, and goes on, if `again`.
async fn stall(listener: TcpListener, still: Duration, again: bool) {
    let mut socket = accept(&listener).await;
    let mut room = room();
    let player = room.join("victim").unwrap();
    socket.send(Message::binary(room.welcome(player, SessionTerms::default()))).await.unwrap();
    assert!(play(&mut room, player, &mut socket, 20, |_, _| {}).await);
    tokio::time::sleep(still).await;
    if again {
        play(&mut room, player, &mut socket, u32::MAX, |_, _| {}).await;
    }
    // The bot closes the connection.
    while let Some(Ok(_)) = socket.next().await {}
}

#[test]
fn a_stall_is_felt_once_for_each_missing_snapshot() {
    let still = Duration::from_secs(2);
    let report = against("4", move |listener| stall(listener, still, true));
    assert!(report.is_clean(), "{report:?}");
    let (seen, felt) = (&report.quantiles.interval, &report.quantiles.interval_felt);
    // At 50 ticks a second.
    assert!(felt.count >= seen.count + 95 && report.interval_ms_max >= 1990.0, "{report:?}");
    assert!(report.staleness_ms_max >= 1800.0, "{report:?}");
    assert!(report.quantiles.latency_felt.count >= report.quantiles.latency.count + 90, "{report:?}");
    let report = against("3", |listener| stall(listener, Duration::ZERO, false));
    assert!(report.is_clean(), "{report:?}");
    let most = |curve: &drumline_bots::Curve| curve.points.last().map_or(0.0, |last| last.ms);
    assert!(
        most(&report.quantiles.interval) < 1000.0,
        "no snapshot has arrived to end the interval: {report:?}"
    );
    assert!(most(&report.quantiles.interval_felt) >= 2000.0, "but the open gap counts: {report:?}");
    assert!(most(&report.quantiles.latency_felt) >= 2000.0, "{report:?}");
}
