//! Players' connections, end to end.

use crate::common::{Client, goodbye, start, start_rooms};
use drumline::{Config, RoomsConfig, Running};
use drumline_arena::world::{Controls, Pilot, Ship, tables};
use drumline_room::PlayerId;
use drumline_shared::wire::control::{ClientMessage, ServerMessage, write_control};
use futures_util::SinkExt;
use glam::Vec2;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::protocol::Message;

fn ship_of(client: &Client, player: u16) -> Option<Ship> {
    client
        .mirror
        .rows::<Ship>(tables::SHIPS)
        .map(|(_, ship)| ship)
        .find(|ship| ship.player == PlayerId::first(player))
}

#[tokio::test]
async fn two_players_share_a_room_and_see_each_other_move() {
    let server = start_rooms(RoomsConfig { seed: Some(1), ..RoomsConfig::default() });
    let mut first = Client::join(&server, "name=Ada").await;
    let mut second = Client::join(&server, "name=Bob").await;
    assert_eq!(first.welcome.room, second.welcome.room);
    assert_eq!((first.welcome.player, second.welcome.player), (0, 1));
    assert_eq!(first.welcome.schema_hash, first.welcome.schema.hash());
    let mut hashes = 0;
    let mut start = None;
    let right = Controls { thrust: Vec2::X, aim: 0.0, fire: false };
    for _ in 0..90 {
        first.update().await;
        first.steer(&right).await;
        hashes += second.update().await.hashes_checked;
        start = start.or_else(|| ship_of(&second, 0));
    }
    let (start, end) = (start.unwrap(), ship_of(&second, 0).unwrap());
    assert!(end.position.x > start.position.x + 50.0, "from {start:?} to {end:?}");
    assert!(hashes >= 3, "a keyframe's and one a second");
    let names: Vec<String> =
        second.mirror.rows::<Pilot>(tables::PILOTS).map(|(_, pilot)| pilot.name).collect();
    assert_eq!(names, ["Ada", "Bob"]);

    first.send(write_control(&ClientMessage::Ping { nonce: 77 })).await;
    let ServerMessage::Pong { nonce, tick } = first.control().await else { panic!("a pong") };
    assert!(nonce == 77 && tick >= 90);
    server.stop();
}

#[tokio::test]
async fn rooms_are_chosen_as_requested() {
    let server = start_rooms(RoomsConfig { max_players: Some(2), ..RoomsConfig::default() });
    let first = Client::join(&server, "name=a").await;
    let second = Client::join(&server, "name=b&room=new").await;
    assert_ne!(first.welcome.room, second.welcome.room);
    let third = Client::join(&server, &format!("name=c&room={}", first.welcome.room)).await;
    assert_eq!(third.welcome.room, first.welcome.room);
    let fourth = Client::join(&server, "name=d").await;
    assert_eq!(fourth.welcome.room, second.welcome.room, "the only one with a place");
    let fifth = Client::join(&server, "").await;
    assert_eq!(server.listing().rooms.len(), 3);
    drop(fifth);
    server.stop();
}

/// Misbehaves as one client, and returns its close code. A second client must not miss a tick.
async fn misbehave(server: &Running, message: Message) -> (u16, String) {
    let mut bystander = Client::join(server, "name=bystander").await;
    let mut villain = Client::join(server, "name=villain").await;
    bystander.update().await;
    villain.update().await;
    villain.socket.send(message).await.unwrap();
    let closed = villain.closed().await;
    for _ in 0..5 {
        assert_eq!(bystander.update().await.ticks, 1, "nobody else is disturbed");
    }
    closed
}

#[tokio::test]
async fn every_bad_message_has_its_close_code() {
    let server = start(&Config::on_free_port());
    let input_cut_short = vec![1, 1, 0];
    let input_with_a_tail = [vec![1, 1, 0, 1, 0, 2, 0], vec![0; 50]].concat();
    let cases = [
        (Message::text("hello"), 1003),
        (Message::binary(vec![99, 1, 2, 3]), 4001),
        (Message::binary(vec![]), 4001),
        (Message::binary(input_cut_short), 4001),
        (Message::binary(input_with_a_tail), 4001),
        (Message::binary(vec![0, 9, 9, 9]), 4001),
        (Message::binary(vec![1; 5000]), 1009),
    ];
    for (message, code) in cases {
        let (got, reason) = misbehave(&server, message.clone()).await;
        assert_eq!(got, code, "{message:?}: {reason}");
        assert!(!reason.is_empty());
    }
    let closes = server.listing().closes;
    assert_eq!(closes.get("malformed"), Some(&5));
    assert_eq!((closes.get("text_message"), closes.get("message_too_big")), (Some(&1), Some(&1)));
    server.stop();
}

#[tokio::test]
async fn bytes_that_are_no_websocket_close_with_1002() {
    let server = start(&Config::on_free_port());
    let mut client = Client::join(&server, "name=a").await;
    client.update().await;
    // A frame without a mask, which a client must not send (RFC 6455, 5.1).
    client.socket.get_mut().write_all(&[0x82, 0x01, 0x00]).await.unwrap();
    assert_eq!(client.closed().await.0, 1002);
    server.stop();
}

