//! Does pieces of work of the hot path, for callgrind to count their instructions (`cargo xtask gate`).
//!
//! `counted` lists the pieces, each with its repetitions; `counted NAME` does one. Callgrind collects only inside
//! [`measured`], so preparations do not count. Everything comes from fixed seeds on one thread: the counts are the same
//! in every run, which times are not.

mod fixed_keys;
mod receiver;

use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use drumline_arena::Arena;
use drumline_room::GameSpec;
use drumline_shared::layout::Layout;
use drumline_shared::mirror::{Decoder, Mirror};
use drumline_worlds::Match;
use drumline_worlds::codec::Codec;
use drumline_worlds::pilots::{ArenaPilot, FrontierPilot, Pilot};

use crate::receiver::ReceiverPilot;

/// A piece of work.
struct Work {
    name: &'static str,
    /// How often it is done: the counts of single ticks differ, since some have events and some do not.
    repetitions: u32,
    run: fn(repetitions: u32),
}

const WORKS: [Work; 6] = [
    Work { name: "room_tick_16", repetitions: 60, run: room_tick },
    Work { name: "encode_100", repetitions: 20, run: encode },
    Work { name: "decode_16", repetitions: 60, run: decode },
    Work { name: "inputs_16", repetitions: 60, run: inputs },
    Work { name: "joins_16", repetitions: 1, run: joins },
    Work { name: "frontier_tick_200", repetitions: 10, run: frontier_tick },
];

fn main() -> ExitCode {
    let Some(name) = env::args().nth(1) else {
        for Work { name, repetitions, .. } in WORKS {
            println!("{name} {repetitions}");
        }
        return ExitCode::SUCCESS;
    };
    let Some(work) = WORKS.iter().find(|work| work.name == name) else {
        eprintln!("there is no work of this name: {name}");
        return ExitCode::FAILURE;
    };
    (work.run)(work.repetitions);
    ExitCode::SUCCESS
}

/// The only function whose instructions count, with those of all that it calls. Callgrind finds it by its name.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
}

/// A tick of an arena of 16 players and all their snapshots, without their inputs' way into the room.
fn room_tick(repetitions: u32) {
    let mut arena = Match::new(16);
    tick(&mut arena, repetitions);
}

/// A tick of a frontier of 200 players and all their snapshots: areas, hidden fields, and budgets.
fn frontier_tick(repetitions: u32) {
    // Long enough to learn priors and to fill each client's view; under callgrind each tick takes a tenth of a second.
    let mut frontier = Match::after((0..200).map(FrontierPilot::new).collect(), 80);
    tick(&mut frontier, repetitions);
}

fn tick<P: Pilot>(playing: &mut Match<P>, repetitions: u32) {
    for _ in 0..repetitions {
        playing.steer();
        measured(&mut || {
            playing.advance(|_, snapshot| {
                black_box(snapshot);
            });
        });
    }
}

/// A delta of a world of 100 entities that all move.
fn encode(repetitions: u32) {
    let mut codec = Codec::<100>::new();
    for _ in 0..repetitions {
        measured(&mut || {
            black_box(codec.encode(0));
        });
    }
}

/// A snapshot of an arena of 16 players, from bytes to a mirror whose hash is checked.
fn decode(repetitions: u32) {
    let mut arena = Match::new(16);
    let player = arena.seats[0];
    arena.room.handle_resync(player);
    let layout =
        Arc::new(Layout::new(&GameSpec::of::<Arena>().schema).expect("the arena is within the limits"));
    let (mut decoder, mut mirror) = (Decoder::new(&layout), Mirror::new(Arc::clone(&layout), 30));
    let mut snapshot = Vec::new();
    // The first snapshot is a keyframe, and does not count.
    for index in 0..=repetitions {
        arena.tick_with(|to, bytes| {
            if to == player {
                snapshot.clear();
                snapshot.extend_from_slice(bytes);
            }
        });
        let mut apply = || {
            black_box(mirror.apply_with(&mut decoder, &snapshot)).expect("a snapshot of the room");
        };
        if index == 0 { apply() } else { measured(&mut apply) }
    }
}

/// The inputs of 16 players, from bytes through their buffers to a game that only reads them.
fn inputs(repetitions: u32) {
    let mut receiver = Match::with_pilots((0..16).map(ReceiverPilot::new).collect());
    for _ in 0..repetitions {
        receiver.write_inputs();
        measured(&mut || {
            receiver.send_inputs();
            receiver.room.tick();
        });
        receiver.take_snapshots(|_, _| {});
    }
}

/// Sixteen players join an empty arena, up to their first snapshots.
fn joins(repetitions: u32) {
    for _ in 0..repetitions {
        let mut arena = Match::empty((0..16).map(ArenaPilot::new).collect());
        measured(&mut || {
            arena.join_all();
            arena.advance(|_, snapshot| {
                black_box(snapshot);
            });
        });
    }
}
