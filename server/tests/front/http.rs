//! The front's answers to plain requests.

use crate::common::{Client, http, start, start_rooms};
use drumline::{Config, RoomsConfig};
use drumline_arena::world::Controls;

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
    assert_eq!(http(&server, "GET", "/?game=chess", "").await.0, 404);
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
        "game",
        "held_seats",
        "id",
        "max_players",
        "mode",
        "options",
        "players",
        "state",
        "tick",
        "tick_rate_hz",
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
