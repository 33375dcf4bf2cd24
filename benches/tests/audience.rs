//! What a tick encodes does not depend on how many take it.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use drumline_benches::Crowd;
use drumline_benches::drift::TICK_RATE_HZ;
use drumline_room::{GameSpec, PlayerId, Room, RoomConfig};
use drumline_shared::snapshot::PREFIX_BYTES;

/// What a room made of so many ticks.
#[derive(Debug, PartialEq)]
struct Made {
    bodies_encoded: u64,
    /// Each tick's body.
    bodies: Vec<Vec<u8>>,
    /// Bytes of all snapshots.
    bytes: usize,
}

/// Three seconds of a room of 100 entities: its learning, its hashes and its joiners' keyframes are among them.
fn play(clients: u16) -> Made {
    let config = RoomConfig { id: "r".into(), max_players: clients, tick_rate_hz: TICK_RATE_HZ, seed: 1 };
    let mut room = Room::new(Arc::new(GameSpec::of::<Crowd<100>>()), config);
    let players: Vec<PlayerId> =
        (0..clients).map(|number| room.join(&format!("p{number}")).unwrap()).collect();
    let mut made = Made { bodies_encoded: 0, bodies: Vec::new(), bytes: 0 };
    for _ in 0..3 * TICK_RATE_HZ {
        room.tick();
        let tick = room.current_tick();
        let first = room.poll_frame(players[0]).unwrap();
        let body = first.body.to_vec();
        made.bytes += PREFIX_BYTES + body.len();
        for &player in &players[1..] {
            let snapshot = room.poll_frame(player).unwrap();
            assert_eq!(snapshot.body, body);
            made.bytes += PREFIX_BYTES + body.len();
        }
        made.bodies.push(body);
        for &player in &players {
            room.handle_ack(player, tick);
        }
    }
    made.bodies_encoded = room.stats().bodies_encoded;
    made
}

#[test]
fn a_thousand_clients_cost_the_encoding_of_one() {
    let (one, thousand) = (play(1), play(1000));
    let ticks = 3 * u64::from(TICK_RATE_HZ);
    assert_eq!(one.bodies_encoded, ticks);
    assert_eq!(thousand.bodies_encoded, ticks, "one body a tick");
    assert_eq!(thousand.bodies, one.bodies, "the same bytes");
    assert_eq!(thousand.bytes, one.bytes * 1000);
}
