//! The swarm against a real server, and against one that lies.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use clap::Parser;
use drumline_arena::Arena;
use drumline_bots::{FINISHED, Options, run};
use drumline_frontier::Frontier;
use drumline_room::{DEFAULT_BUDGET_BYTES, GameSpec, Room, RoomConfig};
use drumline_server::Server;
use drumline_shared::session::SessionToken;
use drumline_shared::snapshot::{AreaNews, Snapshot};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Message;

fn options(arguments: &[&str]) -> Options {
    Options::parse_from([&["drumline-bots"], arguments].concat())
}

#[test]
fn a_swarm_fills_its_rooms_and_finds_every_mirror_right() {
    let server = Server::new().game::<Arena>().start(&drumline_server::Options::default()).unwrap();
    let url = format!("ws://{}", server.address());
    let options =
        options(&["--url", &url, "--rooms", "3", "--per-room", "5", "--seconds", "2", "--threads", "2"]);
    let mut joined = 0;
    let report = run(&options, |progress| {
        if let drumline_bots::Progress::Joined(bots) = progress {
            joined = bots;
        }
    })
    .unwrap();
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
    let server = Server::new().game::<Frontier>().start(&drumline_server::Options::default()).unwrap();
    let url = format!("ws://{}", server.address());
    let options = ["--url", &url, "--game", "frontier", "--rooms", "1", "--per-room", "2", "--seconds", "2"];
    let report = run(&self::options(&options), |_| {}).unwrap();
    assert!(report.is_clean() && report.hashes_checked > 0, "{report:?}");
    server.stop();
}

#[test]
fn a_swarm_that_finds_no_place_says_why() {
    let server_options = drumline_server::Options { max_players: Some(2), ..Default::default() };
    let server = Server::new().game::<Arena>().start(&server_options).unwrap();
    let url = format!("ws://{}", server.address());
    let error = run(&options(&["--url", &url, "--rooms", "1", "--per-room", "3"]), |_| {}).unwrap_err();
    assert!(error.to_string().contains("room_full"), "{error}");
    server.stop();
    let error = run(&options(&["--game", "chess"]), |_| {}).unwrap_err();
    assert!(error.to_string().contains("arena, frontier"), "{error}");
}

/// A server that plays one room honestly, but for one bit of one snapshot that carries a hash.
async fn lie(listener: TcpListener) {
    let (stream, _) = listener.accept().await.unwrap();
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let protocol = |_: &Request, mut response: Response| {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("drumline.1"));
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, protocol).await.unwrap();
    let config = RoomConfig {
        id: "r".into(),
        max_players: 1,
        tick_rate_hz: 50,
        seed: 1,
        budget_bytes: DEFAULT_BUDGET_BYTES,
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Arena>()), config);
    let player = room.join("victim").unwrap();
    socket.send(Message::binary(room.welcome(player, SessionToken([0; 16]), 0))).await.unwrap();
    loop {
        room.tick();
        room.handle_ack(player, room.current_tick() - 1);
        let mut message = room.poll_snapshot(player).unwrap().to_vec();
        if room.current_tick() == 50 {
            let mut snapshot = Snapshot::default();
            snapshot.read(&message, 1).unwrap();
            let [AreaNews::Block(block)] = &snapshot.areas[..] else { panic!("the public area has a hash") };
            // In the hash itself: a block begins with "a hash follows" and its 32 bits.
            message[block.start + 2] ^= 0x10;
        }
        if socket.send(Message::binary(message)).await.is_err() {
            return;
        }
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) if bytes[0] == 0 => drop(room.handle_resync(player)),
            Some(Ok(Message::Binary(_))) => {}
            _ => return,
        }
    }
}

#[test]
fn a_server_that_lies_is_found_out_and_asked_for_a_keyframe() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    // A room stays on the thread that made it.
    let liar = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { lie(TcpListener::from_std(listener).unwrap()).await });
    });
    let report =
        run(&options(&["--url", &url, "--rooms", "1", "--per-room", "1", "--seconds", "1"]), |_| {}).unwrap();
    liar.join().unwrap();
    assert_eq!(report.mismatches, 1, "one lie, one mismatch, and a keyframe heals it: {report:?}");
    assert!(report.hashes_checked > 0 && !report.is_clean());
}
