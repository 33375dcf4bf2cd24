//! Players who come back when it is hard to: at the connection limit, by their account, from a page that was reloaded, and too
//! late.

use std::time::Duration;

use crate::common::http_api::Api;
use crate::common::{Client, http, soon, start};
use drumline::{Config, Credentials, Denied, Limits, RoomsConfig, Running, Server};
use drumline_arena::Arena;
use drumline_room::Identity;
use drumline_shared::wire::control::{ClientMessage, SUBPROTOCOL, write_control};
use serde_json::json;
use socket2::SockRef;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Joins and sends a message: no seat is held for a client that has never sent one.
async fn join(server: &Running, query: &str) -> Client {
    let mut client = Client::join(server, query).await;
    client.update().await;
    client
}

/// Resumes as a browser does, with the token among the subprotocols.
async fn resume(server: &Running, token: &str) -> Option<Client> {
    let offers = format!("{SUBPROTOCOL}, drumline.session.{token}");
    let mut client = Client::offering(server, "/play/arena", &offers).await?;
    client.update().await;
    Some(client)
}

/// Breaks a connection without a close frame.
fn kill(client: Client) {
    SockRef::from(client.socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
}

/// Waits for so many held seats.
async fn held(server: &Running, seats: u16) {
    let wait = async {
        while server.listing().rooms.iter().map(|room| room.held_seats).sum::<u16>() != seats {
            tokio::task::yield_now().await;
        }
    };
    soon(wait).await;
}

#[tokio::test]
async fn at_the_connection_limit_everybody_who_has_a_seat_comes_back() {
    const PLAYERS: u16 = 40;
    let limits = Limits { connections: Some(PLAYERS.into()), ..Limits::default() };
    let rooms = RoomsConfig { max_players: Some(PLAYERS), ..RoomsConfig::default() };
    let server = start(&Config { limits, rooms, ..Config::on_free_port() });
    let mut clients = Vec::new();
    for _ in 0..PLAYERS {
        clients.push(join(&server, "name=a").await);
    }
    for turn in 0..3 {
        let seats: Vec<_> = clients.iter().map(|client| client.welcome.player).collect();
        let tokens: Vec<_> = clients.iter().map(|client| client.welcome.session.clone()).collect();
        let older = if turn == 2 {
            // The server has not noticed anything: the older connections are still open.
            std::mem::take(&mut clients)
        } else {
            clients.drain(..).for_each(kill);
            held(&server, PLAYERS).await;
            Vec::new()
        };
        let stranger = Client::offering(&server, "/play/arena", SUBPROTOCOL).await;
        assert!(stranger.is_none(), "all slots are taken");
        for token in &tokens {
            clients.push(resume(&server, token).await.expect("a player who has a seat comes back"));
        }
        let again: Vec<_> = clients.iter().map(|client| client.welcome.player).collect();
        assert_eq!(again, seats);
        for mut client in older {
            assert_eq!(client.closed().await.0, 4005);
        }
    }
    let (status, body) = http(&server, "GET", "/play/arena", "").await;
    assert!(status == 503 && body.contains("all_connections_taken"), "{status} {body}");
    let (status, body) = http(&server, "GET", "/healthz", "").await;
    assert!(status == 503 && body.contains("all_connections_taken"), "{status} {body}");
    assert_eq!(server.listing().rooms.len(), 1);
    server.stop();
}

#[tokio::test]
async fn a_hundred_reloads_and_a_hundred_killed_tabs_lead_to_the_same_seat() {
    let server = start(&Config::on_free_port());
    let _other = join(&server, "name=other").await;
    let mut client = join(&server, "name=a").await;
    let seat = client.welcome.player;
    for turn in 0..200 {
        let token = client.welcome.session.clone();
        if turn % 2 == 0 {
            let gone = CloseFrame { code: 1001.into(), reason: "".into() };
            client.socket.close(Some(gone)).await.unwrap();
            assert_eq!(client.closed().await.0, 1001, "the server answers");
        } else {
            kill(client);
        }
        client = resume(&server, &token).await.expect("the seat is held");
        assert_eq!(client.welcome.player, seat);
    }
    // The figures of a tick are published after its snapshots.
    client.update().await;
    let room = &server.listing().rooms[0];
    assert_eq!((room.players, room.resumes), (2, 200));
    server.stop();
}

#[tokio::test]
async fn an_account_comes_back_to_its_seat_in_a_full_room() {
    let account = |credentials: &Credentials| {
        let subject = credentials.headers.get("x-account").and_then(|account| account.to_str().ok());
        let subject = subject.ok_or(Denied("no account".into()))?.to_owned();
        Ok(Identity { subject, ..Identity::default() })
    };
    let rooms = RoomsConfig { max_players: Some(2), ..RoomsConfig::default() };
    let config = Config { rooms, ..Config::on_free_port() };
    let server = Server::new().game::<Arena>().authenticate(account).start(&config).unwrap();
    let mut seats = Vec::new();
    let mut clients = Vec::new();
    // The room is the first player's, whether it is named or any will do.
    let mut room = None;
    for (account, wait) in [("ada", false), ("bob", false), ("ada", false), ("ada", true), ("bob", false)] {
        if wait {
            clients.drain(..).for_each(kill);
            held(&server, 2).await;
        }
        let mut api = Api::connect(server.address()).await;
        api.headers = format!("x-account: {account}\r\n");
        let body = match &room {
            Some(room) if account == "ada" => json!({ "game": "arena", "room": room }),
            _ => json!({ "game": "arena" }),
        };
        let (status, answer) = api.post("/api/join", &body).await;
        assert_eq!(status, 200, "{answer}");
        let mut client = Client::enter(&server, answer["ticket"].as_str().unwrap()).await;
        client.update().await;
        seats.push((account, client.welcome.player));
        room.get_or_insert(answer["room"].as_str().unwrap().to_owned());
        clients.push(client);
    }
    assert_eq!(seats, [("ada", 0), ("bob", 1), ("ada", 0), ("ada", 0), ("bob", 1)]);
    let mut api = Api::connect(server.address()).await;
    api.headers = "x-account: eve\r\n".into();
    let (status, answer) = api.post("/api/join", &json!({ "game": "arena", "room": room })).await;
    assert_eq!((status, answer["error"].as_str()), (409, Some("room_full")), "{answer}");
    assert_eq!(server.listing().rooms.len(), 1);
    server.stop();
}

#[tokio::test]
async fn a_client_that_was_away_for_too_long_is_told_so_and_joins_anew_at_once() {
    let rooms = RoomsConfig { max_players: Some(1), resume_seconds: 1, ..RoomsConfig::default() };
    let limits = Limits { silent_seconds: 6, ..Limits::default() };
    let server = start(&Config { rooms, limits, ..Config::on_free_port() });
    let mut away = join(&server, "name=a").await;
    let token = away.welcome.session.clone();
    let room = away.welcome.room.clone();
    // It is stopped: it reads nothing and answers no ping, while its socket stays open.
    let ended = async {
        while server.listing().rooms[0].players > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(ended).await;
    assert!(resume(&server, &token).await.is_none());
    let (status, body) = http(&server, "GET", &format!("/play/arena?session={token}"), "").await;
    assert!(status == 403 && body.contains("unknown_session"), "{status} {body}");
    let mut anew = join(&server, &format!("name=a&room={room}")).await;
    assert_eq!(anew.welcome.room, room);
    // The connection that it still has ends with a close code.
    assert_eq!(away.closed().await.0, 4003);
    anew.send(write_control(&ClientMessage::Ack { tick: anew.mirror.tick() })).await;
    server.stop();
}
