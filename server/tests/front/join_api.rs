//! Rooms, seats and tickets over the API, with real sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use crate::common::http_api::Api;
use crate::common::{Client, http, soon, start};
use drumline::{AuthConfig, AuthMode, Config, LobbyConfig, RoomsConfig, Running, Secret};
use drumline_arena::world::{Pilot, tables};
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Connections that the joiners share, each with keep-alive.
const ASKERS: usize = 64;

fn config(lobby: LobbyConfig, seats: u16) -> Config {
    let rooms = RoomsConfig { max_players: Some(seats), ..RoomsConfig::default() };
    Config { rooms, lobby, ..Config::on_free_port() }
}

fn short_tickets(seconds: u16) -> LobbyConfig {
    LobbyConfig { ticket_seconds: seconds, ..LobbyConfig::default() }
}

fn seats_taken(server: &Running) -> u64 {
    server.listing().rooms.iter().map(|room| u64::from(room.players)).sum()
}

/// Joins for a number of players at once, over some connections.
async fn join_all(server: &Running, joins: usize) -> Vec<Value> {
    let (address, next) = (server.address(), Arc::new(AtomicUsize::new(0)));
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let next = Arc::clone(&next);
            tokio::spawn(async move {
                let mut api = Api::connect(address).await;
                let mut answers = Vec::new();
                while next.fetch_add(1, SeqCst) < joins {
                    let (status, answer) =
                        api.post("/api/join", &json!({ "game": "arena", "name": "a" })).await;
                    assert_eq!(status, 200, "{answer}");
                    answers.push(answer);
                }
                answers
            })
        })
        .collect();
    let mut answers = Vec::new();
    for asker in askers {
        answers.extend(soon(asker).await.unwrap());
    }
    answers
}

#[tokio::test]
async fn two_thousand_joins_at_once_get_a_seat_each_and_overfill_no_room() {
    const JOINS: usize = 2000;
    const SEATS: u16 = 16;
    let server = Arc::new(start(&config(short_tickets(300), SEATS)));
    let done = Arc::new(AtomicBool::new(false));
    let watch = {
        let (server, done) = (Arc::clone(&server), Arc::clone(&done));
        std::thread::spawn(move || {
            let mut looks = 0;
            while !done.load(SeqCst) {
                let listing = server.listing();
                assert!(listing.rooms.iter().all(|room| room.players <= SEATS), "{:?}", listing.rooms);
                looks += 1;
            }
            looks
        })
    };
    let answers = join_all(&server, JOINS).await;
    done.store(true, SeqCst);
    assert!(watch.join().unwrap() > 0, "somebody looked while they joined");

    assert_eq!(answers.len(), JOINS);
    let tickets: BTreeSet<_> = answers.iter().map(|answer| answer["ticket"].as_str().unwrap()).collect();
    assert_eq!(tickets.len(), JOINS, "each is another one");
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for answer in &answers {
        *told.entry(answer["room"].as_str().unwrap()).or_default() += 1;
    }
    let listing = server.listing();
    let taken: BTreeMap<_, _> =
        listing.rooms.iter().map(|room| (room.id.as_str(), u64::from(room.players))).collect();
    assert_eq!(taken, told, "what the lobby counts is what was given");
    assert_eq!(taken.len(), JOINS / usize::from(SEATS), "rooms are filled one after another");
    assert!(taken.values().all(|players| *players == u64::from(SEATS)));
    assert_eq!((listing.tickets.issued, listing.tickets.held), (JOINS as u64, JOINS as u64));
    Arc::into_inner(server).unwrap().stop();
}

