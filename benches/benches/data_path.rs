//! The data path, step by step and in a whole tick.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use drumline_arena::Arena;
use drumline_benches::drift::{Body, DriftWorld, Ship, TICK_RATE_HZ};
use drumline_benches::{Crowd, Match};
use drumline_room::{Game, GameSpec, Setup};
use drumline_shared::block::{BlockContent, BlockReader, BlockWriter};
use drumline_shared::delta::Baseline;
use drumline_shared::frame::{AreaFrame, Frame};
use drumline_shared::hash::area_hash;
use drumline_shared::layout::{AreaClass, Layout};
use drumline_shared::limits::MAX_FRAME_COLUMNS;
use drumline_shared::mirror::{Decoder, Mirror};
use drumline_shared::schema::{Schema, width};
use drumline_shared::shape::Messages;
use drumline_shared::{Replicate, World};
use glam::Vec2;

/// Ticks until the priors are learned.
const LEARNING_TICKS: u32 = 3 * TICK_RATE_HZ;

/// Mirrors of a swarm, …
const MIRRORS: u64 = 1000;
/// … and the ticks that they are shown, of which the first is a keyframe.
const MIRROR_TICKS: usize = 64;

/// A world under way, and the codec's two ends.
struct Path<const ENTITIES: usize> {
    layout: Layout,
    crowd: Crowd<ENTITIES>,
    /// The last four, the newest first.
    frames: [Frame; 4],
    writer: BlockWriter,
    reader: BlockReader,
    /// The newest frame's block.
    block: Vec<u8>,
}

impl<const ENTITIES: usize> Path<ENTITIES> {
    fn new() -> Self {
        let input = <Crowd<ENTITIES> as Game>::Input::FIELDS.into();
        let schema = Schema { tables: DriftWorld::TABLES.into(), input, messages: Messages::default() };
        let layout = Layout::new(&schema).expect("drift is within the limits");
        let empty = Frame::empty(&layout);
        let mut new = Self {
            crowd: Crowd::new(&Setup::new(1)),
            frames: [(); 4].map(|()| empty.clone()),
            writer: BlockWriter::new(&layout),
            reader: BlockReader::new(&layout),
            block: Vec::new(),
            layout,
        };
        for tick in 1..=LEARNING_TICKS {
            new.advance(tick);
        }
        let mut decoded = empty;
        new.decode(&mut decoded);
        decoded.tick = LEARNING_TICKS;
        assert_eq!(decoded, new.frames[0], "a client's frame is the server's");
        new
    }

    fn advance(&mut self, tick: u32) {
        self.crowd.advance(1.0 / TICK_RATE_HZ as f32);
        self.frames.rotate_right(1);
        self.frames[0].tick = tick;
        self.crowd.world().capture(&mut self.frames[0]);
        if tick.is_multiple_of(TICK_RATE_HZ) {
            self.writer.learn(tick);
        }
        self.block = self.encode(1).to_vec();
    }

    /// Encodes the newest frame; each decision is to count so much for what is learned.
    fn encode(&mut self, weight: u32) -> &[u8] {
        let content = BlockContent {
            class: AreaClass::PUBLIC,
            baseline: baseline(&self.frames),
            area: AreaFrame::whole(&self.frames[0]),
            hash: None,
            weight,
        };
        self.writer.write(&self.layout, content).expect("everything moves")
    }

    fn decode(&mut self, frame: &mut Frame) {
        let hash = self.reader.read(
            &self.layout,
            AreaClass::PUBLIC,
            baseline(&self.frames),
            &self.block,
            Some(self.writer.priors()),
            &mut { MAX_FRAME_COLUMNS },
            frame,
        );
        assert_eq!(hash, Ok(None), "a block that was written");
    }
}

/// What the newest frame is encoded against; nothing before the second tick.
fn baseline(frames: &[Frame; 4]) -> Option<Baseline<'_>> {
    let [_, frame, older, oldest] =
        frames.each_ref().map(|frame| (frame.tick > 0).then(|| AreaFrame::whole(frame)));
    frame.map(|frame| Baseline { frame, older, oldest })
}

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
    let mut path = Path::<ENTITIES>::new();
    let mut frame = path.frames[0].clone();
    let mut group = criterion.benchmark_group(format!("{ENTITIES} entities"));
    group.throughput(Throughput::Elements(ENTITIES as u64));
    group.bench_function("capture", |bencher| {
        bencher.iter(|| path.crowd.world().capture(black_box(&mut frame)));
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

/// What the mirrors of a swarm cost: as many as do not fit in a processor's cache, with one decoder for all.
fn mirrors(criterion: &mut Criterion) {
    let mut arena = Match::new(16);
    let player = arena.seats[0];
    arena.room.handle_resync(player);
    let mut snapshots = Vec::new();
    for _ in 0..MIRROR_TICKS {
        arena.tick_giving(|to, snapshot| {
            if to == player {
                snapshots.push(snapshot.to_vec());
            }
        });
    }
    let layout =
        Arc::new(Layout::new(&GameSpec::of::<Arena>().schema).expect("the arena is within the limits"));
    let mut decoder = Decoder::new(&layout);
    let mut mirrors: Vec<Mirror> = (0..MIRRORS).map(|_| Mirror::new(Arc::clone(&layout))).collect();
    let mut told = snapshots.iter().cycle();
    let mut group = criterion.benchmark_group("mirrors");
    group.throughput(Throughput::Elements(MIRRORS));
    group.bench_function("a snapshot of the arena for each of 1000", |bencher| {
        bencher.iter(|| {
            let snapshot = told.next().expect("it goes round and round");
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
