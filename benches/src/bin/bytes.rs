//! The mean size of an update of the workload, straight from a room in memory: the same on every machine.
//!
//! Then what a tick's changes take when a room learns nothing and has but the default priors, in one piece and cut in
//! blocks that know nothing of each other, as areas are whose content not everyone may see.

use drumline_benches::wire_size::wire_bytes;
use drumline_worlds::Match;
use drumline_worlds::blocks::{Blocks, layout_of};
use drumline_worlds::pilots::{ArenaPilot, DriftPilot, Pilot};

/// Players of the room.
const PLAYERS: u64 = 16;
/// Ticks that are counted: 100 seconds.
const TICKS: u32 = 2000;
/// Slots of a block; the first is the whole world.
const SLOTS: [u32; 3] = [u32::MAX, 8, 2];

fn main() {
    println!("drift, {PLAYERS} players and 20 bodies, mean bytes an update with the WebSocket header");
    println!("  steady pilots                 {:.2}", mean_bytes(DriftPilot::steady));
    println!("  all inputs anew every tick    {:.2}", mean_bytes(DriftPilot::restless));
    println!("arena, {PLAYERS} players");
    println!("  pilots                        {:.2}", mean_bytes(ArenaPilot::new));
    println!(
        "mean bytes of a tick's changes with default priors alone: whole, in blocks of 8 slots, of 2 slots"
    );
    for players in [4, PLAYERS] {
        print_blocks(&format!("drift, {players} players"), players, DriftPilot::steady);
        print_blocks(&format!("arena, {players} players"), players, ArenaPilot::new);
    }
}

fn mean_bytes<P: Pilot>(pilot: fn(u64) -> P) -> f64 {
    let mut playing = Match::with_pilots((0..PLAYERS).map(pilot).collect());
    let (mut updates, mut bytes) = (0_u64, 0);
    for _ in 0..TICKS {
        playing.tick_with(|_, snapshot| {
            updates += 1;
            bytes += wire_bytes(snapshot.len()) as u64;
        });
    }
    bytes as f64 / updates as f64
}

fn print_blocks<P: Pilot>(name: &str, players: u64, pilot: fn(u64) -> P) {
    let layout = layout_of::<P::Game>();
    let mut playing = Match::with_pilots((0..players).map(pilot).collect());
    let mut cuts = SLOTS.map(|slots| (Blocks::new(&layout, slots), 0));
    for tick in 0..TICKS {
        playing.tick();
        for (blocks, bytes) in &mut cuts {
            blocks.push(playing.frame());
            if tick >= 3 {
                *bytes += blocks.write(3);
            }
        }
    }
    let [whole, eight, two] = cuts.map(|(_, bytes)| bytes as f64 / f64::from(TICKS - 3));
    println!("  {name:<30}{whole:.2}   {eight:.2}   {two:.2}");
}