#[tokio::test]
async fn seats_of_unused_tickets_are_freed_and_those_of_used_ones_are_kept() {
    let server = start(&config(short_tickets(5), 16));
    let answers = join_all(&server, 64).await;
    assert_eq!((seats_taken(&server), server.listing().rooms.len()), (64, 4));
    let mut clients = Vec::new();
    for answer in answers.iter().step_by(2) {
        let client = Client::enter(&server, answer["ticket"].as_str().unwrap()).await;
        assert_eq!(client.welcome.room, answer["room"].as_str().unwrap());
        clients.push(client);
    }
    let seats: BTreeSet<_> =
        clients.iter().map(|client| (client.welcome.room.clone(), client.welcome.player)).collect();
    assert_eq!(seats.len(), 32, "nobody sits on another");
    soon(async {
        while seats_taken(&server) > 32 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let counts = server.listing().tickets;
    assert_eq!((counts.used, counts.expired, counts.held), (32, 32, 0));
    let late = answers[1]["ticket"].as_str().unwrap();
    let (status, body) = http(&server, "GET", &format!("/play/arena?ticket={late}"), "").await;
    assert!(status == 403 && body.contains("expired"), "{body}");
    // The seats are free again.
    join_all(&server, 32).await;
    assert_eq!((seats_taken(&server), server.listing().rooms.len()), (64, 4));
    server.stop();
}

const UPGRADE: &str = "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The answer to a handshake with a ticket.
async fn refusal(server: &Running, path: &str, ticket: &str) -> (u16, Value) {
    let offer = format!("{UPGRADE}sec-websocket-protocol: drumline.1, drumline.ticket.{ticket}\r\n");
    let (status, body) = http(server, "GET", path, &offer).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_ticket_is_valid_once_for_its_room_and_on_its_server() {
    let server = start(&Config::on_free_port());
    let mut api = Api::connect(server.address()).await;
    let (_, first) = api.post("/api/join", &json!({ "game": "arena", "name": "Ada" })).await;
    let (_, second) = api.post("/api/join", &json!({ "game": "arena", "create": true })).await;
    let (ticket, other) = (first["ticket"].as_str().unwrap(), second["ticket"].as_str().unwrap());
    assert_eq!(first["expires_ms"], 15_000);
    let address = format!("ws://{}/play/arena?room={}", server.address(), first["room"].as_str().unwrap());
    assert_eq!(first["url"], Value::String(address));

    // A plain request for the reason, as browsers make it, uses no ticket; nor does a handshake that is refused for another
    // reason.
    for _ in 0..2 {
        let (status, body) = http(&server, "GET", &format!("/play/arena?ticket={ticket}"), "").await;
        assert!(status == 426 && body.contains("upgrade_required"), "{body}");
        let again = format!("drumline-protocol: drumline.1, drumline.ticket.{ticket}\r\n");
        let (status, body) = http(&server, "GET", "/play/arena", &again).await;
        assert!(status == 426 && body.contains("upgrade_required"), "{body}");
        let (status, body) = http(&server, "GET", &format!("/play/arena?ticket={ticket}"), UPGRADE).await;
        assert!(status == 400 && body.contains("wrong_subprotocol"), "{body}");
    }
    let expect = async |path: &str, ticket: &str, word: &str| {
        let (status, body) = refusal(&server, path, ticket).await;
        assert_eq!((status, body["error"].as_str()), (403, Some("bad_ticket")), "{body}");
        assert!(body["message"].as_str().unwrap().contains(word), "{word}: {body}");
    };
    expect("/play/frontier", ticket, "another game").await;
    expect(&format!("/play/arena?room={}", second["room"].as_str().unwrap()), ticket, "another room").await;
    expect("/play/arena", &ticket.replace('.', "A"), "has not issued the ticket").await;
    expect("/play/arena", "soup", "has not issued the ticket").await;
    let mut altered: Vec<_> = ticket.split('.').collect();
    altered[1] = other.split('.').nth(1).unwrap();
    expect("/play/arena", &altered.join("."), "has not issued the ticket").await;

    let client = Client::enter(&server, ticket).await;
    assert_eq!(client.welcome.room, first["room"].as_str().unwrap());
    expect("/play/arena", ticket, "has been used").await;
    let again = format!("drumline-protocol: drumline.ticket.{ticket}\r\n");
    let (status, body) = http(&server, "GET", "/play/arena", &again).await;
    assert!(status == 403 && body.contains("has been used"), "{body}");
    let room = server.listing().rooms.into_iter().find(|room| room.id == client.welcome.room).unwrap();
    assert_eq!(room.players, 1, "and that took no seat");
    server.stop();
}

#[tokio::test]
async fn of_many_clients_with_one_ticket_one_is_admitted() {
    let server = Arc::new(start(&Config::on_free_port()));
    let (_, answer) =
        Api::connect(server.address()).await.post("/api/join", &json!({ "game": "arena" })).await;
    let ticket = answer["ticket"].as_str().unwrap().to_owned();
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let (server, ticket) = (Arc::clone(&server), ticket.clone());
            tokio::spawn(async move { Client::try_enter(&server, &ticket).await })
        })
        .collect();
    let mut clients = Vec::new();
    for attempt in tries {
        clients.extend(soon(attempt).await.unwrap());
    }
    assert_eq!(clients.len(), 1);
    assert_eq!(seats_taken(&server), 1);
    drop(clients);
    Arc::into_inner(server).unwrap().stop();
}

#[tokio::test]
async fn a_session_can_be_resumed_by_subprotocol() {
    let server = start(&Config::on_free_port());
    let first = Client::join(&server, "name=a").await;
    let offer = format!("drumline.1, drumline.session.{}", first.welcome.session);
    let second = Client::offering(&server, "/play/arena", &offer).await.unwrap();
    assert_eq!((second.welcome.room, second.welcome.player), (first.welcome.room, first.welcome.player));
    server.stop();
}

#[tokio::test]
async fn rooms_are_made_listed_and_found() {
    let server = start(&Config::on_free_port());
    let mut api = Api::connect(server.address()).await;
    let duel = json!({ "game": "arena", "mode": "duel", "options": { "round_seconds": 90 } });
    let (status, made) = api.post("/api/rooms", &duel).await;
    assert_eq!((status, made["mode"].as_str(), made.get("code")), (201, Some("duel"), None));
    let (_, joined) = api.post("/api/join", &duel).await;
    assert_eq!(joined["room"], made["room"], "the room that was made for it");
    let (_, listing) = api.get("/api/rooms?game=arena&mode=duel&free=true&limit=10").await;
    let room = &listing["rooms"][0];
    assert_eq!(
        (&room["id"], &room["state"], &room["max_players"]),
        (&made["room"], &json!("created"), &json!(2))
    );
    assert_eq!((&room["options"]["round_seconds"], &listing["next"]), (&json!(90), &Value::Null));

    let (status, private) = api.post("/api/rooms", &json!({ "game": "arena", "private": true })).await;
    let code = private["code"].as_str().unwrap();
    assert!(status == 201 && code.len() >= 8, "{private}");
    let id = private["room"].as_str().unwrap();
    assert_eq!(api.get(&format!("/api/rooms/{id}")).await.0, 404);
    let (_, listing) = api.get("/api/rooms").await;
    assert!(listing["rooms"].as_array().unwrap().iter().all(|room| room["id"] != private["room"]));
    assert_eq!(api.post("/api/join", &json!({ "game": "arena", "room": id })).await.0, 404);
    let (_, by_code) = api.post("/api/join", &json!({ "game": "arena", "code": code })).await;
    assert_eq!(by_code["room"], private["room"]);
    let both = |room: &Value| json!({ "game": "arena", "room": room, "code": code });
    assert_eq!(api.post("/api/join", &both(&private["room"])).await.0, 200);
    assert_eq!(api.post("/api/join", &both(&made["room"])).await.0, 404, "it is another room's");
    let client = Client::enter(&server, by_code["ticket"].as_str().unwrap()).await;
    assert_eq!(client.welcome.room, id);
    server.stop();
}

#[tokio::test]
async fn every_refusal_of_the_api_has_its_status_and_its_message() {
    let server = start(&config(LobbyConfig { require_ticket: true, ..LobbyConfig::default() }, 1));
    let mut api = Api::connect(server.address()).await;
    let (_, full) = api.post("/api/join", &json!({ "game": "arena" })).await;
    let long = "x".repeat(2000);
    let cases = [
        (json!({ "game": "chess" }), 404, "unknown_game"),
        (json!({ "game": "arena", "room": "nowhere" }), 404, "unknown_room"),
        (json!({ "game": "arena", "room": full["room"] }), 409, "room_full"),
        (json!({ "game": "arena", "create": false }), 404, "no_room_free"),
        (json!({ "game": "arena", "code": "23456789ab" }), 404, "unknown_code"),
        (json!({ "game": "arena", "name": "a\u{7}" }), 400, "bad_name"),
        (json!({ "game": "arena", "schema": "soup" }), 409, "schema_mismatch"),
        (json!({ "game": "arena", "mode": "chess" }), 400, "bad_options"),
        (json!({ "game": "arena", "mode": "<b>" }), 400, "bad_options"),
        (json!({ "game": "arena", "options": { "round_seconds": 59 } }), 400, "bad_options"),
        (json!({ "game": "arena", "options": { "x": long } }), 400, "bad_options"),
        (json!({ "game": "arena", "options": { "x": [[[[]]]] } }), 400, "bad_options"),
        (json!({ "game": "frontier", "mode": "duel" }), 400, "bad_options"),
        (json!({ "game": "arena", "room": "x", "create": true }), 400, "bad_body"),
        (json!({ "game": "arena", "seats": 2 }), 400, "bad_body"),
        (json!({ "game": 7 }), 400, "bad_body"),
        (json!([]), 400, "bad_body"),
        (json!({ "game": "x".repeat(20_000) }), 413, "body_too_large"),
    ];
    for (body, status, error) in &cases {
        let (got, answer) = Api::connect(server.address()).await.post("/api/join", body).await;
        assert_eq!((got, answer["error"].as_str()), (*status, Some(*error)), "{body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| (10..=400).contains(&message.len())));
    }
    let deep =
        format!("{{\"game\": \"arena\", \"options\": {{\"x\": {}{}}}}}", "[".repeat(4000), "]".repeat(4000));
    let (status, answer) = api.post_text("/api/join", &deep).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("bad_body")), "{answer}");
    let (status, body) = http(&server, "GET", "/play/arena?name=a", "").await;
    assert!(status == 403 && body.contains("ticket_required"), "{body}");
    assert_eq!(api.get("/api/rooms?state=soup").await.0, 400);
    let evil = "origin: https://evil.example\r\ncontent-length: 0\r\n";
    assert_eq!(http(&server, "POST", "/api/rooms", evil).await.0, 403);
    let listing = server.listing();
    assert_eq!(listing.refusals.values().sum::<u64>(), cases.len() as u64 + 3, "each is counted");
    assert_eq!((listing.rooms.len(), seats_taken(&server)), (1, 1), "and none has taken a seat");
    server.stop();
}

