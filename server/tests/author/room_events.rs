//! Hooks and webhooks for what happens in rooms.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::common::{closed, goodbye, http, join, soon};
use crate::probe::{Command, Player, Probe, Shelf, config, until};
use drumline::axum::Router;
use drumline::axum::body::Bytes;
use drumline::axum::http::{HeaderMap, StatusCode};
use drumline::axum::routing::post;
use drumline::{Config, RoomEvent, Running, Secret, Server, TlsConfig, WebhooksConfig};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::Value;

const SECRET: &str = "a secret that is known to the tests alone";

fn game() -> Server {
    Server::new().game::<Probe>().context(Arc::new(Shelf::new()))
}

/// An event in a word and the name that it is about.
fn short(event: &RoomEvent) -> (&'static str, String) {
    match event {
        RoomEvent::RoomOpened { room } => ("opened", room.id.clone()),
        RoomEvent::RoomEnded { room, reason } => ("ended", format!("{} {}", room.id, reason.name())),
        RoomEvent::PlayerJoined { player, .. } => ("joined", player.name.clone()),
        RoomEvent::PlayerLeft { player, .. } => ("left", player.name.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hook_is_told_what_happens_in_its_order_and_may_panic() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let hook = move |event: &RoomEvent| {
        log.lock().unwrap().push(short(event));
        assert!(!matches!(event, RoomEvent::RoomOpened { .. }), "a hook panics, says the test");
    };
    let server = game().on_event(hook).start(&config()).unwrap();
    let mut host = Player::join(&server, "name=host").await;
    let room = host.room().to_owned();
    let mut guest = Player::join(&server, &format!("name=guest&room={room}")).await;
    guest.client.socket.close(Some(goodbye())).await.unwrap();
    until(|| server.listing().rooms[0].players == 1).await;
    // Nobody hears of a player whom the game refuses.
    host.order(Command::Refuse("no more".into())).await;
    host.settle().await;
    let mut refused = join(&server, "probe", &format!("name=late&room={room}")).await;
    assert_eq!(closed(&mut refused).await.0, 4013);
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
    let expected = [
        ("opened", room.clone()),
        ("joined", "host".into()),
        ("joined", "guest".into()),
        ("left", "guest".into()),
        ("left", "host".into()),
        ("ended", format!("{room} server_stopping")),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

/// The ids of the deliveries that a service has received, and the events in them.
#[derive(Default)]
struct Received {
    deliveries: Vec<String>,
    events: Vec<Value>,
}

#[tokio::test]
async fn webhooks_are_signed_and_tried_again() {
    let received = Arc::new(Mutex::new(Received::default()));
    let log = Arc::clone(&received);
    let receive = move |headers: HeaderMap, body: Bytes| async move {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        let signature = text("drumline-signature");
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        let signature = signature.strip_prefix("sha256=").unwrap();
        assert!(crypto::verify(signature, &body, &key, Algorithm::HS256).unwrap());
        let body: Value = serde_json::from_slice(&body).unwrap();
        let mut log = log.lock().unwrap();
        log.deliveries.push(text("drumline-delivery"));
        assert_eq!(body["delivery"].as_str(), log.deliveries.last().map(String::as_str));
        if log.deliveries.len() == 1 {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        log.events.extend(body["events"].as_array().unwrap().iter().cloned());
        StatusCode::NO_CONTENT
    };
    let service = game().routes(Router::new().route("/hook", post(receive))).start(&config()).unwrap();
    let webhooks = WebhooksConfig {
        url: Some(format!("{}/hook", service.url())),
        secret: Some(Secret::new(SECRET.to_owned())),
        ..WebhooksConfig::default()
    };
    let server = game().start(&Config { webhooks, ..config() }).unwrap();
    let player = Player::join(&server, "name=ada").await;
    let room = player.room().to_owned();
    until(|| received.lock().unwrap().events.len() >= 2).await;
    drop(player);
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
    tokio::task::spawn_blocking(|| service.stop()).await.unwrap();
    let received = received.lock().unwrap();
    assert_eq!(received.deliveries[0], received.deliveries[1], "the same at every attempt");
    let names: Vec<_> = received.events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["room_opened", "player_joined", "player_left", "room_ended"]);
    for event in &received.events {
        assert_eq!((event["room"].as_str(), event["game"].as_str()), (Some(&*room), Some("probe")));
        assert!(event["time_ms"].as_u64().unwrap() > 1_600_000_000_000);
    }
    let joined = &received.events[1];
    assert_eq!((joined["name"].as_str(), joined["player"].as_u64()), (Some("ada"), Some(0)));
    assert_eq!(received.events[3]["reason"].as_str(), Some("server_stopping"));
}

/// A service with a certificate that no authority has signed, and the folder of its files.
fn untrusted() -> (Running, PathBuf) {
    let folder = std::env::temp_dir().join(format!("drumline-webhooks-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| Some(folder.join(name)));
    let routes = Router::new().route("/hook", post(|| async { "it must not be trusted" }));
    let tls = TlsConfig { cert, key, ..TlsConfig::default() };
    (game().routes(routes).start(&Config { tls, ..config() }).unwrap(), folder)
}

#[tokio::test]
async fn events_that_no_webhook_gets_are_counted() {
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (service, folder) = untrusted();
    let port = service.address().port();
    for url in [format!("http://{gone}/hook"), format!("https://localhost:{port}/hook")] {
        let webhooks = WebhooksConfig { url: Some(url), attempts: 1, ..WebhooksConfig::default() };
        let server = game().start(&Config { webhooks, ..config() }).unwrap();
        let mut player = Player::join(&server, "").await;
        let counted = async {
            loop {
                let (_, metrics) = http(&server, "GET", "/metrics", "host: localhost\r\n").await;
                if metrics.contains("drumline_room_events_lost_total{reader=\"webhooks\"} 2") {
                    return metrics;
                }
            }
        };
        let metrics = soon(counted).await;
        assert!(metrics.contains("drumline_room_events_lost_total{reader=\"hooks\"} 0"), "{metrics}");
        player.client.update().await;
        tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
    }
    tokio::task::spawn_blocking(|| service.stop()).await.unwrap();
    fs::remove_dir_all(folder).unwrap();
}
