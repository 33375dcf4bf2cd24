//! Banned networks and accounts: players lose their seats, and are refused.

use crate::common::http_api::Api;
use crate::common::{Client, closed, http, join, soon, start};
use drumline::{AuthConfig, AuthMode, Config, Limits, Running};
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

const SECRET: &str = "a secret of thirty-two bytes or more";

/// A player from an address of this machine.
async fn join_from(server: &Running, ip: [u8; 4], query: &str) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((ip, 0).into()).unwrap();
    let stream = socket.connect(server.address()).await.unwrap();
    Client::join_over(stream, server, query).await
}

/// Joins, and shows the server that the welcome has arrived: the seat would be held.
async fn settle(client: &mut Client) {
    client.update().await;
    client.update().await;
}

async fn post(server: &Running, path: &str, body: &Value) -> (u16, Value) {
    let mut api = Api::connect(server.address()).await;
    api.headers.push_str("content-type: application/json\r\n");
    api.post(path, body).await
}

async fn held(server: &Running, seats: u16) {
    soon(async {
        while server.listing().rooms.iter().map(|room| room.held_seats).sum::<u16>() != seats {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_banned_network_loses_its_seats_and_gets_no_new_ones() {
    let server = start(&Config::on_free_port());
    let mut eve = join_from(&server, [127, 0, 7, 1], "name=eve").await;
    let mut gone = join_from(&server, [127, 0, 7, 2], "name=gone").await;
    let mut ada = join_from(&server, [127, 0, 8, 1], "name=ada").await;
    for client in [&mut eve, &mut gone, &mut ada] {
        settle(client).await;
    }
    let session = gone.welcome.session.clone();
    drop(gone);
    held(&server, 1).await;

    let ban = json!({ "target": "127.0.7.0/24", "reason": "no spam here", "seconds": 3600 });
    assert_eq!(post(&server, "/api/admin/bans", &ban).await.0, 204);
    assert_eq!(eve.closed().await, (4012, "no spam here".to_owned()));
    held(&server, 0).await;
    ada.update().await;
    let listing = server.listing();
    assert_eq!((listing.rooms[0].players, listing.closes.get("banned")), (1, Some(&1)));

    let (_, bans) = Api::connect(server.address()).await.get("/api/admin/bans").await;
    assert_eq!((&bans[0]["target"], &bans[0]["configured"]), (&json!("127.0.7.0/24"), &json!(false)));
    assert!((3500..=3600).contains(&bans[0]["seconds_left"].as_u64().unwrap()), "{bans}");
    // The other address of this machine may play on, and return.
    let (status, _) = http(&server, "GET", &format!("/play/arena?session={session}"), "").await;
    assert_eq!(status, 403, "the held seat is gone");

    let (status, body) = post(&server, "/api/admin/bans", &json!({ "target": "soup" })).await;
    assert_eq!((status, &body["error"]), (400, &json!("bad_body")));
    let lift = json!({ "target": "127.0.7.0/24" });
    assert_eq!(post(&server, "/api/admin/bans/lift", &lift).await.0, 204);
    assert_eq!(post(&server, "/api/admin/bans/lift", &lift).await.1["error"], "unknown_ban");
    join_from(&server, [127, 0, 7, 1], "name=eve").await.update().await;
    server.stop();
}

#[tokio::test]
async fn a_configured_ban_refuses_every_way_in_and_ends_when_it_is_taken_back() {
    let banned = vec!["127.0.0.1".parse().unwrap()];
    let server = start(&Config { limits: Limits { banned, ..Limits::default() }, ..Config::on_free_port() });
    let session = "session=0123456789abcdef0123456789abcdef";
    for path in ["/play/arena", "/play/arena?ticket=x", &format!("/play/arena?{session}")] {
        let (status, body) = http(&server, "GET", path, "").await;
        assert!(status == 403 && body.contains("\"banned\""), "{path}: {status} {body}");
    }
    let mut api = Api::connect(server.address()).await;
    for path in ["/api/join", "/api/rooms"] {
        let (status, body) = api.post(path, &json!({ "game": "arena" })).await;
        assert_eq!((status, &body["error"]), (403, &json!("banned")), "{path}");
    }
    assert_eq!(api.get("/api/rooms").await.0, 200, "the page can show the reason");
    assert_eq!(server.listing().refusals["banned"], 5);

    server.set_banned(&[]);
    let mut client = Client::join(&server, "name=a").await;
    settle(&mut client).await;
    server.set_banned(&["127.0.0.0/8".parse().unwrap()]);
    assert_eq!(client.closed().await, (4012, "this address or account is banned".to_owned()));
    server.stop();
}

#[tokio::test]
async fn a_banned_account_is_refused_from_any_address() {
    let auth = AuthConfig {
        mode: AuthMode::Jwt,
        key: Some(drumline::Secret::new(SECRET.to_owned())),
        ..AuthConfig::default()
    };
    let server = start(&Config { auth, ..Config::on_free_port() });
    let ask = async |subject: &str| {
        let claims = json!({ "sub": subject, "exp": get_current_timestamp() + 60 });
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let token = encode(&Header::default(), &claims, &key).unwrap();
        let mut api = Api::connect(server.address()).await;
        api.headers = format!("authorization: Bearer {token}\r\n");
        api.post("/api/join", &json!({ "game": "arena" })).await
    };
    let (_, joined) = ask("eve").await;
    let mut eve = Client::enter(&server, joined["ticket"].as_str().unwrap()).await;
    let (_, kept) = ask("eve").await;
    settle(&mut eve).await;
    let ban = json!({ "target": "account:eve" });
    assert_eq!(post(&server, "/api/admin/bans", &ban).await.0, 204);
    assert_eq!(eve.closed().await.0, 4012);
    let (status, refused) = ask("eve").await;
    assert_eq!((status, &refused["error"]), (403, &json!("banned")));
    assert_eq!(ask("ada").await.0, 200);
    // The ticket is older than the ban.
    let mut late = join(&server, "arena", &format!("ticket={}", kept["ticket"].as_str().unwrap())).await;
    assert_eq!(closed(&mut late).await.0, 4012);
    server.stop();
}
