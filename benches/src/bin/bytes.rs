//! The mean size of an update of the workload, straight from a room in memory: the same on every machine.

use drumline_benches::Match;
use drumline_benches::pilot::DriftPilot;
use drumline_benches::wire_bytes;

/// Players of the room.
const PLAYERS: u64 = 16;
/// Ticks that are counted: 100 seconds.
const TICKS: u32 = 2000;

fn main() {
    println!("drift, {PLAYERS} players and 20 bodies, mean bytes an update with the WebSocket header");
    println!("  steady pilots                 {:.2}", mean_bytes(DriftPilot::steady));
    println!("  all inputs anew every tick    {:.2}", mean_bytes(DriftPilot::restless));
}

fn mean_bytes(pilot: fn(u64) -> DriftPilot) -> f64 {
    let mut playing = Match::with_pilots((0..PLAYERS).map(pilot).collect());
    let (mut updates, mut bytes) = (0_u64, 0);
    for _ in 0..TICKS {
        playing.tick_into(|snapshot| {
            updates += 1;
            bytes += wire_bytes(snapshot) as u64;
        });
    }
    bytes as f64 / updates as f64
}
