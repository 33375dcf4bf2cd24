//! A player's stream of the workload, for benches of clients in other languages:
//! `cargo run --release -p drumline-benches --bin stream -- FILE [--ticks 600] [--restless]`.
//!
//! The file holds the messages as they would be sent to one of 16 players, each after its length in four bytes, little-endian:
//! the welcome, a keyframe, and deltas, one a tick.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use drumline_worlds::Match;
use drumline_worlds::pilots::DriftPilot;

/// Players of the room.
const PLAYERS: u64 = 16;

/// Writes a player's stream of the drift game.
#[derive(Parser)]
struct Options {
    /// Where to.
    file: PathBuf,
    /// Snapshots.
    #[arg(long, default_value_t = 600)]
    ticks: u32,
    /// All inputs anew on every tick: nothing can be predicted.
    #[arg(long)]
    restless: bool,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let pilot = if options.restless { DriftPilot::restless } else { DriftPilot::steady };
    let mut playing = Match::with_pilots((0..PLAYERS).map(pilot).collect());
    let mut file = BufWriter::new(File::create(&options.file)?);
    let listener = playing.seats[0];
    // The match is under way; the stream starts with a keyframe nevertheless.
    playing.room.handle_resync(listener);
    write_message(&mut file, &playing.room.welcome(listener, drumline_room::SessionTerms::default()))?;
    for _ in 0..options.ticks {
        let mut message = Vec::new();
        playing.tick_with(|player, snapshot| {
            if player == listener {
                message = snapshot.to_vec();
            }
        });
        write_message(&mut file, &message)?;
    }
    file.flush()
}

fn write_message(file: &mut impl Write, message: &[u8]) -> io::Result<()> {
    file.write_all(&(message.len() as u32).to_le_bytes())?;
    file.write_all(message)
}
