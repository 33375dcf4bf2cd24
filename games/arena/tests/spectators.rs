//! A spectator of the arena sees all of its tables.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

// The tests' shared modules know the room's crate by its package's name.
extern crate drumline as drumline_room;

#[path = "../../../server/room/tests/room/onlookers.rs"]
mod onlookers;

use drumline_arena::Arena;
use onlookers::{Play, run};

#[test]
fn the_mirror_of_a_spectator_equals_the_arena() {
    let play = Play { seed: 5, ticks: 600, players: 8, spectators: 2 };
    let watched = run::<Arena>(play);
    assert!(watched.delivered > 500 && watched.complete == watched.delivered);
    assert!(watched.rows.values().all(|&rows| rows > 0), "every table has been seen: {:?}", watched.rows);
    assert!(watched.players == run::<Arena>(Play { spectators: 0, ..play }).players);
}
