//! Records flights by a game's rules. The pages' prediction is compared with them by `client/test/pages/flight.test.js`.

use std::path::Path;

use drumline_room::testing::TestRoom;
use drumline_room::{Game, Setup};
use drumline_shared::Replicate;
use drumline_shared::schema::width;
use glam::Vec2;
use serde_json::{Value, json};

/// A pilot's input on one tick, independent of the game.
pub struct PilotInput {
    pub thrust: Vec2,
    pub aim: f32,
    pub fire: bool,
}

/// The pilot's input on a tick. It changes every 9 ticks.
fn pilot_input(tick: u32) -> PilotInput {
    // Arbitrary but repeatable: the bits of a product.
    let bits = (tick / 9 + 1).wrapping_mul(0x9e37_79b9);
    let thrust = |shift: u32| ((bits >> shift) % 3) as f32 - 1.0;
    PilotInput {
        thrust: Vec2::new(thrust(8), thrust(16)),
        aim: (bits >> 20) as f32 / 652.0,
        fire: bits & 0x80 != 0,
    }
}

/// Adapts a game to recorded flights: makes its input and reads its ship and shots.
pub struct Flown<G: Game> {
    pub input: fn(&PilotInput) -> G::Input,
    /// The position and heading of player 0's ship.
    pub ship: fn(&TestRoom<G>) -> (Vec2, f32),
    /// The positions of its shots.
    pub shots: fn(&TestRoom<G>) -> Vec<Vec2>,
}

/// Flies for `ticks` ticks and compares the flight with the one recorded at `path`. Writes it instead if `UPDATE_VECTORS` is set.
pub fn check<G: Game>(seed: u64, ticks: u32, flown: &Flown<G>, path: &Path) {
    let mut game = TestRoom::<G>::with(Setup::new(seed));
    let player = game.join("viewer");
    let mut row = vec![0; width(G::Input::FIELDS)];
    game.tick();
    let point = |at: Vec2| json!({ "x": at.x, "y": at.y });
    let (position, heading) = (flown.ship)(&game);
    let start = json!({ "position": point(position), "heading": heading });
    let steps: Vec<Value> = (0..ticks)
        .map(|tick| {
            let pilot = pilot_input(tick);
            (flown.input)(&pilot).quantize(&mut row);
            let before = (flown.shots)(&game).len();
            game.input(player, &G::Input::dequantize(&row));
            game.tick();
            let (position, heading) = (flown.ship)(&game);
            let shots = (flown.shots)(&game);
            json!({
                "thrust": point(pilot.thrust), "aim": pilot.aim, "fire": pilot.fire,
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
    assert!(kept == text, "{} differs from the rules; UPDATE_VECTORS=1 writes it anew", path.display());
}
