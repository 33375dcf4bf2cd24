//! The data path of one room, step by step: what a tick costs, what each client adds, and what a client pays to
//! decode.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use drumline_arena::Arena;
use drumline_benches::{arena_room, fan_out};
use drumline_room::GameSpec;
use drumline_shared::Mirror;
use drumline_shared::hash::frame_hash;

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick and fan out");
    for players in [1, 16, 256] {
        let (mut room, seats) = arena_room(players);
        group.bench_function(format!("{players} players"), |bencher| {
            bencher.iter(|| {
                room.tick();
                black_box(fan_out(&mut room, &seats))
            });
        });
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let layout = GameSpec::of::<Arena>().schema.layout().expect("the arena is within the limits");
    let (mut room, seats) = arena_room(16);
    room.handle_resync(seats[0]);
    let mut messages = Vec::new();
    for _ in 0..2 {
        room.tick();
        let snapshot = room.poll_frame(seats[0]).expect("a frame a tick");
        messages.push([&snapshot.prefix[..], &snapshot.body].concat());
        room.handle_ack(seats[0], room.current_tick());
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
    let frame = room.frame(room.current_tick()).expect("the newest frame is in the ring");
    criterion.bench_function("hash a frame of 16 players", |bencher| {
        bencher.iter(|| black_box(frame_hash(frame)));
    });
}

criterion_group!(benches, tick, decode);
criterion_main!(benches);
