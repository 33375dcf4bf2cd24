//! Flights as a game's rules have them, for the pages that predict them (`client/test/flight.test.js` reads them).

use serde::de::DeserializeOwned;
use std::path::Path;

use drumline_room::Game;
use drumline_shared::Replicate;
use drumline_shared::schema::width;
use glam::Vec2;
use serde_json::{Value, json};

use crate::watched::Watched;

/// What a pilot wants on a tick.
pub struct Whim {
    pub thrust: Vec2,
    pub aim: f32,
    pub fire: bool,
}

/// A pilot's moods, which change now and then.
fn whim(tick: u32) -> Whim {
    // Whatever, as long as it is always the same: the bits of a multiplied number.
    let bits = (tick / 9 + 1).wrapping_mul(0x9e37_79b9);
    let thrust = |shift: u32| ((bits >> shift) % 3) as f32 - 1.0;
    Whim {
        thrust: Vec2::new(thrust(8), thrust(16)),
        aim: (bits >> 20) as f32 / 652.0,
        fire: bits & 0x80 != 0,
    }
}

/// How a game is flown: its input for a whim, and what can be seen of a flight.
pub struct Flown<G: Game<Event: DeserializeOwned, Reply: DeserializeOwned>> {
    pub input: fn(&Whim) -> G::Input,
    /// Where the ship of seat 0 is, and where its nose points.
    pub ship: fn(&Watched<G>) -> (Vec2, f32),
    /// Where its shots are.
    pub shots: fn(&Watched<G>) -> Vec<Vec2>,
}

/// Flies for some ticks, and compares the flight with the one that is kept; keeps it if `UPDATE_VECTORS` is set.
pub fn check<G: Game<Event: DeserializeOwned, Reply: DeserializeOwned>>(
    seed: u64,
    ticks: u32,
    flown: &Flown<G>,
    path: &Path,
) {
    let mut game = Watched::<G>::new(seed, &[""; 0]);
    let mut row = vec![0; width(G::Input::FIELDS)];
    game.tick(&[]);
    let point = |at: Vec2| json!({ "x": at.x, "y": at.y });
    let (position, heading) = (flown.ship)(&game);
    let start = json!({ "position": point(position), "heading": heading });
    let steps: Vec<Value> = (0..ticks)
        .map(|tick| {
            let whim = whim(tick);
            (flown.input)(&whim).quantize(&mut row);
            let before = (flown.shots)(&game).len();
            game.tick(&[(0, G::Input::dequantize(&row))]);
            let (position, heading) = (flown.ship)(&game);
            let shots = (flown.shots)(&game);
            json!({
                "thrust": point(whim.thrust), "aim": whim.aim, "fire": whim.fire,
                "position": point(position), "heading": heading,
                "fired": shots.len() > before,
                "shots": shots.into_iter().map(point).collect::<Vec<_>>(),
            })
        })
        .collect();
    let flight = json!({ "tick_rate_hz": G::TICK_RATE_HZ, "start": start, "ticks": steps });
    let text = serde_json::to_string(&flight).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "{} is not what the rules give; UPDATE_VECTORS=1 writes it anew", path.display());
}
