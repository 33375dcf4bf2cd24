//! The front's answers to plain requests.

use crate::common::{Client, http, soon, start, start_rooms};
use drumline::{Config, RoomsConfig, Running};
use drumline_arena::world::Controls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LOCALHOST: &str = "host: localhost\r\n";
const UPGRADE: &str = "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn the_pages_the_library_and_the_api_are_served() {
    let server = start(&Config::on_free_port());
    assert_eq!(http(&server, "GET", "/healthz", "").await, (200, "ok\n".into()));
    let (status, page) = http(&server, "GET", "/", "").await;
    assert!(status == 200 && page.contains("<title>Arena"), "{page}");
    assert_eq!(http(&server, "GET", "/?room=x&game=arena", "").await, (200, page));
    let (status, page) = http(&server, "GET", "/?game=frontier", "").await;
    assert!(status == 200 && page.contains("<title>Frontier"), "{page}");
    assert_eq!(http(&server, "GET", "/games/frontier/index.html", "").await, (200, page));
    let (status, inspector) = http(&server, "GET", "/?game=chess", "").await;
    assert!(status == 200 && inspector.contains("/inspect/"), "a game that is not there: {inspector}");
    assert_eq!(http(&server, "GET", "/games/arena/main.js", "").await.0, 200);
    assert_eq!(http(&server, "GET", "/games/arena/../../Cargo.toml", "").await.0, 404);
    assert_eq!(http(&server, "GET", "/kit/page.js", "").await.0, 200);
    let (status, library) = http(&server, "GET", "/client/drumline.js", "").await;
    assert!(status == 200 && library.contains("export"), "{library}");
    assert_eq!(http(&server, "GET", "/client/../Cargo.toml", "").await.0, 404);
    assert_eq!(http(&server, "GET", "/nothing", "").await.0, 404);
    assert_eq!(http(&server, "POST", "/", "").await.0, 405);

    let client = Client::join(&server, "name=a").await;
    let (status, body) = http(&server, "GET", "/api/rooms", "").await;
    let listing: serde_json::Value = serde_json::from_str(&body).unwrap();
    let room = &listing["rooms"][0];
    assert_eq!((status, room["id"].as_str()), (200, Some(&*client.welcome.room)));
    assert_eq!((room["game"].as_str(), room["players"].as_u64()), (Some("arena"), Some(1)));
    assert_eq!(room["tick_rate_hz"].as_u64(), Some(30));
    server.stop();
}

#[tokio::test]
async fn operators_see_how_well_the_shards_keep_their_deadlines() {
    let server = start_rooms(RoomsConfig { shards: Some(2), ..RoomsConfig::default() });
    let mut client = Client::join(&server, "name=a").await;
    // A shard publishes its figures about once a second.
    let shards = loop {
        client.update().await;
        let (_, body) = http(&server, "GET", "/api/admin/overview", LOCALHOST).await;
        let listing: serde_json::Value = serde_json::from_str(&body).unwrap();
        if listing["shards"].as_array().unwrap().iter().any(|shard| shard["ticks"].as_u64() > Some(0)) {
            break listing["shards"].clone();
        }
    };
    let shards = shards.as_array().unwrap();
    assert_eq!(shards.len(), 2);
    let of_room = shards.iter().find(|shard| shard["rooms"].as_u64() == Some(1)).unwrap();
    assert!(shards.iter().any(|shard| shard["rooms"].as_u64() == Some(0)));
    let busy = of_room["busy"].as_f64().unwrap();
    assert!(busy > 0.0 && busy <= 1.0, "{busy}");
    let figure = |name: &str| of_room[name].as_u64().unwrap_or_else(|| panic!("{name}: {of_room}"));
    figure("skipped_ticks");
    for name in ["lateness_us", "duration_us"] {
        let spread = ["p50", "p99", "p999", "max"].map(|part| figure(&format!("{name}_{part}")));
        assert!(spread.is_sorted(), "{name}: {spread:?}");
    }
    assert!(figure("duration_us_max") > 0, "a tick takes some time");
    assert_eq!(of_room["recent"]["duration_us_max"], of_room["duration_us_max"], "all of it is recent");
    server.stop();
}

