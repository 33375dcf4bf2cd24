//! A shooting range: a player who aims at the target as they see it hits it, however far away the server is. False claims about
//! the delay gain no more than the rewind range.

use std::f32::consts::TAU;
use std::sync::Arc;

use drumline_room::{Game, GameSpec, PlayerId, Rng, RngExt, Room, SeedableRng, Setup, Tick, game};
use drumline_shared::wire::input::InputHeader;
use drumline_shared::{Mirror, Replicate, Single, Table, World};
use glam::Vec2;

use crate::replay::Replay;
use crate::rewind::link::{Link, TICK_RATE_HZ, config, input};

/// A target's speed in units a second, and its radius in units: less than a ship's 18.
const SPEED: f32 = 200.0;
const RADIUS: f32 = 12.0;
const STEP: f32 = 0.05;
const STAND: Vec2 = Vec2::new(1000.0, 0.0);

/// The range's rewind range.
const REWIND_MS: u32 = 400;

/// The latency of one direction (the round trip is 200 ms), and the most by which a message may be later.
const ONE_WAY_TICKS: f64 = 3.0;
const JITTER_TICKS: f64 = 0.6;
/// As in the browser client: how far the view is behind the newest tick, and how far inputs are ahead of it.
const VIEW_DELAY_TICKS: f64 = 2.25;
const LEAD_TICKS: f64 = 8.0;

#[derive(Debug, Clone, Default, Replicate)]
struct Target {
    #[sync(range = 0.0..=2000.0, step = 0.05, predict = linear)]
    position: Vec2,
    #[sync(skip)]
    direction: f32,
}

#[derive(Debug, Clone, Default, Replicate)]
struct Score {
    shots: u32,
    hits: u32,
    /// The largest distance between a target's rewound and present positions.
    #[sync(range = 0.0..=2000.0, step = 0.01)]
    farthest: f32,
}

#[derive(Default, World)]
struct RangeWorld {
    targets: Table<Target>,
    score: Single<Score>,
}

#[derive(Debug, Default, Replicate)]
struct Shot {
    fire: bool,
    #[sync(angle, bits = 16)]
    aim: f32,
}

/// Targets move to and fro across the range and turn at random.
struct Range<const REWIND_MS: u32> {
    rng: Rng,
    world: RangeWorld,
}

#[game]
impl<const REWIND_MS: u32> Game for Range<REWIND_MS> {
    const NAME: &'static str = "range";
    const REWIND_MS: u32 = REWIND_MS;
    type World = RangeWorld;
    type Input = Shot;

    fn new(setup: &Setup) -> Self {
        let mut world = RangeWorld::default();
        world.targets.insert(Target { position: Vec2::new(900.0, 400.0), direction: 1.0 });
        Self { rng: Rng::seed_from_u64(setup.seed), world }
    }

    fn world(&self) -> &RangeWorld {
        &self.world
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        let RangeWorld { targets, score } = &mut self.world;
        for (player, shot) in tick.inputs().filter(|(_, shot)| shot.fire) {
            score.shots += 1;
            let beam = Vec2::from_angle(shot.aim);
            for (entity, seen) in tick.rewound(player).rows::<Target>("targets") {
                let to = seen.position - STAND;
                score.hits += u32::from(beam.dot(to) > 0.0 && beam.perp_dot(to).abs() < RADIUS);
                let now = targets.get(entity).unwrap().position;
                score.farthest = score.farthest.max(now.distance(seen.position));
            }
        }
        for target in targets.values_mut() {
            let at_end = !(400.0..=1600.0).contains(&target.position.x);
            if at_end {
                target.direction = (1000.0 - target.position.x).signum();
            } else if self.rng.random_bool(0.02) {
                target.direction = -target.direction;
            }
            target.position.x += target.direction * SPEED * tick.dt;
        }
    }
}

/// A shooter's claim to the server about their view.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    Truth,
    /// Their newest snapshot is older than it is.
    OldSnapshot,
    /// Their view is later than it is.
    LateView,
    Both,
    /// They have snapshots of future ticks.
    Future,
}

/// A player who sees the target through a slow connection and shoots at it where they see it.
struct Shooter {
    player: PlayerId,
    claim: Claim,
    rng: Rng,
    mirror: Mirror,
    down: Link,
    up: Link,
    /// The target's position in each snapshot received, by tick.
    seen: Vec<(u32, Vec2)>,
    /// The shortest latency of a snapshot, in ticks.
    shortest: f64,
    inputs: u32,
    aimed_at: u32,
}

