//! A room's work after a tick: it encodes one block for its audience and sends it to each client.
//!
//! `encode` times the first snapshot of a tick, which must cost the same however many clients there are; `poll` times all
//! clients' snapshots after it. A tick's snapshots cost the sum.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_worlds::Crowd;
use drumline_worlds::drift::TICK_RATE_HZ;

const CLIENTS: [u16; 4] = [1, 16, 256, 1000];
/// Ticks until the room has learned its priors.
const LEARNING_TICKS: u32 = 2 * TICK_RATE_HZ + 1;
/// Ticks until a new client has the same history as the others.
const JOINING_TICKS: u32 = 4;

/// A room whose clients all have the same baseline.
struct Audience {
    room: Room,
    /// Takes a tick's first snapshot, for which the block is encoded; not counted as a client.
    first: PlayerId,
    clients: Vec<PlayerId>,
}

/// The times of a tick's snapshots.
struct Took {
    encode: Duration,
    poll: Duration,
}

type Part = fn(&Took) -> Duration;

const PARTS: [(&str, Part); 2] =
    [("encode, with clients", |took| took.encode), ("poll, for clients", |took| took.poll)];

impl Audience {
    fn new<const ENTITIES: usize>() -> Self {
        let max_players = CLIENTS[CLIENTS.len() - 1] + 1;
        let config = RoomConfig {
            max_players,
            tick_rate_hz: TICK_RATE_HZ,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::new(GameSpec::of::<Crowd<ENTITIES>>()), config);
        let first = room.join("first").expect("a free seat");
        let mut new = Self { room, first, clients: Vec::new() };
        for _ in 0..LEARNING_TICKS {
            new.tick();
        }
        new
    }

    fn grow_to(&mut self, clients: u16) {
        while self.clients.len() < usize::from(clients) {
            self.clients.push(self.room.join("client").expect("a free seat"));
        }
        for _ in 0..JOINING_TICKS {
            self.tick();
        }
        let encoded = self.room.stats().blocks_encoded;
        self.tick();
        assert_eq!(self.room.stats().blocks_encoded, encoded + 1, "one audience");
    }

    fn tick(&mut self) -> Took {
        self.room.tick();
        let start = Instant::now();
        black_box(self.room.poll_snapshot(self.first));
        let encoded = Instant::now();
        for &client in &self.clients {
            black_box(self.room.poll_snapshot(client));
        }
        let took = Took { encode: encoded - start, poll: encoded.elapsed() };
        let tick = self.room.current_tick();
        for &client in self.clients.iter().chain([&self.first]) {
            self.room.handle_ack(client, tick);
        }
        took
    }
}

fn audiences<const ENTITIES: usize>(criterion: &mut Criterion) {
    let mut audience = Audience::new::<ENTITIES>();
    let mut group = criterion.benchmark_group(format!("snapshots of {ENTITIES} entities"));
    group.sampling_mode(SamplingMode::Flat);
    for clients in CLIENTS {
        audience.grow_to(clients);
        for (name, part) in PARTS {
            group.bench_function(BenchmarkId::new(name, clients), |bencher| {
                bencher.iter_custom(|iterations| (0..iterations).map(|_| part(&audience.tick())).sum());
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = audiences::<16>, audiences::<100>, audiences::<1000>, audiences::<10_000>
}
criterion_main!(benches);
