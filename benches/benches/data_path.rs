//! The data path, step by step and in a whole tick.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drumline_arena::Arena;
use drumline_room::{Game, GameSpec};
use drumline_shared::frame::AreaFrame;
use drumline_shared::frame::area_hash;
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::mirror::{Decoder, Mirror};
use drumline_shared::schema::width;
use drumline_shared::world::ClampedValues;
use drumline_shared::{Replicate, World};
use drumline_worlds::Match;
use drumline_worlds::codec::Codec;
use drumline_worlds::drift::{Body, Ship};
use glam::Vec2;

/// Mirrors of a swarm.
const MIRRORS: u64 = 1000;
/// Snapshots that are applied to them in turn; the first is a keyframe.
const MIRROR_TICKS: usize = 64;

fn quantize(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("quantize");
    let position = Vec2::new(1234.5, 678.9);
    let name = "player 12".to_owned();
    let ship = Ship { player: 12, name, position, angle: 1.5, hp: 90, score: 1000 };
    let body = Body { position, ..Body::default() };
    let mut row = [0; width(Ship::FIELDS)];
    group.bench_function("a ship", |bencher| {
        bencher.iter(|| {
            black_box(&ship).quantize(&mut row);
            black_box(&row);
        });
    });
    let mut row = [0; width(Body::FIELDS)];
    group.bench_function("a body", |bencher| {
        bencher.iter(|| {
            black_box(&body).quantize(&mut row);
            black_box(&row);
        });
    });
    group.finish();
}

fn steps<const ENTITIES: usize>(criterion: &mut Criterion) {
    let mut path = Codec::<ENTITIES>::new();
    let mut frame = path.frames[0].clone();
    let mut group = criterion.benchmark_group(format!("{ENTITIES} entities"));
    group.throughput(Throughput::Elements(ENTITIES as u64));
    group.bench_function("capture", |bencher| {
        bencher.iter(|| path.crowd.world().capture(black_box(&mut frame), &mut ClampedValues::default()));
    });
    group.bench_function("encode", |bencher| {
        bencher.iter(|| black_box(path.encode(0).len()));
    });
    group.bench_function("decode", |bencher| bencher.iter(|| path.decode(black_box(&mut frame))));
    group.bench_function("hash", |bencher| {
        bencher.iter(|| area_hash(&path.layout, AreaClass::PUBLIC, AreaFrame::whole(black_box(&frame))));
    });
    group.finish();
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inputs, tick and snapshots");
    for players in [1, 16, 256] {
        let mut drift = Match::drift(players);
        group.bench_function(BenchmarkId::new("drift, players", players), |bencher| {
            bencher.iter(|| black_box(drift.tick()));
        });
    }
    let mut arena = Match::new(16);
    group.bench_function("arena, players/16", |bencher| bencher.iter(|| black_box(arena.tick())));
    group.finish();
}

/// Measures the mirrors of a swarm: more than fit in a processor's cache, with one decoder for all.
fn mirrors(criterion: &mut Criterion) {
    let mut arena = Match::new(16);
    let player = arena.seats[0];
    arena.room.handle_resync(player);
    let mut snapshots = Vec::new();
    for _ in 0..MIRROR_TICKS {
        arena.tick_with(|to, snapshot| {
            if to == player {
                snapshots.push(snapshot.to_vec());
            }
        });
    }
    let layout =
        Arc::new(Layout::new(&GameSpec::of::<Arena>().schema).expect("the arena is within the limits"));
    let mut decoder = Decoder::new(&layout);
    let mut mirrors: Vec<Mirror> = (0..MIRRORS).map(|_| Mirror::new(Arc::clone(&layout), 30)).collect();
    let mut snapshots = snapshots.iter().cycle();
    let mut group = criterion.benchmark_group("mirrors");
    group.throughput(Throughput::Elements(MIRRORS));
    group.bench_function("a snapshot of the arena for each of 1000", |bencher| {
        bencher.iter(|| {
            let snapshot = snapshots.next().expect("it goes round and round");
            for mirror in &mut mirrors {
                black_box(mirror.apply_with(&mut decoder, snapshot)).expect("what the room sends");
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = quantize, steps::<16>, steps::<100>, steps::<1000>, steps::<10_000>, tick, mirrors
}
criterion_main!(benches);
