//! Accounts: an author's check that waits for a session store, and an account that comes to a room a second time.

use std::sync::Arc;

use crate::common::http;
use crate::common::http_api::Api;
use crate::probe::{Player, Probe, Shelf, config, until};
use drumline::{Config, Credentials, Denied, Identity, RoomsConfig, Running, SameAccount, Server};
use drumline_shared::wire::control::SUBPROTOCOL;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

fn game() -> Server {
    Server::new().game::<Probe>().context(Arc::new(Shelf::new()))
}

/// The account that a request names.
fn account(credentials: &Credentials) -> Result<Identity, Denied> {
    let subject = credentials.headers.get("x-account").and_then(|account| account.to_str().ok());
    let subject = subject.ok_or_else(|| Denied("no account".into()))?.to_owned();
    Ok(Identity { subject, ..Identity::default() })
}

async fn ask(server: &Running, account: &str, room: Option<&str>) -> (u16, Value) {
    let mut api = Api::connect(server.address()).await;
    api.headers = format!("x-account: {account}\r\n");
    let body = room.map_or(json!({ "game": "probe" }), |room| json!({ "game": "probe", "room": room }));
    api.post("/api/join", &body).await
}

/// The ticket for a seat.
async fn ticket(server: &Running, account: &str, room: Option<&str>) -> String {
    let (status, answer) = ask(server, account, room).await;
    assert_eq!(status, 200, "{answer}");
    answer["ticket"].as_str().unwrap().to_owned()
}

async fn enter(server: &Running, account: &str, room: Option<&str>) -> Player {
    Player::enter(server, &ticket(server, account, room).await).await
}

fn start(same_account: SameAccount) -> Running {
    let rooms = RoomsConfig { same_account, shards: Some(1), ..RoomsConfig::default() };
    game().authenticate(account).start(&Config { rooms, ..Config::on_free_port() }).unwrap()
}

#[tokio::test]
async fn an_account_takes_its_seat_over() {
    let server = start(SameAccount::TakeOver);
    let mut first = enter(&server, "ada", None).await;
    let room = first.room().to_owned();
    let ticket = ticket(&server, "ada", Some(&room)).await;
    let offers = format!("{SUBPROTOCOL}, drumline.ticket.{ticket}");
    let mut second = crate::common::Client::offering(&server, "/play/probe", &offers).await.unwrap();
    second.update().await;
    assert_eq!(second.welcome.player, first.client.welcome.player);
    assert_eq!(first.client.closed().await.0, 4005);
    assert_eq!(server.listing().rooms[0].players, 1);
    server.stop();
}

#[tokio::test]
async fn an_account_is_refused_unless_its_seat_is_held() {
    let server = start(SameAccount::Refuse);
    // Two tickets for one seat: the first that is used takes it.
    let early = [ticket(&server, "ada", None).await, ticket(&server, "ada", None).await];
    let mut first = Player::enter(&server, &early[0]).await;
    let offers = format!("{SUBPROTOCOL}, drumline.ticket.{}", early[1]);
    assert!(crate::common::Client::offering(&server, "/play/probe", &offers).await.is_none());
    let room = first.room().to_owned();
    for named in [Some(&*room), None] {
        let (status, answer) = ask(&server, "ada", named).await;
        assert_eq!((status, answer["error"].as_str()), (409, Some("already_here")), "{answer}");
    }
    enter(&server, "bob", Some(&room)).await;
    enter(&server, "ada", Some("new")).await;
    first.settle().await;
    let id = first.id();
    first.kill();
    let held = || server.listing().rooms.iter().any(|listed| listed.id == room && listed.held_seats > 0);
    until(held).await;
    let ticket = ticket(&server, "ada", Some(&room)).await;
    let offers = format!("{SUBPROTOCOL}, drumline.ticket.{ticket}");
    let mut back = crate::common::Client::offering(&server, "/play/probe", &offers).await.unwrap();
    back.update().await;
    assert_eq!(back.welcome.player, id.number(), "from another device");
    let (status, answer) = ask(&server, "ada", Some(&room)).await;
    assert_eq!((status, answer["error"].as_str()), (409, Some("already_here")), "{answer}");
    server.stop();
}

#[tokio::test]
async fn an_account_may_have_several_seats() {
    let server = start(SameAccount::Allow);
    let mut first = enter(&server, "ada", None).await;
    let room = first.room().to_owned();
    let mut others = Vec::new();
    for named in [Some(&*room), None] {
        let other = enter(&server, "ada", named).await;
        assert_eq!(other.room(), room);
        assert!(other.id() != first.id());
        others.push(other);
    }
    first.client.update().await;
    assert_eq!(server.listing().rooms[0].players, 3);
    server.stop();
}

#[tokio::test]
async fn a_check_that_waits_holds_up_nobody_else_and_a_panic_is_a_refusal() {
    let gate = Arc::new(Semaphore::new(0));
    let store = Arc::clone(&gate);
    let check = move |credentials: Credentials| {
        let store = Arc::clone(&store);
        async move {
            let identity = account(&credentials)?;
            assert!(identity.subject != "eve", "the session store panics, says the test");
            if identity.subject == "ada" {
                store.acquire().await.unwrap().forget();
            }
            Ok(identity)
        }
    };
    let server = game().authenticate_async(check).start(&config()).unwrap();
    let address = server.address();
    let ada = tokio::spawn(async move {
        let mut api = Api::connect(address).await;
        api.headers = "x-account: ada\r\n".into();
        api.post("/api/join", &json!({ "game": "probe" })).await
    });
    enter(&server, "bob", None).await;
    let (status, answer) = ask(&server, "eve", None).await;
    assert_eq!((status, answer["error"].as_str()), (503, Some("auth_failed")), "{answer}");
    let mut api = Api::connect(address).await;
    let (status, answer) = api.post("/api/join", &json!({ "game": "probe" })).await;
    assert_eq!((status, answer["message"].as_str()), (401, Some("no account")), "{answer}");
    assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
    assert!(!ada.is_finished());
    gate.add_permits(1);
    assert_eq!(ada.await.unwrap().0, 200);
    server.stop();
}