#[tokio::test]
async fn inputs_from_the_past_and_the_future_are_counted_and_harm_nobody() {
    let server = start_rooms(RoomsConfig { tick_hz: Some(60), ..RoomsConfig::default() });
    let mut client = Client::join(&server, "name=a").await;
    // An input 128 ticks back, which is too late at this rate, needs as many ticks before it.
    while client.update().await.tick < 200 {}
    for number in 1..=20u8 {
        let acked = client.update().await.tick.to_le_bytes();
        for (step, lead) in [(0, 127i8), (1, -128)] {
            client.send(vec![1, number * 2 + step, 0, acked[0], acked[1], lead as u8, 0, 0]).await;
        }
    }
    // The pong shows that everything before the ping was read; the second snapshot after it, that the tick's counts are
    // published.
    client.send(write_control(&ClientMessage::Ping { nonce: 1 })).await;
    client.control().await;
    for _ in 0..2 {
        assert_eq!(client.update().await.ticks, 1);
    }
    assert_eq!(server.listing().rooms[0].inputs_dropped, 40);
    server.stop();
}

/// A client's frame with a mask of zeros.
fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[opcode, 0x80 | length, 0, 0, 0, 0][..], payload].concat()
}

#[tokio::test]
async fn a_message_of_endless_fragments_delays_no_tick() {
    let server = start_rooms(RoomsConfig { shards: Some(1), ..RoomsConfig::default() });
    let mut bystander = Client::join(&server, "name=bystander&room=new").await;
    let mut villain = Client::join(&server, "name=villain&room=new").await;
    villain.update().await;
    bystander.update().await;
    let flood = tokio::spawn(async move {
        let stream = villain.socket.get_mut();
        let empty_fragments = masked(0x00, &[]).repeat(4096);
        let mut sent = stream.write_all(&masked(0x02, &[])).await;
        while sent.is_ok() {
            sent = stream.write_all(&empty_fragments).await;
        }
    });
    for _ in 0..60 {
        assert_eq!(bystander.update().await.ticks, 1);
    }
    // Messages beyond the limit are first held back; in the end the connection is closed.
    while !flood.is_finished() {
        assert_eq!(bystander.update().await.ticks, 1);
    }
    assert_eq!(server.listing().closes.get("message_flood"), Some(&1));
    server.stop();
}

#[tokio::test]
async fn dropping_a_server_stops_it() {
    let server = start(&Config::on_free_port());
    let mut client = Client::join(&server, "name=a").await;
    drop(server);
    assert_eq!(client.closed().await.0, 1001);
}

#[tokio::test]
async fn a_slow_reader_is_coalesced_and_disturbs_nobody() {
    let server = start_rooms(RoomsConfig { tick_hz: Some(60), ..RoomsConfig::default() });
    let mut quick = Client::join(&server, "name=quick").await;
    let mut slow = Client::join_with_small_buffer(&server, "name=slow").await;
    slow.update().await;
    quick.update().await;
    // The slow client reads nothing for three seconds of the other one's ticks.
    for _ in 0..180 {
        assert_eq!(quick.update().await.ticks, 1, "the quick one misses nothing");
        quick.steer(&Controls::default()).await;
    }
    let coalesced = server.listing().rooms[0].snapshots_coalesced;
    assert!(coalesced >= 100, "no more than a second of snapshots is under way: {coalesced} coalesced");
    // It reads and acknowledges the snapshots that were under way; one snapshot later its mirror is current.
    let newest = quick.mirror.tick();
    let mut updates = 0;
    while slow.mirror.tick() < newest {
        let applied = slow.update().await;
        slow.steer(&Controls::default()).await;
        updates += 1;
        assert!(applied.ticks <= 1 || applied.hashes_checked > 0, "a catch-up carries its hash");
    }
    assert!(updates <= 75, "{updates} snapshots for 180 ticks");
    server.stop();
}

#[tokio::test]
async fn a_stopping_server_closes_its_connections() {
    let server = start(&Config::on_free_port());
    let mut clients = Vec::new();
    for name in ["a", "b", "c"] {
        clients.push(Client::join(&server, &format!("name={name}&room=new")).await);
    }
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    for client in &mut clients {
        assert_eq!(client.closed().await, (1001, "the server is shutting down".into()));
    }
    drop(clients);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_seat_is_free_again_after_its_player_has_left() {
    let server = start_rooms(RoomsConfig { max_players: Some(1), ..RoomsConfig::default() });
    let mut first = Client::join(&server, "name=a").await;
    let room = first.welcome.room.clone();
    first.socket.close(Some(goodbye())).await.unwrap();
    while server.listing().rooms[0].players > 0 {
        tokio::task::yield_now().await;
    }
    let mut second = Client::join(&server, &format!("name=b&room={room}")).await;
    assert!(second.update().await.keyframe);
    assert_eq!(second.mirror.rows::<Pilot>(tables::PILOTS).count(), 1);
    server.stop();
}

#[tokio::test]
async fn the_seat_of_a_closed_client_is_free_at_once() {
    let server = start_rooms(RoomsConfig { max_players: Some(1), ..RoomsConfig::default() });
    let mut villain = Client::join(&server, "name=villain").await;
    let room = villain.welcome.room.clone();
    villain.socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(villain.closed().await.0, 1003);
    // The close frame of the bad client is still to come.
    let mut next = Client::join(&server, &format!("name=next&room={room}")).await;
    assert!(next.update().await.keyframe);
    server.stop();
}