#[tokio::test]
async fn half_a_character_is_a_bad_name() {
    let server = start(&Config::on_free_port());
    let mut api = Api::connect(server.address()).await;
    for half in [r#""\ud83d""#, r#""Ada \ude80""#, r#""\ud83dx""#, r#""\ud83d\u0041""#] {
        let (status, answer) =
            api.post_text("/api/join", &format!(r#"{{"game":"arena","name":{half}}}"#)).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("bad_name")), "{half}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains("half a character"), "{answer}");
    }
    for other in ["7", "[65]", "{}", r#""\u12""#, r#""\x""#] {
        let (status, answer) =
            api.post_text("/api/join", &format!(r#"{{"game":"arena","name":{other}}}"#)).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("bad_body")), "{other}: {answer}");
    }
    server.stop();
}

#[tokio::test]
async fn pages_of_allowed_origins_may_ask_and_read_the_answer() {
    let server = start(&Config::on_free_port());
    let ask = async |method: &str, path: &str, origin: &str, more: &str| {
        let mut stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: play.example.org\r\nconnection: close\r\norigin: {origin}\r\n{more}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().0.to_ascii_lowercase()
    };
    let preflight =
        "access-control-request-method: POST\r\naccess-control-request-headers: authorization\r\n";
    for path in ["/api/join", "/api/rooms", "/play/arena"] {
        let head = ask("OPTIONS", path, "http://localhost:3000", preflight).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("access-control-allow-origin: http://localhost:3000"), "{head}");
        let header = head.lines().find(|line| line.starts_with("access-control-allow-headers")).unwrap();
        for name in ["authorization", "content-type", "drumline-protocol"] {
            assert!(header.contains(name), "{head}");
        }
        let head = ask("OPTIONS", path, "https://evil.example", preflight).await;
        assert!(!head.contains("access-control-allow-origin"), "{head}");
    }
    let head = ask("GET", "/api/rooms", "http://localhost:3000", "").await;
    assert!(head.contains("access-control-allow-origin: http://localhost:3000"), "{head}");
    assert!(head.contains("access-control-expose-headers: retry-after"), "{head}");
    let head = ask("GET", "/healthz", "http://localhost:3000", "").await;
    assert!(!head.contains("access-control"), "{head}");
    server.stop();
}

#[tokio::test]
async fn players_prove_their_identity_before_they_get_a_ticket() {
    const SECRET: &str = "a secret that is known to the tests alone";
    let auth = AuthConfig {
        mode: AuthMode::Jwt,
        key: Some(Secret::new(SECRET.to_owned())),
        name_claim: Some("name".to_owned()),
        ..AuthConfig::default()
    };
    let server = start(&Config { auth, ..Config::on_free_port() });
    let mut api = Api::connect(server.address()).await;
    let body = json!({ "game": "arena", "name": "Eve" });
    for path in ["/api/join", "/api/rooms"] {
        let (status, answer) = api.post(path, &json!({ "game": "arena" })).await;
        assert_eq!((status, answer["error"].as_str()), (401, Some("unauthenticated")), "{answer}");
    }
    let (status, answer) = http(&server, "GET", "/play/arena?name=Eve", "").await;
    assert!(status == 403 && answer.contains("ticket_required"), "{answer}");
    let claims = json!({ "sub": "ada-1", "exp": get_current_timestamp() + 60, "name": "Ada" });
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    api.headers = format!("authorization: Bearer {token}\r\n");
    let (status, answer) = api.post("/api/join", &body).await;
    assert_eq!(status, 200, "{answer}");
    let mut client = Client::enter(&server, answer["ticket"].as_str().unwrap()).await;
    client.update().await;
    let pilots: Vec<Pilot> = client.mirror.rows(tables::PILOTS).map(|(_, row)| row).collect();
    assert_eq!(pilots[0].name, "Ada", "as the token says, not the body");
    assert_eq!(api.post("/api/rooms", &json!({ "game": "arena" })).await.0, 201);
    server.stop();
}
