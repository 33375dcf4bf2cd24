//! Each admission limit: the clients that it refuses, the message that they get, and the name under which they are counted.

use crate::common::{Client, closed, http, join, soon, start};
use drumline::{Config, Limits, Running};
use drumline_arena::world::Controls;
use drumline_shared::wire::control::{ClientMessage, write_control};
use futures_util::SinkExt;
use glam::Vec2;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::protocol::Message;

const HANDSHAKE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: drumline.1\r\n";

/// A server with these limits.
fn start_with(limits: Limits) -> Running {
    start(&Config { limits, ..Config::on_free_port() })
}

/// The same, with the limits applied to the machine's own addresses.
fn start_for_all(limits: Limits) -> Running {
    start_with(Limits { exempt: Vec::new(), ..limits })
}

/// A connection from an address of this machine.
async fn connect_from(server: &Running, ip: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((ip, 0).into()).unwrap();
    socket.connect(server.address()).await.unwrap()
}

/// Sends a request's head over a connection. Returns the answer's status, and its head in lower case.
async fn ask(stream: &mut TcpStream, path: &str, headers: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    head_of(stream).await
}

async fn head_of(stream: &mut TcpStream) -> (u16, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(stream.read_u8()).await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    (head[9..12].parse().unwrap(), head)
}

