//! The world rewound for a player equals the world that the player's client showed, field by field, over connections that lag and
//! stall.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::f32::consts::{PI, TAU};
use std::sync::Arc;

use drumline_room::{Game, GameSpec, PlayerId, Rng, RngExt, Room, SeedableRng, Setup, Tick, game};
use drumline_shared::frame::Frame;
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::input::InputHeader;
use drumline_shared::{Entity, Mirror, Replicate, Table, World};
use glam::Vec2;

use crate::replay::Replay;
use crate::rewind::link::{Link, TICK_RATE_HZ, config, input};

const CLIENTS: usize = 6;
const TICKS: u32 = 400;

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
enum Mood {
    #[default]
    Calm,
    Angry,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
struct Bee {
    #[sync(range = 0.0..=1000.0, step = 0.01, predict = linear)]
    position: Vec2,
    #[sync(angle, bits = 16)]
    heading: f32,
    #[sync(range = 0.0..=1000.0, step = 0.01, velocity = speed)]
    height: f32,
    #[sync(range = -100.0..=100.0, step = 0.01)]
    speed: f32,
    #[sync(range = 0.0..=1.0, step = 0.01, interpolate = step)]
    pollen: f32,
    #[sync(interpolate = none)]
    buzzes: u16,
    mood: Mood,
}

#[derive(Default, World)]
struct Garden {
    bees: Table<Bee>,
}

#[derive(Debug, Default, Replicate)]
struct Numbered {
    number: u32,
}

type Bees = Vec<(Entity, Bee)>;

/// A rewound world: the player, the number of their input, the tick on which it was consumed, the rewind point, and the bees.
type Shown = (PlayerId, u32, u32, f64, Bees);

thread_local! {
    static SHOWN: RefCell<Vec<Shown>> = const { RefCell::new(Vec::new()) };
}

/// Bees appear, disappear and change at random.
struct Hive {
    rng: Rng,
    world: Garden,
}

#[game]
impl Game for Hive {
    const NAME: &'static str = "hive";
    const REWIND_MS: u32 = 800;
    type World = Garden;
    type Input = Numbered;

    fn new(setup: &Setup) -> Self {
        SHOWN.take();
        Self { rng: Rng::seed_from_u64(setup.seed), world: Garden::default() }
    }

    fn world(&self) -> &Garden {
        &self.world
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        for (player, input) in tick.inputs() {
            let rewound = tick.rewound(player);
            let bees = rewound.rows("bees").collect();
            SHOWN.with_borrow_mut(|shown| {
                shown.push((player, input.number, tick.number, rewound.tick(), bees));
            });
        }
        let rng = &mut self.rng;
        self.world.bees.retain(|_, _| !rng.random_bool(0.02));
        for bee in self.world.bees.values_mut() {
            bee.position += Vec2::from_angle(bee.heading) * rng.random_range(0.0..10.0);
            if rng.random_bool(0.05) {
                bee.position = Vec2::new(rng.random_range(0.0..1000.0), rng.random_range(0.0..1000.0));
            }
            bee.heading += rng.random_range(-1.0..1.0);
            bee.speed = rng.random_range(-100.0..100.0);
            bee.height += bee.speed * tick.dt;
            bee.pollen = rng.random_range(0.0..1.0);
            bee.buzzes += u16::from(rng.random_bool(0.3));
            bee.mood = if rng.random() { Mood::Calm } else { Mood::Angry };
        }
        while self.world.bees.len() < 10 {
            let position = Vec2::new(rng.random_range(0.0..1000.0), rng.random_range(0.0..1000.0));
            self.world.bees.insert(Bee { position, height: 500.0, ..Bee::default() });
        }
    }
}

struct Client {
    player: PlayerId,
    mirror: Mirror,
    frames: Vec<Frame>,
    down: Link,
    up: Link,
    delay: f64,
    stalled_until: u32,
    inputs: u32,
    /// The time and the bees that were shown when each input was made, by the input's number.
    shown: BTreeMap<u32, (f64, Bees)>,
}

impl Client {
    fn receive(&mut self, now: f64) {
        while let Some((_, message)) = self.down.next(now) {
            self.mirror.apply(&message).unwrap();
            self.frames.push(self.mirror.public().clone());
        }
    }