#[tokio::test]
async fn operators_see_the_figures_of_a_rooms_players_and_others_do_not() {
    let server = start(&Config::on_free_port());
    let mut client = Client::join(&server, "name=a").await;
    let address = format!("/api/admin/rooms/{}", client.welcome.room);
    // A room publishes its players' figures about once a second.
    let room = loop {
        client.update().await;
        client.steer(&Controls::default()).await;
        let (status, body) = http(&server, "GET", &address, LOCALHOST).await;
        let room: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, room["id"].as_str()), (200, Some(&*client.welcome.room)));
        if room["players"].as_array().is_some_and(|players| !players.is_empty()) {
            break room;
        }
    };
    let player = &room["players"][0];
    assert_eq!((player["player"].as_u64(), player["connected"].as_bool()), (Some(0), Some(true)));
    assert!(player["slack_ticks"].is_i64(), "it has been heard: {player}");
    for figure in ["accepted", "late", "dropped", "repeated", "neutral", "unacked_ticks", "budget_bytes"] {
        assert!(player[figure].is_u64(), "{figure}: {player}");
    }
    assert_eq!((room["held_seats"].as_u64(), room["resumes"].as_u64()), (Some(0), Some(0)));

    let lobby = [
        "bots",
        "game",
        "held_seats",
        "id",
        "max_players",
        "metadata",
        "mode",
        "options",
        "players",
        "spectate",
        "state",
        "tick",
        "tick_rate_hz",
        "viewers",
    ];
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (status, body) = http(&server, "GET", &format!("/api/rooms/{}", client.welcome.room), "").await;
    let room: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, keys(&room), room["players"].as_u64()),
        (200, lobby.map(str::to_owned).into(), Some(1))
    );
    let (_, body) = http(&server, "GET", "/api/rooms", "").await;
    let list: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(keys(&list), ["next", "rooms"]);
    assert_eq!(keys(&list["rooms"][0]), lobby);
    let (status, body) = http(&server, "GET", "/api/rooms/nowhere", "").await;
    assert!(status == 404 && body.contains("unknown_room"), "{body}");
    server.stop();
}

#[tokio::test]
async fn every_refusal_has_its_status_and_its_message() {
    let server = start_rooms(RoomsConfig { max_players: Some(1), ..RoomsConfig::default() });
    let seated = Client::join(&server, "name=a").await;
    let (room, session) = (&seated.welcome.room, seated.welcome.session);
    let drumline = format!("{UPGRADE}sec-websocket-protocol: drumline.1\r\n");
    let other = format!("{UPGRADE}sec-websocket-protocol: chat, drumline.0\r\n");
    let cases = [
        ("/play/chess?name=a".to_owned(), &drumline, 404, "unknown_game"),
        ("/play/arena?name=a&room=nowhere".into(), &drumline, 404, "unknown_room"),
        (format!("/play/arena?name=b&room={room}"), &drumline, 409, "room_full"),
        ("/play/arena?name=a%07".into(), &drumline, 400, "bad_name"),
        ("/play/arena?name=%20".into(), &drumline, 400, "bad_name"),
        ("/play/arena?name=xxxxxxxxxxxxxxxxxxxxxxxxx".into(), &drumline, 400, "bad_name"),
        ("/play/arena?name=a&schema=0123456789abcdef".into(), &drumline, 409, "schema_mismatch"),
        ("/play/arena?name=a&schema=soup".into(), &drumline, 409, "schema_mismatch"),
        ("/play/arena?name=a&name=b".into(), &drumline, 400, "bad_query"),
        ("/play/%ff?name=a".into(), &drumline, 400, "bad_query"),
        ("/play/arena?session=0123456789abcdef0123456789abcdef".into(), &drumline, 403, "unknown_session"),
        (
            "/play/arena?session=0123456789abcdef0123456789abcdef".into(),
            &String::new(),
            403,
            "unknown_session",
        ),
        (format!("/play/arena?session=soup&name=a%07&room={room}"), &drumline, 403, "unknown_session"),
        (format!("/play/frontier?session={session}"), &drumline, 403, "unknown_session"),
        (format!("/play/arena?session={session}&schema=soup"), &drumline, 409, "schema_mismatch"),
        (format!("/play/arena?session={session}&tick=soup"), &String::new(), 426, "upgrade_required"),
        (format!("/play/arena?session={session}"), &other, 400, "wrong_subprotocol"),
        ("/play/arena?name=a".into(), &UPGRADE.to_owned(), 400, "wrong_subprotocol"),
        ("/play/arena?name=a".into(), &other, 400, "wrong_subprotocol"),
        ("/play/arena?name=a".into(), &String::new(), 426, "upgrade_required"),
    ];
    for (path, headers, status, error) in &cases {
        let (got, body) = http(&server, "GET", path, headers).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((got, body["error"].as_str()), (*status, Some(*error)), "{path}: {body}");
        assert!(body["message"].as_str().is_some_and(|message| message.len() > 10));
    }
    let listing = server.listing();
    assert_eq!(listing.refusals.values().sum::<u64>(), cases.len() as u64, "each is counted");
    assert_eq!(listing.rooms.len(), 1, "and none has opened a room or taken a seat");
    assert_eq!(listing.rooms[0].players, 1);
    server.stop();
}

#[tokio::test]
async fn an_endless_request_head_is_refused() {
    let server = start(&Config::on_free_port());
    let huge = format!("x-padding: {}\r\n", "x".repeat(64 * 1024));
    let (status, _) = http(&server, "GET", "/", &huge).await;
    assert_eq!(status, 431);
    server.stop();
}

