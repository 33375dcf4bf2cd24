//! Records a flight, tick by tick, in `flight.json`. The frontier's page must predict the same flight.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

// The tests' shared modules know the room's crate by its package's name.
extern crate drumline as drumline_room;

#[path = "../../kit/testing/flights.rs"]
mod flights;

use std::path::Path;

use drumline_frontier::Frontier;
use drumline_frontier::world::{Controls, Ship, Shot};
use flights::Flown;

#[test]
fn the_recorded_flight_follows_the_rules() {
    let flown = Flown::<Frontier> {
        input: |p| Controls { thrust: p.thrust, aim: p.aim, fire: p.fire, ..Controls::default() },
        ship: |game| {
            let ship = game.all_rows::<Ship>("ships").remove(0).1;
            (ship.position, ship.heading)
        },
        shots: |game| game.all_rows::<Shot>("shots").iter().map(|(_, shot)| shot.position).collect(),
    };
    flights::check(SEED, 240, &flown, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flight.json"));
}

/// A seed with which the ship collides with nothing.
const SEED: u64 = 32;
