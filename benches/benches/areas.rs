//! A tick of an open world: dividing it, encoding the areas in some client's interest, and composing each snapshot.
//!
//! `tick` is the game, the players' inputs, the capture and the division; `encode` the blocks of one audience, which
//! must take the same however many clients there are; `compose` each client's list, and its blocks put together.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_worlds::drift::TICK_RATE_HZ;
use drumline_worlds::prairie::Prairie;

const CLIENTS: [u16; 4] = [1, 10, 100, 1000];
/// Ticks until a new client has the same history as the others.
const JOINING_TICKS: u32 = 8;

/// An open world and its watchers.
struct Watched {
    room: Room,
    /// Takes a tick's first snapshot, for which blocks are encoded.
    first: PlayerId,
    others: Vec<PlayerId>,
}

struct Took {
    tick: Duration,
    encode: Duration,
    compose: Duration,
}

type Part = fn(&Took) -> Duration;

const PARTS: [(&str, Part); 3] = [
    ("tick, with clients", |took| took.tick),
    ("encode, with clients", |took| took.encode),
    ("compose, for clients", |took| took.compose),
];

impl Watched {
    fn new<G: Game>() -> Self {
        let config = RoomConfig {
            max_players: 1001,
            tick_rate_hz: TICK_RATE_HZ,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::new(GameSpec::of::<G>()), config);
        let first = room.join("first").expect("a free seat");
        Self { room, first, others: Vec::new() }
    }

    fn grow_to(&mut self, clients: u16) {
        while self.others.len() + 1 < usize::from(clients) {
            self.others.push(self.room.join("client").expect("a free seat"));
        }
        for _ in 0..JOINING_TICKS {
            self.tick();
        }
    }

    fn tick(&mut self) -> Took {
        let start = Instant::now();
        self.room.tick();
        let ticked = Instant::now();
        black_box(self.room.poll_snapshot(self.first));
        let encoded = Instant::now();
        for &client in &self.others {
            black_box(self.room.poll_snapshot(client));
        }
        let took = Took { tick: ticked - start, encode: encoded - ticked, compose: encoded.elapsed() };
        let tick = self.room.current_tick();
        for &client in self.others.iter().chain([&self.first]) {
            self.room.handle_ack(client, tick);
        }
        took
    }
}

/// All watch the same place: the encoded bytes are the same for one and for a thousand.
fn one_audience<const ENTITIES: usize>(criterion: &mut Criterion) {
    let mut watched = Watched::new::<Prairie<ENTITIES, false>>();
    let mut group = criterion.benchmark_group(format!("{ENTITIES} entities, one audience"));
    group.sampling_mode(SamplingMode::Flat);
    for clients in CLIENTS {
        watched.grow_to(clients);
        for (name, part) in PARTS {
            group.bench_function(BenchmarkId::new(name, clients), |bencher| {
                bencher.iter_custom(|iterations| (0..iterations).map(|_| part(&watched.tick())).sum());
            });
        }
    }
    group.finish();
}

/// Each watches another place: the more of the world is seen, the more is encoded, up to all of it.
fn audiences<const ENTITIES: usize>(criterion: &mut Criterion) {
    let mut watched = Watched::new::<Prairie<ENTITIES, true>>();
    let mut group = criterion.benchmark_group(format!("{ENTITIES} entities, clients all over"));
    group.sampling_mode(SamplingMode::Flat);
    for clients in CLIENTS {
        watched.grow_to(clients);
        group.bench_function(BenchmarkId::new("all of it, for clients", clients), |bencher| {
            bencher.iter_custom(|iterations| {
                let whole = |took: Took| took.tick + took.encode + took.compose;
                (0..iterations).map(|_| whole(watched.tick())).sum()
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = one_audience::<500>, one_audience::<6000>, audiences::<500>, audiences::<6000>
}
criterion_main!(benches);
