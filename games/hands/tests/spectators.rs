//! A spectator of the card game sees all of its tables, hands included.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

// The tests' shared modules know the room's crate by its package's name.
extern crate drumline as drumline_room;

#[path = "../../../server/room/tests/room/onlookers.rs"]
mod onlookers;

use drumline_hands::Hands;
use onlookers::{Play, run};

#[test]
fn the_mirror_of_a_spectator_equals_the_table() {
    let play = Play { seed: 5, ticks: 600, players: 4, spectators: 2 };
    let watched = run::<Hands>(play);
    assert!(watched.delivered > 300 && watched.complete == watched.delivered);
    assert!(watched.rows.values().all(|&rows| rows > 0), "every table has been seen: {:?}", watched.rows);
    assert!(watched.players == run::<Hands>(Play { spectators: 0, ..play }).players);
}
