//! The data path of one room: what a tick costs with so many players, and what a client pays to decode it.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use drumline_arena::Arena;
use drumline_benches::Match;
use drumline_room::GameSpec;
use drumline_shared::Mirror;
use drumline_shared::hash::frame_hash;

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inputs, tick and snapshots");
    for players in [1, 16, 256] {
        let mut arena = Match::new(players);
        group
            .bench_function(format!("{players} players"), |bencher| bencher.iter(|| black_box(arena.tick())));
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let layout = GameSpec::of::<Arena>().schema.layout().expect("the arena is within the limits");
    let mut arena = Match::new(16);
    let watcher = arena.seats.pop().expect("sixteen players");
    arena.room.handle_resync(watcher);
    let mut messages = Vec::new();
    for _ in 0..2 {
        arena.tick();
        let snapshot = arena.room.poll_frame(watcher).expect("a frame a tick");
        messages.push([&snapshot.prefix[..], snapshot.body].concat());
        arena.room.handle_ack(watcher, arena.room.current_tick());
    }
    let mut fresh = Mirror::new(layout.clone());
    criterion.bench_function("decode a keyframe of 16 players", |bencher| {
        bencher.iter(|| black_box(fresh.apply(&messages[0])));
    });
    criterion.bench_function("decode a delta of 16 players", |bencher| {
        let keyed = || {
            let mut mirror = Mirror::new(layout.clone());
            mirror.apply(&messages[0]).expect("a keyframe");
            mirror
        };
        bencher.iter_batched_ref(
            keyed,
            |mirror| black_box(mirror.apply(&messages[1])),
            BatchSize::SmallInput,
        );
    });
    let frame = arena.room.frame(arena.room.current_tick()).expect("the newest frame is in the ring");
    criterion.bench_function("hash a frame of 16 players", |bencher| {
        bencher.iter(|| black_box(frame_hash(frame)));
    });
}

criterion_group!(benches, tick, decode);
criterion_main!(benches);
