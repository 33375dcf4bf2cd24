//! Trains the default priors: `cargo run --release -p drumline-benches --bin defaults -- [FILE]`. The table is printed
//! as it stands in `shared/src/layout/defaults.rs`.
//!
//! Drift and the arena are played with few players and with many; FILE is a trace of cubes (see
//! [`drumline_benches::cubes`]), without which rotations are left at even odds. Every decision of
//! worlds cut in small blocks is counted, since default priors matter most there. The games are balanced by letting no
//! context count for more than [`MAX_DECISIONS`].

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Parser;
use drumline_benches::cubes::{Cubes, read_trace};
use drumline_shared::World;
use drumline_shared::codec::learner::level_of;
use drumline_shared::frame::Frame;
use drumline_shared::layout::Layout;
use drumline_shared::layout::defaults::{KINDS, kinds};
use drumline_shared::layout::{Prior, UNKNOWN_PRIOR};
use drumline_shared::world::ClampedValues;
use drumline_worlds::Match;
use drumline_worlds::blocks::{Blocks, layout_of};
use drumline_worlds::pilots::{ArenaPilot, DriftPilot, Pilot};

/// Ticks of a game.
const TICKS: u32 = 2000;
/// Frames of a trace that count.
const TRACE_FRAMES: usize = 1400;
/// Slots of each table in a block.
const BLOCK_SLOTS: [u32; 2] = [8, 2];
/// Ticks between two blocks that are written without history as well, and between two keyframes.
const TICKS_PER_CATCH_UP: usize = 20;
const TICKS_PER_KEYFRAME: usize = 40;
/// A context of a game counts for no more decisions than this.
const MAX_DECISIONS: f64 = 10_000.0;
/// A kind with fewer decisions keeps the unknown prior; the others count `ASSUMED` more noes and yeses each.
const MIN_DECISIONS: f64 = 100.0;
const ASSUMED: f64 = 100.0;
/// No default is surer than this: other games are not these.
const SUREST: RangeInclusive<Prior> = 13..=51;

/// The table's parts: what their lines are, how many lines, and how many priors each.
const PARTS: [(&str, usize, usize); 17] = [
    ("population", 1, 1),
    ("departures, gaps between them, arrivals, gaps between them, generations: exponents", 5, 12),
    ("rows, by history and the two rows before", 2, 20),
    ("numbers: the field differs, by class and level", 2, 16),
    ("a new entity's column; columns differ (never asked)", 1, 2),
    ("a column is as expected, and the exponent, by class", 8, 13),
    ("the sign, by the sign before", 1, 3),
    ("the second bit; the third after a 0, after a 1", 3, 12),
    ("choices: the field differs", 2, 16),
    ("a new entity's column; a column differs", 1, 2),
    ("the choice", 1, 15),
    ("rotations: the field differs", 2, 16),
    ("a new entity's column; another component is the largest", 1, 2),
    ("which (three nodes are used)", 1, 15),
    ("a part is as expected, and the exponent, by class", 8, 13),
    ("the sign, by the sign before", 1, 3),
    ("the second bit; the third after a 0, after a 1", 3, 12),
];

/// Trains the default priors.
#[derive(Parser)]
struct Options {
    /// A trace of cubes, `.bin` or `.bin.xz`.
    file: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let mut trainer = Trainer { decisions: vec![[0.0; 2]; KINDS] };
    for players in [4, 16] {
        trainer.play((0..players).map(DriftPilot::steady).collect());
    }
    trainer.play((0..16).map(DriftPilot::restless).collect());
    for players in [2, 6, 16] {
        trainer.play((0..players).map(ArenaPilot::new).collect());
    }
    if let Some(file) = options.file {
        trainer.watch(&file)?;
    }
    trainer.print();
    Ok(())
}

/// The decisions of each kind, balanced between the games.
struct Trainer {
    decisions: Vec<[f64; 2]>,
}

impl Trainer {
    /// Learns from a match.
    fn play<P: Pilot>(&mut self, pilots: Vec<P>) {
        let mut playing = Match::with_pilots(pilots);
        let frames = (0..TICKS).map(|_| {
            playing.tick();
            playing.frame().clone()
        });
        let frames: Vec<Frame> = frames.collect();
        self.learn(&layout_of::<P::Game>(), &frames);
    }

    /// Learns from a trace of cubes.
    fn watch(&mut self, file: &Path) -> io::Result<()> {
        let layout = Cubes::layout();
        let mut frames = Vec::new();
        for integers in read_trace(file)?.iter().take(TRACE_FRAMES) {
            let mut frame = Frame::empty(&layout);
            Cubes::of_integers(integers)?.capture(&mut frame, &mut ClampedValues::default());
            frames.push(frame);
        }
        self.learn(&layout, &frames);
        Ok(())
    }

    fn learn(&mut self, layout: &Layout, frames: &[Frame]) {
        let mut counts = vec![[0.0; 2]; layout.contexts];
        for slots in BLOCK_SLOTS {
            let mut blocks = Blocks::new(layout, slots);
            for (index, frame) in frames.iter().enumerate() {
                blocks.push(frame);
                blocks.write(index.min(3));
                if index.is_multiple_of(TICKS_PER_CATCH_UP) {
                    blocks.write(index.min(1));
                }
                if index.is_multiple_of(TICKS_PER_KEYFRAME) {
                    blocks.write(0);
                }
            }
            for (count, &tally) in counts.iter_mut().zip(blocks.tallies()) {
                *count = plus(*count, tally.map(f64::from));
            }
        }
        for (count, kind) in counts.into_iter().zip(kinds(&layout.parts)) {
            let share = MAX_DECISIONS / (count[0] + count[1]).max(MAX_DECISIONS);
            self.decisions[kind] = plus(self.decisions[kind], count.map(|count| count * share));
        }
    }

    fn print(&self) {
        let mut priors = self.decisions.iter().copied().map(prior);
        for (what, lines, length) in PARTS {
            println!("    // {what}");
            for _ in 0..lines {
                let line: Vec<_> = priors.by_ref().take(length).map(|prior| prior.to_string()).collect();
                println!("    {},", line.join(", "));
            }
        }
        assert_eq!(priors.next(), None, "the parts are the table");
    }
}

/// Returns the prior of a kind with these numbers of noes and yeses.
fn prior([no, yes]: [f64; 2]) -> Prior {
    if no + yes < MIN_DECISIONS {
        return UNKNOWN_PRIOR;
    }
    level_of((yes + ASSUMED) / (no + yes + 2.0 * ASSUMED)).clamp(*SUREST.start(), *SUREST.end())
}

fn plus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}