impl Shooter {
    /// Applies the snapshots that have arrived, and sends an input for the target as it is shown.
    fn play(&mut self, now: f64) {
        while let Some((arrival, message)) = self.down.next(now) {
            self.mirror.apply(&message).unwrap();
            let tick = self.mirror.tick();
            let (_, row) = self.mirror.public().rows(0).iter().next().unwrap();
            self.seen.push((tick, Target::dequantize(row).position));
            self.shortest = self.shortest.min(arrival - f64::from(tick));
        }
        let Some(&(newest, _)) = self.seen.last() else { return };
        let due = now - self.shortest;
        let shown = (due - VIEW_DELAY_TICKS).min(f64::from(newest));
        let Some(position) = self.shown(shown) else { return };
        self.inputs += 1;
        let following = self.aimed_at + 1;
        let aim = due + LEAD_TICKS;
        self.aimed_at = if (aim - f64::from(following)).abs() < 1.0 { following } else { aim.round() as u32 };
        let view = ((f64::from(newest) - shown) * 8.0).round() as u8;
        let (acked_tick, view_eighths) = match self.claim {
            Claim::Truth => (newest, view),
            Claim::OldSnapshot => (newest.saturating_sub(20), view),
            Claim::LateView => (newest, 255),
            Claim::Both => (newest.saturating_sub(20), 255),
            Claim::Future => (newest + 5, 0),
        };
        let header = InputHeader { number: self.inputs, acked_tick, tick: self.aimed_at, view_eighths };
        let aim = (position - STAND).to_angle().rem_euclid(TAU);
        let shot = Shot { fire: self.inputs.is_multiple_of(3), aim };
        let arrival = now + self.latency();
        self.up.send(arrival, input(header, &shot));
    }

    /// The target's interpolated position at a time; `None` before the first snapshot.
    fn shown(&self, time: f64) -> Option<Vec2> {
        let after = self.seen.iter().position(|(tick, _)| f64::from(*tick) > time);
        let Some(after) = after else { return self.seen.last().map(|(_, position)| *position) };
        let ((from, earlier), (to, later)) = (*self.seen.get(after.checked_sub(1)?)?, self.seen[after]);
        let part = (time - f64::from(from)) / f64::from(to - from);
        Some(earlier.lerp(later, part as f32))
    }

    fn latency(&mut self) -> f64 {
        ONE_WAY_TICKS + self.rng.random_range(0.0..JITTER_TICKS)
    }
}

/// Plays a minute on the range and returns the score.
fn shoot<const REWIND_MS: u32>(seed: u64, claim: Claim) -> Score {
    let (spec, config) = (Arc::new(GameSpec::of::<Range<REWIND_MS>>()), config(seed));
    let mut replay = Replay::new(&spec, &config);
    let mut room = Room::new(spec, config);
    let player = room.join("ada").unwrap();
    let mut shooter = Shooter {
        player,
        claim,
        rng: Rng::seed_from_u64(seed + 1000),
        mirror: Mirror::new(GameSpec::of::<Range<REWIND_MS>>().layout, 30),
        down: Link::default(),
        up: Link::default(),
        seen: Vec::new(),
        shortest: f64::INFINITY,
        inputs: 0,
        aimed_at: 0,
    };
    // Inputs are made between two ticks, always at the same phase.
    let phase = shooter.rng.random_range(0.0..1.0);
    for tick in 1..=60 * TICK_RATE_HZ {
        let now = f64::from(tick);
        shooter.up.deliver_inputs(now, &mut room, player);
        room.tick();
        replay.keep(&room);
        if let Some(snapshot) = room.poll_snapshot(shooter.player) {
            let arrival = now + shooter.latency();
            let snapshot = snapshot.to_vec();
            shooter.down.send(arrival, snapshot);
        }
        shooter.play(now + phase);
    }
    // The score depends on rewound worlds, so a replay must rewind to the same ones.
    replay.check();
    let frame = room.frame(room.current_tick()).unwrap();
    let (_, row) = frame.rows(1).iter().next().unwrap();
    Score::dequantize(row)
}

/// The score of several matches together.
fn shoot_often<const REWIND_MS: u32>(claim: Claim) -> Score {
    (0..50).map(|seed| shoot::<REWIND_MS>(seed, claim)).fold(Score::default(), |sum, score| Score {
        shots: sum.shots + score.shots,
        hits: sum.hits + score.hits,
        farthest: sum.farthest.max(score.farthest),
    })
}

#[test]
fn a_player_who_aims_at_what_they_see_hits_it_despite_200_ms() {
    let share = |score: &Score| f64::from(score.hits) / f64::from(score.shots);
    let (with, without) = (shoot_often::<REWIND_MS>(Claim::Truth), shoot_often::<0>(Claim::Truth));
    for (words, score) in [("with compensation", &with), ("without", &without)] {
        let (shots, percent) = (score.shots, 100.0 * share(score));
        println!(
            "{words}: {percent:.1} % of {shots} shots hit; targets were shown up to {:.0} units off",
            score.farthest
        );
    }
    assert!(with.shots > 3000 && without.shots == with.shots);
    assert!(share(&with) >= 0.95, "{with:?}");
    assert!(share(&without) < 0.2, "{without:?}");
}

#[test]
fn a_false_claim_about_the_delay_gains_at_most_the_rewind_range() {
    // The cap, plus half a step of quantization at each end.
    let cap = SPEED * REWIND_MS as f32 / 1000.0;
    for claim in [Claim::Truth, Claim::OldSnapshot, Claim::LateView, Claim::Both, Claim::Future] {
        let score = shoot_often::<REWIND_MS>(claim);
        println!("{claim:?}: shown up to {:.1} units off, the cap is {cap:.1}", score.farthest);
        assert!(score.shots > 3000, "{score:?}");
        assert!(score.farthest <= cap + STEP, "{claim:?}: {score:?}");
        if matches!(claim, Claim::OldSnapshot | Claim::LateView | Claim::Both) {
            assert!(score.farthest >= 0.99 * cap, "{claim:?}: the test does try: {score:?}");
        }
    }
}
