//! The operators' API over real sockets: its access, and its effects.

use crate::common::{Client, closed, http, join, soon, start};
use drumline::{Config, Running};
use drumline_shared::Mirror;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::wire::control::{ClientMessage, NO_PLAYER, ServerMessage, read_control, write_control};
use drumline_shared::wire::input::{InputHeader, write_input};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::Message;

const TOKEN: &str = "0123456789abcdef";
const BEARER: &str = "authorization: Bearer 0123456789abcdef\r\n";
const JSON: &str = "content-type: application/json\r\n";
const LOCALHOST: &str = "host: localhost\r\n";

/// A server with these settings.
fn server(settings: &str) -> Running {
    start(&Config::from_toml(&format!("bind = \"127.0.0.1:0\"\n{settings}"), "test").unwrap())
}

fn with_token() -> Running {
    server(&format!("admin.token = \"{TOKEN}\""))
}

/// Sends a request with these headers, host included. Returns the status, the head and the body.
async fn ask(server: &Running, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, Value) {
    let port = server.address().port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

/// The answer to an operator with the token.
async fn get(server: &Running, path: &str) -> Value {
    let (status, head, body) = ask(server, "GET", path, &format!("{LOCALHOST}{BEARER}"), "").await;
    assert_eq!(status, 200, "{path}: {body}");
    assert!(head.contains("cache-control: no-store"), "{head}");
    body
}

async fn post(server: &Running, path: &str, body: &Value) -> (u16, Value) {
    let headers = format!("{LOCALHOST}{BEARER}{JSON}");
    let (status, _, answer) = ask(server, "POST", path, &headers, &body.to_string()).await;
    (status, answer)
}

/// Waits until a room's details satisfy a condition.
async fn until(server: &Running, room: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/admin/rooms/{room}");
    soon(async {
        loop {
            let details = get(server, &path).await;
            if is_so(&details) {
                return details;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await
}

#[tokio::test]
async fn without_a_token_only_the_own_machine_is_admitted() {
    let local = server("");
    let overview = "/api/admin/overview";
    let of = async |headers: &str| {
        let (status, _, body) = ask(&local, "GET", overview, headers, "").await;
        (status, body["error"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of(LOCALHOST).await, (200, String::new()));
    assert_eq!(of("host: 127.0.0.1:7777\r\n").await.0, 200);
    let off = (403, "admin_off".to_owned());
    assert_eq!(of("host: rebound.example.org\r\n").await, off, "a name that was made to lead here");
    for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        assert_eq!(of(&format!("{LOCALHOST}{name}: 127.0.0.1\r\n")).await, off, "{name}");
    }
    for path in ["/admin", "/admin/main.js", "/admin/inspector/inspector.js", "/admin/style/base.css"] {
        assert_eq!(ask(&local, "GET", path, LOCALHOST, "").await.0, 200, "{path}");
        assert_eq!(ask(&local, "GET", path, "host: rebound.example.org\r\n", "").await.0, 403, "{path}");
    }

    // Other machines could reach these.
    for settings in ["bind = \"0.0.0.0:0\"", "limits.trusted_proxies = [\"127.0.0.1\"]"] {
        let settings = format!("{settings}\n");
        let text = if settings.starts_with("bind") {
            settings
        } else {
            format!("bind = \"127.0.0.1:0\"\n{settings}")
        };
        let public = start(&Config::from_toml(&text, "test").unwrap());
        let (status, _, body) = ask(&public, "GET", overview, LOCALHOST, "").await;
        assert_eq!((status, &body["error"]), (403, &json!("admin_off")), "{text}");
        assert_eq!(ask(&public, "GET", "/admin", LOCALHOST, "").await.0, 403);
        let (status, ..) =
            ask(&public, "POST", "/api/admin/rooms/x/close", &format!("{LOCALHOST}{JSON}"), "{}").await;
        assert_eq!(status, 403);
    }
}

#[tokio::test]
async fn with_a_token_only_the_token_counts() {
    let server = with_token();
    let (status, head, body) = ask(&server, "GET", "/api/admin/overview", LOCALHOST, "").await;
    assert_eq!((status, &body["error"]), (401, &json!("not_admin")), "being here is not enough");
    assert!(head.contains("www-authenticate: bearer"), "{head}");
    let query = format!("/api/admin/overview?token={TOKEN}");
    assert_eq!(ask(&server, "GET", &query, LOCALHOST, "").await.0, 401, "not in the address");
    let anywhere = format!("host: play.example.org\r\nvia: 1.1 proxy\r\n{BEARER}");
    assert_eq!(ask(&server, "GET", "/api/admin/overview", &anywhere, "").await.0, 200);
    let (status, head, _) = ask(&server, "GET", "/admin", "host: play.example.org\r\n", "").await;
    assert_eq!(status, 200, "the page asks for the token itself");
    assert!(head.contains("content-security-policy: default-src 'none';"), "{head}");
    assert!(
        head.contains("frame-ancestors 'none'") && head.contains("referrer-policy: no-referrer"),
        "{head}"
    );

    let wrong = format!("{LOCALHOST}authorization: Bearer 0123456789abcdeX\r\n");
    for _ in 0..10 {
        assert_eq!(ask(&server, "GET", "/api/admin/overview", &wrong, "").await.0, 401);
    }
    let right = format!("{LOCALHOST}{BEARER}");
    let (status, head, body) = ask(&server, "GET", "/api/admin/overview", &right, "").await;
    assert_eq!(
        (status, &body["error"]),
        (429, &json!("too_many_tries")),
        "no more guesses, right ones neither"
    );
    assert!(head.contains("retry-after: "), "{head}");
}

#[tokio::test]
async fn foreign_pages_and_forms_change_nothing() {
    let server = with_token();
    let player = Client::join(&server, "name=ada").await;
    let room = &player.welcome.room;
    let path = format!("/api/admin/rooms/{room}/lock");
    let form = format!("{LOCALHOST}{BEARER}content-type: application/x-www-form-urlencoded\r\n");
    let (status, _, body) = ask(&server, "POST", &path, &form, "{}").await;
    assert_eq!((status, &body["error"]), (415, &json!("not_json")));
    let strange = format!("{LOCALHOST}{BEARER}{JSON}origin: https://evil.example\r\n");
    let (status, _, body) = ask(&server, "POST", &path, &strange, "{}").await;
    assert_eq!((status, &body["error"]), (403, &json!("wrong_origin")));
    let room_path = format!("/api/rooms/{room}");
    assert_eq!(ask(&server, "DELETE", &room_path, &strange, "").await.0, 403);
    assert_eq!(ask(&server, "DELETE", &room_path, LOCALHOST, "").await.0, 401);
    assert_eq!(
        ask(&server, "GET", &path, &format!("{LOCALHOST}{BEARER}"), "").await.0,
        405,
        "no link does either"
    );
    let (status, body) = post(&server, &path, &json!({"reason": "typo"})).await;
    assert_eq!((status, &body["error"]), (400, &json!("bad_body")));
    assert_eq!(post(&server, "/api/admin/nowhere", &json!({})).await.0, 404);
    let large = json!({ "reason": "x".repeat(5000) });
    assert_eq!(post(&server, &format!("/api/admin/rooms/{room}/players/0/kick"), &large).await.0, 400);
    assert_eq!(get(&server, &format!("/api/admin/rooms/{room}")).await["state"], "open");
}

#[tokio::test]
async fn the_overview_has_all_rooms_and_a_room_its_players_by_name() {
    let server = with_token();
    let ada = Client::join(&server, "name=ada").await;
    let mut bob = Client::join(&server, "name=bob").await;
    let overview = get(&server, "/api/admin/overview").await;
    assert_eq!(overview["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(overview["rooms"][0]["id"], ada.welcome.room.as_str());
    assert_eq!(overview["rooms"][0]["players"], 2);
    assert_eq!(overview["draining_seconds"], Value::Null);
    assert!(overview["connections"].as_u64().unwrap() >= 2, "{overview}");
    assert_eq!(overview["joins"], 2);
    assert!(overview["memory_bytes"].as_u64().unwrap() > 1_000_000, "{overview}");
    let named = |details: &Value| {
        let players = details["players"].as_array().unwrap();
        players.iter().map(|player| player["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    until(&server, &ada.welcome.room, |details| named(details) == ["ada", "bob"]).await;
    // A player who has sent a message keeps the seat and the name when the connection is lost.
    bob.update().await;
    drop(bob);
    let details = until(&server, &ada.welcome.room, |details| details["held_seats"] == 1).await;
    let bytes = soon(async {
        loop {
            let overview = get(&server, "/api/admin/overview").await;
            if overview["bytes_out"].as_u64().unwrap() > 0 {
                return overview["bytes_in"].as_u64();
            }
        }
    });
    assert!(bytes.await.is_some(), "what rooms have sent is told about once a second");
    assert_eq!(named(&details), ["ada", "bob"]);
    let (status, _, body) =
        ask(&server, "GET", "/api/admin/rooms/nowhere", &format!("{LOCALHOST}{BEARER}"), "").await;
    assert_eq!((status, &body["error"]), (404, &json!("unknown_room")));
}

#[tokio::test]
async fn a_kicked_player_is_told_why_and_cannot_resume() {
    let server = with_token();
    let mut ada = Client::join(&server, "name=ada").await;
    ada.update().await;
    let room = ada.welcome.room.clone();
    let kick = async |player: u16, body: &Value| {
        post(&server, &format!("/api/admin/rooms/{room}/players/{player}/kick"), body).await
    };
    until(&server, &room, |details| !details["players"].as_array().unwrap().is_empty()).await;
    assert_eq!(kick(7, &json!({})).await.1["error"], "unknown_player");
    for reason in ["x".repeat(101), "two\nlines".to_owned()] {
        assert_eq!(kick(0, &json!({ "reason": reason })).await.1["error"], "bad_reason");
    }
    assert_eq!(kick(0, &json!({"reason": "that was enough"})).await.0, 204);
    assert_eq!(closed(&mut ada.socket).await, (4007, "that was enough".to_owned()));
    let session = ada.welcome.session.clone();
    let resume = format!("/play/arena?session={session}");
    let (status, _, body) = ask(&server, "GET", &resume, LOCALHOST, "").await;
    assert_eq!((status, &body["error"]), (403, &json!("unknown_session")));
    let bob = Client::join(&server, &format!("name=bob&room={room}")).await;
    assert_eq!(bob.welcome.player, 2048, "the seat is free, and another player has it");
    let (status, body) = post(&server, "/api/admin/rooms/nowhere/players/0/kick", &json!({})).await;
    assert_eq!((status, &body["error"]), (404, &json!("unknown_room")));
}

#[tokio::test]
async fn a_room_is_locked_unlocked_and_closed() {
    let server = with_token();
    let mut ada = Client::join(&server, "name=ada").await;
    let room = ada.welcome.room.clone();
    let join_it = format!("/play/arena?room={room}");
    assert_eq!(post(&server, &format!("/api/admin/rooms/{room}/lock"), &json!({})).await.0, 204);
    until(&server, &room, |details| details["state"] == "locked").await;
    let (status, _, body) = ask(&server, "GET", &join_it, LOCALHOST, "").await;
    assert_eq!((status, &body["error"]), (409, &json!("room_locked")));
    ada.update().await;
    assert_eq!(post(&server, &format!("/api/admin/rooms/{room}/unlock"), &json!({})).await.0, 204);
    until(&server, &room, |details| details["state"] == "open").await;
    assert_eq!(ask(&server, "GET", &join_it, LOCALHOST, "").await.0, 426, "it would be let in");

    assert_eq!(post(&server, &format!("/api/admin/rooms/{room}/close"), &json!({})).await.0, 204);
    assert_eq!(closed(&mut ada.socket).await.0, 4008);
    let mut bob = Client::join(&server, "name=bob").await;
    assert_ne!(bob.welcome.room, room);
    let path = format!("/api/rooms/{}", bob.welcome.room);
    assert_eq!(ask(&server, "DELETE", &path, &format!("{LOCALHOST}{BEARER}"), "").await.0, 204);
    assert_eq!(closed(&mut bob.socket).await.0, 4008);
}

#[tokio::test]
async fn an_operator_spectates_with_a_ticket_unnoticed() {
    let server = with_token();
    let mut ada = Client::join(&server, "name=ada").await;
    ada.update().await;
    let room = ada.welcome.room.clone();
    let watch = format!("/api/admin/rooms/{room}/watch");
    let (status, pass) = post(&server, &watch, &json!({})).await;
    assert_eq!((status, &pass["room"]), (200, &json!(room)));
    assert_eq!(pass["url"], format!("ws://localhost/play/arena?room={room}"));
    let ticket = pass["ticket"].as_str().unwrap();
    let mut spectator = Client::join(&server, &format!("room={room}&ticket={ticket}")).await;
    let welcome = &spectator.welcome;
    assert_eq!((welcome.player, welcome.spectator), (NO_PLAYER, true));
    assert_eq!((&*welcome.session, welcome.resume_seconds), ("", 0));
    let mut checked = 0;
    while checked < 3 {
        checked += spectator.update().await.hashes_checked;
    }
    let is_so = |details: &Value| {
        details["spectators"] == 1 && details["players"].as_array().is_some_and(|players| players.len() == 1)
    };
    until(&server, &room, is_so).await;
    let (status, metrics) = http(&server, "GET", "/metrics", LOCALHOST).await;
    assert!(status == 200 && metrics.contains("\ndrumline_spectators{game=\"arena\"} 1\n"), "{metrics}");
    let (status, _, body) = ask(&server, "GET", &format!("/play/arena?ticket={ticket}"), LOCALHOST, "").await;
    assert_eq!((status, &body["error"]), (403, &json!("bad_ticket")), "it is good for once");

    // All places are taken, and no more are given.
    for _ in 1..4 {
        assert_eq!(post(&server, &watch, &json!({})).await.0, 200);
    }
    let (status, body) = post(&server, &watch, &json!({})).await;
    assert_eq!((status, &body["error"]), (409, &json!("too_many_spectators")));

    // A spectator may send nothing.
    let layout = InputLayout::new(&spectator.welcome.schema.input).unwrap();
    let row = vec![0; layout.neutral.len()];
    let mut input = Vec::new();
    write_input(
        &layout,
        InputHeader { number: 1, acked_tick: 1, tick: 2, view_eighths: 0 },
        &row,
        &mut input,
    );
    spectator.socket.send(Message::binary(input)).await.unwrap();
    assert_eq!(closed(&mut spectator.socket).await.0, 4001);
    until(&server, &room, |details| details["spectators"] == 3).await;
    ada.update().await;
}

#[tokio::test]
async fn a_spectator_of_the_frontier_sees_what_is_hidden_from_players() {
    let server = with_token();
    let mut first = join(&server, "frontier", "name=ada").await;
    soon(first.next()).await.unwrap().unwrap();
    let overview = get(&server, "/api/admin/overview").await;
    let room = overview["rooms"][0]["id"].as_str().unwrap().to_owned();
    let (_, pass) = post(&server, &format!("/api/admin/rooms/{room}/watch"), &json!({})).await;
    let mut socket = join(&server, "frontier", &format!("ticket={}", pass["ticket"].as_str().unwrap())).await;
    let welcome = soon(socket.next()).await.unwrap().unwrap().into_data();
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("a welcome first") };
    let layout = Layout::new(&welcome.schema).unwrap();
    let mut mirror = Mirror::new(layout.clone(), 30);
    let ships = layout.tables[0].parts.clone();
    assert_eq!(ships.len(), 3, "what all see, what the faction sees, and the owner's");
    soon(async {
        while !ships.clone().all(|part| mirror.part_rows(part).count() == 1) {
            let message = socket.next().await.unwrap().unwrap();
            if let Message::Binary(bytes) = message
                && bytes[0] & 0b11 != 0
            {
                let tick = mirror.apply(&bytes).unwrap().tick;
                let ack = write_control(&ClientMessage::Ack { tick });
                socket.send(Message::binary(ack)).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_drain_begins_and_admits_nobody() {
    let server = with_token();
    let mut ada = Client::join(&server, "name=ada").await;
    assert_eq!(post(&server, "/api/admin/drain", &json!({"seconds": -1})).await.0, 400);
    assert_eq!(post(&server, "/api/admin/drain", &json!({"seconds": 600})).await.0, 204);
    let left = get(&server, "/api/admin/overview").await["draining_seconds"].as_u64().unwrap();
    assert!((500..=600).contains(&left), "{left}");
    let (status, _, body) = ask(&server, "GET", "/play/arena", LOCALHOST, "").await;
    assert_eq!((status, &body["error"]), (503, &json!("draining")));
    assert_eq!(ask(&server, "GET", "/readyz", LOCALHOST, "").await.0, 503);
    ada.update().await;
    assert_eq!(post(&server, "/api/admin/drain", &json!({"seconds": 0})).await.0, 204);
    assert_eq!(closed(&mut ada.socket).await.0, 1001);
}