/// The bytes that the server sends before it closes the connection.
async fn to_the_end(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Returns true if a request from an address is answered. A refused connection may be reset before the answer is read, or even
/// before the connect call returns.
async fn is_let_in(server: &Running, ip: [u8; 4]) -> bool {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((ip, 0).into()).unwrap();
    let Ok(mut stream) = socket.connect(server.address()).await else { return false };
    let request = b"GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.is_ok() && to_the_end(stream).await.starts_with("HTTP/1.1 200 ")
}

/// Waits until exactly this many have been refused for a cause.
async fn refused(server: &Running, cause: &str, count: u64) {
    let reached = async {
        while server.listing().refusals.get(cause).is_none_or(|refused| *refused < count) {
            tokio::task::yield_now().await;
        }
    };
    soon(reached).await;
    assert_eq!(server.listing().refusals[cause], count, "{cause}");
}

/// Waits until a room has no players.
async fn empty(server: &Running) {
    let is_empty = async {
        while server.listing().rooms.iter().any(|room| room.players > 0) {
            tokio::task::yield_now().await;
        }
    };
    soon(is_empty).await;
}

#[tokio::test]
async fn foreign_pages_are_refused() {
    let server = start(&Config::on_free_port());
    let from = |origin| format!("{HANDSHAKE}origin: {origin}\r\n");
    let mut stranger = TcpStream::connect(server.address()).await.unwrap();
    let (status, _) = ask(&mut stranger, "/play/arena?name=a", &from("https://evil.example")).await;
    assert_eq!(status, 403);
    let evil = "origin: https://evil.example\r\n";
    let (status, body) = http(&server, "GET", "/play/arena?name=a", evil).await;
    assert!(status == 403 && body.contains(r#""error":"wrong_origin""#), "{body}");
    assert!(body.contains("https://evil.example"), "{body}");
    refused(&server, "wrong_origin", 2).await;
    for origin in ["http://test", "https://test", "http://localhost:5173"] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let (status, _) = ask(&mut stream, "/play/arena?name=a", &from(origin)).await;
        assert_eq!(status, 101, "{origin}");
    }
    server.stop();
}

#[tokio::test]
async fn connections_of_an_address_are_limited_and_those_of_others_are_not() {
    let server = start_for_all(Limits { connections_per_ip: 2, ..Limits::default() });
    let _idle = connect_from(&server, [127, 0, 0, 1]).await;
    let mut player = connect_from(&server, [127, 0, 0, 1]).await;
    assert_eq!(ask(&mut player, "/play/arena?name=a", HANDSHAKE).await.0, 101);
    let mut third = connect_from(&server, [127, 0, 0, 1]).await;
    third.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let answer = to_the_end(third).await.to_lowercase();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("http/1.1 503 ") && head.contains("retry-after: 10"), "{head}");
    assert!(body.starts_with(r#"{"error":"too_many_connections","message":"#), "{body}");
    refused(&server, "too_many_connections", 1).await;
    let mut other = connect_from(&server, [127, 0, 0, 2]).await;
    assert_eq!(ask(&mut other, "/healthz", "").await.0, 200);

    // A held seat keeps its slot: only a close frame frees it.
    let goodbye = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
    player.write_all(&goodbye).await.unwrap();
    empty(&server).await;
    to_the_end(player).await;
    // The room notices at its next tick that the connection is closed.
    let let_in = async { while !is_let_in(&server, [127, 0, 0, 1]).await {} };
    soon(let_in).await;
    server.stop();
}

#[tokio::test]
async fn connections_of_a_server_are_limited_and_a_flood_beyond_them_is_reset() {
    let server = start_with(Limits { connections: Some(2), ..Limits::default() });
    let mut first = TcpStream::connect(server.address()).await.unwrap();
    let _second = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(ask(&mut first, "/healthz", "").await.0, 200);
    // As many as may be on their way back to a seat; they say nothing.
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(TcpStream::connect(server.address()).await.unwrap());
    }
    for _ in 0..200 {
        // It may be reset even before the connect call returns.
        let Ok(stream) = TcpStream::connect(server.address()).await else { continue };
        let answer = to_the_end(stream).await;
        assert!(answer.is_empty() || answer.contains(r#"{"error":"all_connections_taken","#), "{answer}");
    }
    refused(&server, "all_connections_taken", 200).await;
    assert!(!server.listing().refusals.contains_key("no_request"), "no task was made of them");
    server.stop();
}

#[tokio::test]
async fn requests_of_an_address_are_limited() {
    let server = start_for_all(Limits { requests_per_ip_second: 1, ..Limits::default() });
    let mut stream = connect_from(&server, [127, 0, 0, 1]).await;
    let pipelined = "GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n".repeat(200);
    stream.write_all(pipelined.as_bytes()).await.unwrap();
    let answer = to_the_end(stream).await;
    let statuses: Vec<&str> = answer.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    let (last, before) = statuses.split_last().unwrap();
    assert!(before.len() >= 15 && before.iter().all(|status| *status == "200"), "{statuses:?}");
    assert_eq!(*last, "429", "and the rest is not listened to");
    assert!(answer.contains("retry-after: 1\r\n") && answer.contains(r#""error":"too_many_requests""#));
    refused(&server, "too_many_requests", 1).await;
    let mut other = connect_from(&server, [127, 0, 0, 2]).await;
    assert_eq!(ask(&mut other, "/healthz", "").await.0, 200);
    server.stop();
}

#[tokio::test]
async fn joins_and_resumes_of_an_address_are_limited() {
    let limits = Limits { joins_per_ip_minute: 2, resumes_per_ip_minute: 3, ..Limits::default() };
    let server = start_for_all(limits);
    let mut attempts = Vec::new();
    for query in ["name=a", "room=nowhere", "name=a"] {
        let mut stream = connect_from(&server, [127, 0, 0, 1]).await;
        attempts.push(ask(&mut stream, &format!("/play/arena?{query}"), HANDSHAKE).await);
    }
    let statuses: Vec<u16> = attempts.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [101, 404, 429], "who guesses is counted too");
    let wait = attempts[2].1.split_once("retry-after: ").unwrap().1.split_once("\r\n").unwrap().0;
    assert!((1..=30).contains(&wait.parse::<u32>().unwrap()), "{wait} s");
    refused(&server, "too_many_joins", 1).await;
    let other = connect_from(&server, [127, 0, 0, 2]);
    assert_eq!(ask(&mut other.await, "/play/arena?name=a", HANDSHAKE).await.0, 101);

    let mut statuses = Vec::new();
    for _ in 0..4 {
        let mut stream = connect_from(&server, [127, 0, 0, 1]).await;
        let path = "/play/arena?session=0123456789abcdef0123456789abcdef";
        statuses.push(ask(&mut stream, path, HANDSHAKE).await.0);
    }
    assert_eq!(statuses, [403, 403, 403, 429]);
    refused(&server, "unknown_session", 3).await;
    refused(&server, "too_many_joins", 2).await;
    server.stop();
}

#[tokio::test]
async fn rooms_of_an_address_are_limited() {
    let server = start_for_all(Limits { rooms_per_ip: 1, ..Limits::default() });
    let mut kept = Vec::new();
    for (from, room, expected) in [(1, "new", 101), (1, "new", 429), (2, "new", 101), (1, "", 101)] {
        let mut stream = connect_from(&server, [127, 0, 0, from]).await;
        let room = if room.is_empty() { String::new() } else { format!("&room={room}") };
        let (status, _) = ask(&mut stream, &format!("/play/arena?name=a{room}"), HANDSHAKE).await;
        assert_eq!(status, expected, "{room} from 127.0.0.{from}");
        kept.push(stream);
    }
    refused(&server, "too_many_rooms", 1).await;
    assert_eq!(server.listing().rooms.len(), 2);
    server.stop();
}

/// Asks for a private room from an address. Returns the answer's status.
async fn create_from(server: &Running, ip: [u8; 4]) -> u16 {
    let mut stream = connect_from(server, ip).await;
    let body = r#"{"game":"arena","private":true}"#;
    let head =
        "POST /api/rooms HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: application/json";
    let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    head_of(&mut stream).await.0
}

#[tokio::test]
async fn an_address_that_opens_as_many_rooms_as_it_can_closes_nobody_out() {
    let server = start_for_all(Limits::default());
    for _ in 0..64 {
        assert_eq!(create_from(&server, [127, 0, 0, 1]).await, 201);
    }
    assert_eq!(create_from(&server, [127, 0, 0, 1]).await, 429);
    for last in 2..12 {
        assert_eq!(create_from(&server, [127, 0, 0, last]).await, 201);
        let mut stream = connect_from(&server, [127, 0, 0, last]).await;
        let (status, _) = ask(&mut stream, "/play/arena?name=a&room=new", HANDSHAKE).await;
        assert_eq!(status, 101);
    }
    assert_eq!(server.listing().refusals, [("too_many_rooms", 1)].into());
    server.stop();
}

#[tokio::test]
async fn behind_a_trusted_proxy_its_clients_are_limited() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let limits =
        Limits { joins_per_ip_minute: 1, connections_per_ip: 2, trusted_proxies, ..Limits::default() };
    let server = start_for_all(limits);
    let for_client = |client| format!("{HANDSHAKE}x-forwarded-for: 203.0.113.1, {client}\r\n");
    let mut statuses = Vec::new();
    let mut kept = Vec::new();
    for client in ["192.0.2.7", "192.0.2.8", "192.0.2.9", "192.0.2.7"] {
        let mut stream = connect_from(&server, [127, 0, 0, 1]).await;
        statuses.push(ask(&mut stream, "/play/arena?name=a", &for_client(client)).await.0);
        kept.push(stream);
    }
    assert_eq!(statuses, [101, 101, 101, 429], "the proxy itself may have more connections than a client");
    // The headers of an untrusted peer do not count.
    let mut statuses = Vec::new();
    for client in ["192.0.2.17", "192.0.2.18"] {
        let mut stream = connect_from(&server, [127, 0, 0, 2]).await;
        statuses.push(ask(&mut stream, "/play/arena?name=a", &for_client(client)).await.0);
    }
    assert_eq!(statuses, [101, 429]);
    server.stop();
}

#[tokio::test]
async fn players_of_a_proxys_clients_are_limited() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = start_for_all(Limits { connections_per_ip: 1, trusted_proxies, ..Limits::default() });
    let mut kept = Vec::new();
    for (client, expected) in [("192.0.2.7", 101), ("192.0.2.8", 101), ("192.0.2.7", 503)] {
        let mut stream = connect_from(&server, [127, 0, 0, 1]).await;
        let headers = format!("{HANDSHAKE}x-forwarded-for: {client}\r\n");
        assert_eq!(ask(&mut stream, "/play/arena?name=a", &headers).await.0, expected, "{client}");
        kept.push(stream);
    }
    refused(&server, "too_many_connections", 1).await;
    server.stop();
}

#[tokio::test]
async fn a_connection_without_a_valid_request_is_closed_and_counted() {
    let server = start_with(Limits { handshake_seconds: 1, ..Limits::default() });
    let mut slow = TcpStream::connect(server.address()).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(to_the_end(slow).await, "");
    refused(&server, "handshake_timeout", 1).await;

    let mut garbage = TcpStream::connect(server.address()).await.unwrap();
    garbage.write_all(&[0xff; 64]).await.unwrap();
    assert!(to_the_end(garbage).await.starts_with("HTTP/1.1 400 "));
    refused(&server, "bad_request", 1).await;

    let mut endless = TcpStream::connect(server.address()).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(64 * 1024));
    // The server may close before everything is sent.
    let _ = endless.write_all(head.as_bytes()).await;
    assert!(to_the_end(endless).await.starts_with("HTTP/1.1 431 "));
    refused(&server, "head_too_big", 1).await;

    drop(TcpStream::connect(server.address()).await.unwrap());
    refused(&server, "no_request", 1).await;

    let mut slow = TcpStream::connect(server.address()).await.unwrap();
    slow.write_all(b"POST /api/join HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\n{").await.unwrap();
    assert!(to_the_end(slow).await.starts_with("HTTP/1.1 408 "));
    refused(&server, "request_timeout", 1).await;

    // Silence after a request is allowed.
    let mut browser = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(ask(&mut browser, "/healthz", "").await.0, 200);
    assert_eq!(to_the_end(browser).await, "ok\n");
    refused(&server, "handshake_timeout", 1).await;
    server.stop();
}

#[tokio::test]
async fn a_client_that_sends_too_much_is_closed() {
    let limits = Limits { messages_per_second: 30, burst_seconds: 1, ..Limits::default() };
    let server = start_with(limits);
    let mut honest = Client::join(&server, "name=honest").await;
    assert!(honest.update().await.keyframe);
    let mut flood = join(&server, "arena", "name=flood&room=new").await;
    let ping = write_control(&ClientMessage::Ping { nonce: 1 });
    let send = async {
        for _ in 0..1000 {
            flood.feed(Message::binary(ping.clone())).await?;
        }
        flood.flush().await
    };
    // The server may close the connection before everything is sent.
    let _ = send.await;
    let (code, reason) = closed(&mut flood).await;
    assert_eq!((code, &*reason), (4010, "more messages than a client may send"));
    assert_eq!(server.listing().closes.get("message_flood"), Some(&1));
    for _ in 0..60 {
        assert_eq!(honest.update().await.ticks, 1);
        honest.steer(&Controls::default()).await;
    }
    server.stop();

    let limits = Limits { bytes_per_second: 16_384, burst_seconds: 1, ..Limits::default() };
    let server = start_with(limits);
    let mut flood = join(&server, "arena", "name=flood").await;
    let ping = Message::Ping(vec![7; 125].into());
    for _ in 0..200 {
        flood.feed(ping.clone()).await.unwrap();
    }
    let _ = flood.flush().await;
    assert_eq!(closed(&mut flood).await.0, 4010);
    server.stop();
}

#[tokio::test]
async fn messages_are_limited_to_the_configured_size() {
    for (message_bytes, length, code) in
        [(128, 129, 1009), (128, 128, 4001), (16_000, 10_000, 4001), (4096, 4097, 1009)]
    {
        let server = start_with(Limits { message_bytes, ..Limits::default() });
        let mut client = join(&server, "arena", "name=a").await;
        // Messages of an unknown kind.
        client.send(Message::binary(vec![0xff; length])).await.unwrap();
        assert_eq!(closed(&mut client).await.0, code, "{length} bytes where {message_bytes} are allowed");
        server.stop();
    }
}

#[tokio::test]
async fn an_idle_player_is_closed_and_their_seat_is_free() {
    let server = start_with(Limits { idle_seconds: 1, ..Limits::default() });
    let mut player = Client::join(&server, "name=player").await;
    let mut idle = Client::join(&server, "name=idle").await;
    let ended = async {
        loop {
            // The same input again and again: nobody plays.
            idle.steer(&Controls { thrust: Vec2::X, aim: 0.0, fire: true }).await;
            if let Some((code, reason)) = idle.update_or_close().await {
                return (code, reason);
            }
        }
    };
    let playing = async {
        for turn in 0.. {
            player.update().await;
            player.steer(&Controls { thrust: Vec2::X, aim: (turn % 2) as f32, fire: false }).await;
        }
    };
    tokio::select! {
        (code, reason) = ended => assert_eq!((code, &*reason), (4011, "nobody has played for too long")),
        () = playing => unreachable!("the player plays on"),
    }
    assert_eq!(server.listing().closes.get("idle"), Some(&1));
    assert_eq!(server.listing().closes.values().sum::<u64>(), 1, "the player is still there");
    player.update().await;
    server.stop();
}
