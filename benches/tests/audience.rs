//! A tick's encoding does not depend on the number of clients.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_worlds::Crowd;
use drumline_worlds::drift::TICK_RATE_HZ;

/// A room's output of several ticks.
#[derive(Debug, PartialEq)]
struct Made {
    blocks_encoded: u64,
    /// Each tick's snapshot: no client sends inputs, so that none has a part of its own.
    snapshots: Vec<Vec<u8>>,
    /// Bytes of all snapshots.
    bytes: usize,
}

/// Three seconds of a room of 100 entities: its learning, its hashes and its joiners' keyframes are among them.
fn play(clients: u16) -> Made {
    let config = RoomConfig {
        max_players: clients,
        tick_rate_hz: TICK_RATE_HZ,
        setup: Setup::new(1),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = Room::new(Arc::new(GameSpec::of::<Crowd<100>>()), config);
    let players: Vec<PlayerId> =
        (0..clients).map(|number| room.join(&format!("p{number}")).unwrap()).collect();
    let mut made = Made { blocks_encoded: 0, snapshots: Vec::new(), bytes: 0 };
    for _ in 0..3 * TICK_RATE_HZ {
        room.tick();
        let tick = room.current_tick();
        let first = room.poll_snapshot(players[0]).unwrap().to_vec();
        made.bytes += first.len();
        for &player in &players[1..] {
            let snapshot = room.poll_snapshot(player).unwrap();
            assert_eq!(snapshot, first);
            made.bytes += snapshot.len();
        }
        made.snapshots.push(first);
        for &player in &players {
            room.handle_ack(player, tick);
        }
    }
    made.blocks_encoded = room.stats().blocks_encoded;
    made
}

#[test]
fn a_thousand_clients_cost_the_encoding_of_one() {
    let (one, thousand) = (play(1), play(1000));
    let ticks = 3 * u64::from(TICK_RATE_HZ);
    assert_eq!(one.blocks_encoded, ticks);
    assert_eq!(thousand.blocks_encoded, ticks, "one block a tick");
    assert_eq!(thousand.snapshots, one.snapshots, "the same bytes");
    assert_eq!(thousand.bytes, one.bytes * 1000);
}
