//! A spectator of the frontier sees all of its tables, including rows and fields that are hidden from players.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

// The tests' shared modules know the room's crate by its package's name.
extern crate drumline as drumline_room;

#[path = "../../../server/room/tests/room/onlookers.rs"]
mod onlookers;

use drumline_frontier::Frontier;
use drumline_frontier::world::tables;
use onlookers::{Play, run};

#[test]
fn the_mirror_of_a_spectator_equals_the_frontier() {
    let play = Play { seed: 5, ticks: 200, players: 24, spectators: 2 };
    let watched = run::<Frontier>(play);
    assert!(
        watched.delivered > 100 && watched.complete > 50,
        "{} of {}",
        watched.complete,
        watched.delivered
    );
    // Nobody banks anything so soon, so nobody leads.
    let seen = |table: usize| watched.rows[&table] > 0 || table == tables::LEADERS;
    assert!((0..watched.rows.len()).all(seen), "every table has been seen: {:?}", watched.rows);
    assert!(watched.players == run::<Frontier>(Play { spectators: 0, ..play }).players);
}
