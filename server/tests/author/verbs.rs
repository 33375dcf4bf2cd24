//! The calls of a game that are about its players and its room.

use std::sync::Arc;

use crate::common::http_api::Api;
use crate::common::{closed, join, soon};
use crate::probe::{Colour, Command, Event, Player, Probe, Shelf, config, until};
use drumline::{Running, Server};
use drumline_shared::wire::control::KIND_CONTROL;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn start() -> Running {
    Server::new().game::<Probe>().context(Arc::new(Shelf::new())).start(&config()).unwrap()
}

/// The rooms that a query finds.
async fn rooms(server: &Running, query: &str) -> Vec<Value> {
    let (status, mut answer) =
        Api::connect(server.address()).await.get(&format!("/api/rooms?game=probe{query}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["rooms"].as_array_mut().unwrap().drain(..).collect()
}

async fn ask_to_join(server: &Running, body: &Value) -> (u16, Value) {
    Api::connect(server.address()).await.post("/api/join", body).await
}

/// Waits until the list of rooms shows something.
async fn listed(server: &Running, is_so: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            if let Some(room) = rooms(server, "").await.into_iter().find(|room| is_so(room)) {
                return room;
            }
        }
    };
    soon(wait).await
}

#[tokio::test]
async fn join_options_reach_the_game_and_wrong_ones_are_named_by_their_field() {
    let server = start();
    let body = |options: Value| json!({ "game": "probe", "name": "ada", "join_options": options });
    for (options, field) in [
        (json!({ "colour": "pink" }), "colour"),
        (json!({ "loadout": { "weapon": 7 } }), "loadout.weapon"),
        (json!({ "size": 3 }), "size"),
        (json!("red"), ""),
    ] {
        let (status, answer) = ask_to_join(&server, &body(options)).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("bad_join_options")), "{answer}");
        assert_eq!(answer["field"].as_str(), Some(field), "{answer}");
    }
    assert!(server.listing().rooms.is_empty(), "no room was opened for them");
    let (status, answer) = ask_to_join(&server, &body(json!({ "colour": "blue" }))).await;
    assert_eq!(status, 200, "{answer}");
    let mut player = Player::enter(&server, answer["ticket"].as_str().unwrap()).await;
    let joined = |event| match event {
        Event::Joined { name, colour } => Some((name, colour)),
        _ => None,
    };
    assert_eq!(player.event(joined).await, ("ada".to_owned(), Colour::Blue));
    server.stop();
}

#[tokio::test]
async fn a_refused_player_gets_the_games_words_and_no_snapshot() {
    let server = start();
    let mut host = Player::join(&server, "name=host").await;
    host.order(Command::Refuse("the round has begun".into())).await;
    host.order(Command::Kick(host.id())).await;
    assert_eq!(
        host.client.closed().await,
        (4007, "you are it".to_owned()),
        "the order before is carried out"
    );
    let mut late = join(&server, "probe", &format!("room={}", host.room())).await;
    loop {
        match soon(late.next()).await.unwrap().unwrap() {
            Message::Binary(bytes) => assert_eq!(bytes[0], KIND_CONTROL, "no snapshot"),
            Message::Close(Some(frame)) => {
                assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4013, "the round has begun"));
                break;
            }
            _ => {}
        }
    }
    until(|| server.listing().rooms[0].players == 0).await;
    server.stop();
}

#[tokio::test]
async fn a_kicked_player_may_join_again_and_a_banned_one_not() {
    let server = start();
    let mut host = Player::join(&server, "name=host").await;
    let query = format!("name=guest&room={}", host.room());
    let mut guest = Player::join(&server, &query).await;
    host.order(Command::Kick(guest.id())).await;
    assert_eq!(guest.client.closed().await, (4007, "you are it".to_owned()));
    let mut guest = Player::join(&server, &query).await;
    host.order(Command::Ban(guest.id())).await;
    assert_eq!(guest.client.closed().await, (4012, "and stay out".to_owned()));
    let mut again = join(&server, "probe", &query).await;
    assert_eq!(closed(&mut again).await, (4012, "and stay out".to_owned()));
    // Elsewhere they are welcome.
    Player::join(&server, "room=new").await;
    server.stop();
}