/// Sends bytes over a connection of their own. Returns the answer's status and the whole answer.
async fn send(server: &Running, bytes: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer[9..12].parse().unwrap(), answer)
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = start(&Config::on_free_port());
    for (hosts, status) in [
        ("host: test\r\n", 200),
        ("host: [::1]:7777\r\n", 200),
        ("host:\r\n", 200),
        ("", 400),
        ("host: test\r\nhost: test\r\n", 400),
        ("host: test\r\nhost: other\r\n", 400),
        ("host: two words\r\n", 400),
        ("host: ada@test\r\n", 400),
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        let (got, answer) = send(&server, &request).await;
        assert_eq!((got, answer.contains("bad_host")), (status, status == 400), "{hosts:?}: {answer}");
    }
    // HTTP/1.0 has no such header.
    assert_eq!(send(&server, "GET /healthz HTTP/1.0\r\n\r\n").await.0, 200);
    assert_eq!(server.listing().refusals["bad_host"], 5, "each is counted");
    server.stop();
}

#[tokio::test]
async fn a_body_in_an_unknown_coding_is_refused() {
    let server = start(&Config::on_free_port());
    let body = "10\r\n{\"game\":\"arena\"}\r\n0\r\n\r\n";
    for (codings, status) in [
        ("transfer-encoding: chunked", 200),
        ("transfer-encoding: Chunked", 200),
        ("transfer-encoding: gzip, chunked", 501),
        ("transfer-encoding: gzip\r\ntransfer-encoding: chunked", 501),
        ("transfer-encoding: identity, chunked", 501),
        // Without `chunked` at the end nobody knows where the body ends.
        ("transfer-encoding: gzip", 400),
    ] {
        let head = format!("POST /api/join HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{codings}\r\n\r\n");
        let (got, answer) = send(&server, &(head + body)).await;
        assert_eq!((got, answer.contains("unknown_coding")), (status, status == 501), "{codings}: {answer}");
    }
    server.stop();
}

#[tokio::test]
async fn another_method_is_answered_with_the_allowed_ones() {
    let server = start(&Config::on_free_port());
    for (method, path, allowed) in [
        ("POST", "/", "GET, HEAD"),
        ("PUT", "/client/drumline.js", "GET, HEAD"),
        ("DELETE", "/nothing", "GET, HEAD"),
        ("POST", "/healthz", "GET,HEAD"),
        ("GET", "/api/join", "POST"),
        ("PUT", "/api/rooms", "GET,HEAD,POST"),
        ("POST", "/play/arena", "GET,HEAD"),
        ("GET", "/api/admin/drain", "POST"),
    ] {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let (status, answer) = send(&server, &request).await;
        let allow = format!("\r\nallow: {allowed}\r\n");
        assert!(status == 405 && answer.contains(&allow), "{method} {path}: {answer}");
    }
    server.stop();
}

#[tokio::test]
async fn a_handshake_of_another_version_is_answered_with_the_right_one() {
    let server = start(&Config::on_free_port());
    let old = UPGRADE.replace("version: 13", "version: 8");
    for headers in [old.as_str(), "connection: close\r\n"] {
        let request = format!(
            "GET /play/arena?name=a HTTP/1.1\r\nhost: test\r\nsec-websocket-protocol: drumline.1\r\n{headers}\r\n"
        );
        let (status, answer) = send(&server, &request).await;
        let answer = answer.to_lowercase();
        assert!(status == 426 && answer.contains("\r\nsec-websocket-version: 13\r\n"), "{answer}");
        assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
    }
    server.stop();
}

#[tokio::test]
async fn the_operator_says_which_pages_may_frame_the_games() {
    for (setting, policy) in [
        ("", "frame-ancestors *"),
        ("frame_ancestors = []", "frame-ancestors 'none'"),
        ("frame_ancestors = [\"same-origin\"]", "frame-ancestors 'self'"),
        (
            "frame_ancestors = [\"same-origin\", \"https://portal.example.org\"]",
            "frame-ancestors 'self' https://portal.example.org",
        ),
        (
            "frame_ancestors = [\"loopback\"]",
            "frame-ancestors http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*",
        ),
    ] {
        let text = format!("bind = \"127.0.0.1:0\"\n[limits]\n{setting}\n");
        let server = start(&Config::from_toml(&text, "test.toml").unwrap());
        let (status, answer) = send(&server, "GET / HTTP/1.0\r\nhost: test\r\n\r\n").await;
        let line = answer.lines().find(|line| line.starts_with("content-security-policy: ")).unwrap();
        assert!(status == 200 && line.ends_with(policy), "{setting}: {line}");
        server.stop();
    }
}