    /// Sends an input and keeps the bees that are shown.
    fn act(&mut self, now: u32, rng: &mut Rng) {
        let (Some(oldest), Some(newest)) = (self.frames.first(), self.frames.last()) else { return };
        let view_eighths: u8 = rng.random_range(0..80);
        let time = f64::from(newest.tick) - f64::from(view_eighths) / 8.0;
        if time < f64::from(oldest.tick) {
            return;
        }
        self.inputs += 1;
        self.shown.insert(self.inputs, (time, self.bees(time)));
        let tick = now + self.delay as u32 + rng.random_range(0..4);
        let header = InputHeader { number: self.inputs, acked_tick: newest.tick, tick, view_eighths };
        let message = input(header, &Numbered { number: self.inputs });
        self.up.send(f64::from(now) + self.delay, message);
    }

    /// The bees as they are shown at a time: interpolated from their values, not from columns.
    fn bees(&self, time: f64) -> Bees {
        let from = self.frames.iter().rfind(|frame| f64::from(frame.tick) <= time).unwrap();
        let to = self.frames.iter().find(|frame| f64::from(frame.tick) > time);
        let newest = self.frames.last().unwrap();
        let bees = from.rows(0).iter().map(|(entity, row)| {
            let bee = Bee::dequantize(row);
            let later = to.and_then(|frame| Some((frame.tick, frame.rows(0).get(entity)?)));
            let Some((tick, later)) = later else {
                // The bee disappears next, or there is no later frame: the time is the frame's own then.
                let now = newest.rows(0).get(entity).filter(|_| to.is_none()).unwrap_or(row);
                return (Entity::from_id(entity), Bee { buzzes: Bee::dequantize(now).buzzes, ..bee });
            };
            let ticks = tick - from.tick;
            let part = (time - f64::from(from.tick)) / f64::from(ticks);
            let newest = Bee::dequantize(newest.rows(0).get(entity).unwrap_or(later));
            (
                Entity::from_id(entity),
                between(&bee, &Bee::dequantize(later), &newest, part as f32, ticks as f32),
            )
        });
        bees.collect()
    }
}

fn between(from: &Bee, to: &Bee, newest: &Bee, part: f32, ticks: f32) -> Bee {
    let seconds = ticks / TICK_RATE_HZ as f32;
    // A change of a sixteenth of the range in a tick is no leap yet; values are sent in hundredths.
    let leaps = |change: f32, range: f32| change.abs() > range / 16.0 * ticks + 0.005;
    let turn = (to.heading - from.heading + PI).rem_euclid(TAU) - PI;
    // The Hermite cubic, by its Bézier points.
    let points = [
        from.height,
        from.height + from.speed * seconds / 3.0,
        to.height - to.speed * seconds / 3.0,
        to.height,
    ];
    let mix = |[a, b]: [f32; 2]| a + (b - a) * part;
    let [a, b, c] = [0, 1, 2].map(|index| mix([points[index], points[index + 1]]));
    Bee {
        position: if leaps((to.position - from.position).abs().max_element(), 1000.0) {
            from.position
        } else {
            from.position.lerp(to.position, part)
        },
        heading: from.heading + turn * part,
        height: mix([mix([a, b]), mix([b, c])]),
        speed: if leaps(to.speed - from.speed, 200.0) { from.speed } else { mix([from.speed, to.speed]) },
        pollen: from.pollen,
        buzzes: newest.buzzes,
        mood: from.mood,
    }
}

fn assert_alike(shown: &Bee, expected: &Bee) {
    let turn = (shown.heading - expected.heading + PI).rem_euclid(TAU) - PI;
    // Half a step of quantization, and the arithmetic.
    let near = |a: f32, b: f32| (a - b).abs() < 0.0055;
    let alike = near(shown.position.x, expected.position.x)
        && near(shown.position.y, expected.position.y)
        && turn.abs() < 1e-4
        && near(shown.height, expected.height.clamp(0.0, 1000.0))
        && near(shown.speed, expected.speed)
        && (shown.pollen, shown.buzzes, shown.mood) == (expected.pollen, expected.buzzes, expected.mood);
    assert!(alike, "{shown:?} instead of {expected:?}");
}

/// Plays a match. Returns how many inputs had their view between two ticks, over a gap in the frames, and beyond the rewind
/// range.
fn play(seed: u64) -> [u32; 3] {
    println!("DRUMLINE_SEED={seed}");
    let mut rng = Rng::seed_from_u64(seed);
    let spec = GameSpec::of::<Hive>();
    let layout = spec.layout.clone();
    let reach_ticks = f64::from(Hive::REWIND_MS * TICK_RATE_HZ) / 1000.0;
    assert!(reach_ticks < f64::from(TickLimits::LEAST.frame_ring));
    let (spec, config) = (Arc::new(spec), config(seed));
    let mut replay = Replay::new(&spec, &config);
    let mut room = Room::new(spec, config);
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|index| Client {
            player: room.join(&format!("client {index}")).unwrap(),
            mirror: Mirror::new(layout.clone(), 30),
            frames: Vec::new(),
            down: Link::default(),
            up: Link::default(),
            delay: f64::from(rng.random_range(0..5)),
            stalled_until: 0,
            inputs: 0,
            shown: BTreeMap::new(),
        })
        .collect();
    for now in 1..=TICKS {
        for client in &mut clients {
            client.up.deliver_inputs(f64::from(now) - 1.0, &mut room, client.player);
        }
        room.tick();
        replay.keep(&room);
        for client in &mut clients {
            if rng.random_bool(0.02) {
                client.stalled_until = now + rng.random_range(1..12);
            }
            if now >= client.stalled_until
                && let Some(snapshot) = room.poll_snapshot(client.player)
            {
                client.down.send(f64::from(now) + client.delay, snapshot.to_vec());
            }
            client.receive(f64::from(now));
            if rng.random_bool(0.8) {
                client.act(now, &mut rng);
            }
        }
    }
    let shown = SHOWN.take();
    let mut counts = [0; 3];
    let mut consumed = [0; CLIENTS];
    for (player, number, tick, time, bees) in &shown {
        // The room repeats the last input if none has come, and starts with a neutral one of number 0.
        let seat = player.index();
        if std::mem::replace(&mut consumed[seat], *number) == *number || *number == 0 {
            continue;
        }
        let (shown_time, expected) = &clients[seat].shown[number];
        let earliest = f64::from(tick - 1) - reach_ticks;
        let frames = &clients[seat].frames;
        let from = frames.iter().rfind(|frame| f64::from(frame.tick) <= *shown_time).unwrap();
        if *shown_time < earliest || f64::from(from.tick) < earliest.floor() {
            // The rewind range is measured to an eighth of a tick.
            assert!((time - shown_time.max(earliest)).abs() < 1.0 / 8.0);
            counts[2] += 1;
            continue;
        }
        assert_eq!(*time, *shown_time, "the time of input {number} of client {seat}");
        counts[usize::from(!frames.iter().any(|frame| frame.tick == from.tick + 1))] += 1;
        let entities = |bees: &[(Entity, Bee)]| bees.iter().map(|(entity, _)| *entity).collect::<Vec<_>>();
        assert_eq!(entities(bees), entities(expected), "the same bees are there");
        for ((_, bee), (_, expected)) in bees.iter().zip(expected) {
            assert_alike(bee, expected);
        }
    }
    // A replay gives the same frames, and rewinds to the same points.
    replay.check();
    assert!(SHOWN.take() == shown, "a replay rewinds differently");
    counts
}

#[test]
fn the_rewound_world_equals_the_players_view() {
    let seeds = match std::env::var("DRUMLINE_SEED") {
        Ok(seed) => vec![seed.parse().expect("DRUMLINE_SEED is a number")],
        Err(_) => (0..50).collect(),
    };
    let mut total = [0; 3];
    for seed in seeds {
        let counts = play(seed);
        total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
    }
    let [between, over_a_gap, beyond] = total;
    println!("{between} views between two ticks, {over_a_gap} over a gap, {beyond} beyond the rewind range");
    assert!(between > 1000 && over_a_gap > 100 && beyond > 10);
}