#[tokio::test]
async fn a_seat_is_held_for_as_long_as_the_game_says() {
    let server = start();
    let mut host = Player::join(&server, "name=host").await;
    let query = format!("room={}", host.room());
    let mut guests = Vec::new();
    for seconds in [0, 3000] {
        let mut guest = Player::join(&server, &query).await;
        guest.order(Command::HoldSeat(seconds)).await;
        // A later order of the same player is carried out later.
        guest.order(Command::SetMap(format!("after {seconds}"))).await;
        listed(&server, |room| room["metadata"]["map"] == format!("after {seconds}")).await;
        guests.push(guest);
    }
    let [brief, long] = <[Player; 2]>::try_from(guests).ok().unwrap();
    let (gone, away) = (brief.client.welcome.session.clone(), long.id());
    brief.kill();
    until(|| server.listing().rooms[0].players == 2).await;
    assert!(Player::resume(&server, &gone).await.is_none(), "the seat was not held");
    let token = long.client.welcome.session.clone();
    long.kill();
    let found = host.event(|event| if let Event::Away(player) = event { Some(player) } else { None }).await;
    assert_eq!(found, away);
    assert_eq!(server.listing().rooms[0].players, 2, "held");
    Player::resume(&server, &token).await.expect("the seat is held");
    let found = host.event(|event| if let Event::Back(player) = event { Some(player) } else { None }).await;
    assert_eq!(found, away);
    server.stop();
}

#[tokio::test]
async fn rooms_are_listed_with_what_the_game_says_and_found_by_it() {
    let server = start();
    let mut rooms_of = Vec::new();
    for map in ["small", "large"] {
        let mut host = Player::join(&server, "room=new").await;
        host.order(Command::SetMap(map.into())).await;
        host.order(Command::SetMaxPlayers(2)).await;
        listed(&server, |room| room["metadata"]["map"] == map && room["max_players"] == 2).await;
        rooms_of.push(host);
    }
    assert_eq!(rooms(&server, "").await.len(), 2);
    let found = rooms(&server, "&metadata.map=large").await;
    assert_eq!(found.iter().map(|room| &room["id"]).collect::<Vec<_>>(), [rooms_of[1].room()]);
    assert!(rooms(&server, "&metadata.map=huge").await.is_empty());
    assert!(rooms(&server, "&metadata.size=large").await.is_empty());
    let room = rooms_of[0].room();
    let _second = Player::join(&server, &format!("room={room}")).await;
    let (status, answer) = ask_to_join(&server, &json!({ "game": "probe", "room": room })).await;
    assert_eq!((status, answer["error"].as_str()), (409, Some("room_full")), "{answer}");
    server.stop();
}

#[tokio::test]
async fn bots_are_listed_and_give_way_to_players() {
    let server = start();
    let mut host = Player::join(&server, "name=host").await;
    for name in ["robin", "rob", "roberta"] {
        host.order(Command::SeatBot { name: name.into(), yields: true }).await;
    }
    let room = listed(&server, |room| room["bots"] == 3).await;
    assert_eq!((&room["players"], &room["max_players"]), (&json!(1), &json!(4)));
    let query = format!("room={}", host.room());
    let mut guests = vec![Player::join(&server, &query).await];
    listed(&server, |room| room["bots"] == 2 && room["players"] == 2).await;
    for left in [1, 0] {
        guests.push(Player::join(&server, &query).await);
        listed(&server, |room| room["bots"] == left).await;
    }
    let (status, answer) = ask_to_join(&server, &json!({ "game": "probe", "room": host.room() })).await;
    assert_eq!((status, answer["error"].as_str()), (409, Some("room_full")), "{answer}");
    server.stop();
}

#[tokio::test]
async fn a_bot_that_stays_takes_a_seat_from_players() {
    let server = start();
    let mut host = Player::join(&server, "name=host").await;
    for name in ["robin", "rob", "roberta", "one too many"] {
        host.order(Command::SeatBot { name: name.into(), yields: false }).await;
    }
    listed(&server, |room| room["bots"] == 3).await;
    let (status, answer) = ask_to_join(&server, &json!({ "game": "probe", "room": host.room() })).await;
    assert_eq!((status, answer["error"].as_str()), (409, Some("room_full")), "{answer}");
    server.stop();
}
