//! A seeded simulation of a divided world: each client sees all that it may, as it is on the server, and nothing else.
//!
//! A failure names its seed: `DRUMLINE_SEED=… cargo test -p drumline-room --test room areas::simulation` replays it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use drumline_room::{
    ChatRules, GameSpec, PlayerId, Rng, RngExt, Room, RoomConfig, SeedableRng, Setup, Sight,
};
use drumline_shared::frame::EntityId;
use drumline_shared::layout::Layout;
use drumline_shared::limits::TickLimits;
use drumline_shared::schema::Audience;
use drumline_shared::wire::snapshot::KIND_KEYFRAME;
use drumline_shared::{Mirror, Replicate};

use crate::areas::border::{Border, FROZEN_TICK};
use crate::areas::world::{CELL, Card, FLOORS, Plan, Rat, Rock, Scout, VIEW, tables};
use crate::replay::Replay;

const TICKS: u32 = FROZEN_TICK + 80;
const CLIENTS: usize = 8;
/// A budget that no tick exceeds.
const PLENTY_BYTES: u32 = 1 << 20;

type Key = (usize, EntityId);

/// The world of a tick: each part's rows.
type Truth = HashMap<Key, Vec<u32>>;

struct Client {
    player: PlayerId,
    mirror: Mirror,
    in_flight: VecDeque<(u32, Vec<u8>, Sight)>,
    delay: u32,
    stalled_until: u32,
    /// For each row of the mirror, the tick of its area's frame.
    shown: HashMap<Key, u32>,
    /// The rows of the mirror within the view when the last snapshot was applied.
    in_view: HashSet<Key>,
    fresh: bool,
    /// True while the connection is lost and the seat held.
    away: bool,
    /// The tick of the last snapshot taken from the room.
    taken_tick: u32,
    /// After a resume, until the next snapshot: true if that may be a delta against the mirror.
    resumed: Option<bool>,
    /// True while the room may still hold back a keyframe that was asked for.
    may_wait: bool,
}

#[derive(Debug, Default)]
struct Outcome {
    delivered: u64,
    hashes_checked: u64,
    keyframes: u64,
    skipped: u64,
    crossings: u64,
    resumed_with_delta: u64,
    sent: Vec<u8>,
}

struct Simulation {
    rng: Rng,
    room: Room,
    layout: Arc<Layout>,
    budget_bytes: u32,
    clients: Vec<Option<Client>>,
    truths: HashMap<u32, Truth>,
    replay: Replay,
    outcome: Outcome,
}

impl Simulation {
    fn new(seed: u64, budget_bytes: u32) -> Self {
        let spec = Arc::new(GameSpec::of::<Border>());
        let config = RoomConfig {
            max_players: 32,
            tick_rate_hz: 20,
            setup: Setup::new(seed),
            budget_bytes,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        Self {
            rng: Rng::seed_from_u64(seed),
            layout: spec.layout.clone(),
            replay: Replay::new(&spec, &config),
            room: Room::new(spec, config),
            budget_bytes,
            clients: (0..CLIENTS).map(|_| None).collect(),
            truths: HashMap::new(),
            outcome: Outcome::default(),
        }
    }

    fn run(mut self) -> Outcome {
        for now in 1..=TICKS {
            for index in 0..CLIENTS {
                self.live(index, now);
            }
            self.room.tick();
            self.replay.keep(&self.room);
            self.truths.insert(now, self.truth(now));
            for index in 0..CLIENTS {
                self.send(index, now);
                self.deliver(index, now);
            }
        }
        for client in self.clients.iter().flatten() {
            let sight = self.room.sight(client.player);
            check_complete(client, &sight, &self.truths[&TICKS], &self.layout);
        }
        self.replay.check();
        self.outcome
    }

    fn truth(&self, now: u32) -> Truth {
        let frame = self.room.frame(now).unwrap();
        let rows = |part: usize| {
            frame
                .rows(part)
                .iter()
                .map(move |(entity, row)| ((part, entity), row.to_vec()))
                .collect::<Vec<_>>()
        };
        (0..self.layout.parts.len()).flat_map(rows).collect()
    }

    /// Lets a client join, leave, stall or lose its connection.
    fn live(&mut self, index: usize, now: u32) {
        let calm = now >= FROZEN_TICK - 50;
        let Some(client) = &mut self.clients[index] else {
            if self.rng.random_bool(0.1) || calm {
                let player = self.room.join(&format!("client {index}")).unwrap();
                self.clients[index] = Some(Client {
                    player,
                    mirror: Mirror::new(self.layout.clone(), 30),
                    in_flight: VecDeque::new(),
                    delay: self.rng.random_range(0..4),
                    stalled_until: 0,
                    shown: HashMap::new(),
                    in_view: HashSet::new(),
                    fresh: true,
                    away: false,
                    taken_tick: 0,
                    resumed: None,
                    may_wait: false,
                });
            }
            return;
        };
        if client.away {
            if calm || self.rng.random_bool(0.1) {
                self.resume(index);
            }
            return;
        }
        if calm {
            return;
        }
        if self.rng.random_bool(0.01) {
            return self.lose(index);
        }
        if self.rng.random_bool(0.005) {
            self.room.leave(client.player);
            self.clients[index] = None;
        } else if self.rng.random_bool(0.02) {
            // Sometimes for longer than the frame ring lasts.
            client.stalled_until = now + self.rng.random_range(1..50);
        }
    }

    /// Loses a connection, sometimes unnoticed: the client then resumes at once.
    fn lose(&mut self, index: usize) {
        // Messages in flight may still arrive; the client then has every snapshot that was taken.
        if self.rng.random_bool(0.5) {
            self.deliver(index, u32::MAX);
        }
        let client = self.clients[index].as_mut().expect("it is there");
        client.in_flight.clear();
        client.away = self.rng.random_bool(0.7);
        if client.away {
            self.room.hold(client.player);
        } else {
            self.resume(index);
        }
    }

    fn resume(&mut self, index: usize) {
        let client = self.clients[index].as_mut().expect("it is there");
        let mirror_tick = (client.mirror.tick() > 0).then(|| client.mirror.tick());
        self.room.resume(client.player, mirror_tick);
        let continues = mirror_tick == Some(client.taken_tick);
        (client.away, client.resumed) = (false, Some(continues));
        client.may_wait &= continues;
    }

    fn send(&mut self, index: usize, now: u32) {
        let Some(client) = &mut self.clients[index] else { return };
        if client.away || now < client.stalled_until {
            return;
        }
        let Some(message) = self.room.poll_snapshot(client.player).map(<[u8]>::to_vec) else { return };
        if let Some(continues) = client.resumed.take() {
            let is_delta = message[0] & 0b11 != KIND_KEYFRAME;
            let may_be_delta = continues && now - client.taken_tick < TickLimits::LEAST.frame_ring;
            assert!(is_delta == may_be_delta || may_be_delta && client.may_wait);
            self.outcome.resumed_with_delta += u64::from(is_delta);
        }
        client.taken_tick = now;
        self.outcome.sent.extend(&message);
        client.in_flight.push_back((now + client.delay, message, self.room.sight(client.player)));
    }

    /// Applies the snapshots that are due and checks all promises to the client.
    fn deliver(&mut self, index: usize, now: u32) {
        let Some(client) = &mut self.clients[index] else { return };
        while client.in_flight.front().is_some_and(|(due, ..)| *due <= now) {
            let (_, message, sight) = client.in_flight.pop_front().unwrap();
            if self.rng.random_bool(0.002) && now < FROZEN_TICK {
                self.room.handle_resync(client.player);
                client.may_wait = true;
            }
            let applied =
                client.mirror.apply(&message).unwrap_or_else(|error| panic!("client {index}: {error}"));
            self.room.handle_ack(client.player, applied.tick);
            self.outcome.delivered += 1;
            self.outcome.hashes_checked += u64::from(applied.hashes_checked);
            self.outcome.keyframes += u64::from(applied.keyframe);
            self.outcome.skipped += u64::from(applied.areas_skipped);
            if applied.keyframe {
                client.fresh = true;
            }
            check_rows(client, &self.truths, &self.layout);
            check_hidden(client, &sight, &self.truths[&applied.tick], &self.layout);
            self.outcome.crossings +=
                check_continuity(client, &sight, &self.truths[&applied.tick], &self.layout);
            if self.budget_bytes == PLENTY_BYTES {
                assert_eq!(applied.areas_skipped, 0);
                check_complete(client, &sight, &self.truths[&applied.tick], &self.layout);
            }
        }
    }
}

/// The position in a base row of a scout or a rock; `None` for other tables.
fn position(part: usize, row: &[u32], layout: &Layout) -> Option<glam::Vec2> {
    let part = &layout.parts[part];
    let mut whole = vec![0; layout.tables[part.table].width];
    part.put(row, &mut whole);
    match part.table {
        tables::SCOUTS => Some(Scout::dequantize(&whole).position),
        tables::ROCKS => Some(Rock::dequantize(&whole).position),
        _ => None,
    }
}

/// For each row of the mirror, the tick of its area's frame.
fn shown_rows(mirror: &Mirror, layout: &Layout) -> HashMap<Key, u32> {
    let mut shown = HashMap::new();
    for part in 0..layout.parts.len() {
        for (entity, row) in mirror.part_rows(part) {
            let area = mirror.areas().filter(|(class, _)| *class == layout.parts[part].class);
            let ticks = area
                .filter(|(_, frame)| frame.rows(part).get(entity) == Some(row))
                .map(|(_, frame)| frame.tick);
            let before = shown.insert((part, entity), ticks.max().unwrap());
            assert_eq!(before, None, "an entity is in one area, though they be of different ticks");
            assert_eq!(mirror.find(part, entity), Some(row));
        }
    }
    shown
}

/// Each area equals the server's frame of the area's tick, and that tick is recent.
fn check_rows(client: &mut Client, truths: &HashMap<u32, Truth>, layout: &Layout) {
    let tick = client.mirror.tick();
    for (class, frame) in client.mirror.areas() {
        assert!(
            tick - frame.tick < TickLimits::LEAST.frame_ring,
            "no area is skipped for longer than the frame ring lasts"
        );
        for &part in layout.parts_of(class).iter().filter(|&&part| !layout.parts[part].single) {
            for (entity, row) in frame.rows(part).iter() {
                assert_eq!(
                    truths[&frame.tick].get(&(part, entity)).map(Vec::as_slice),
                    Some(row),
                    "mirror == world"
                );
            }
        }
    }
    let shown = shown_rows(&client.mirror, layout);
    for (key, tick) in &shown {
        let before = client.shown.get(key).copied().unwrap_or(0);
        assert!(client.fresh || *tick >= before, "nothing goes back in time");
    }
    client.shown = shown;
}

/// No row that is hidden from the client is in its mirror.
fn check_hidden(client: &Client, sight: &Sight, truth: &Truth, layout: &Layout) {
    let seat = client.player.seat();
    let is_fresh = |part: usize, entity: EntityId| client.shown[&(part, entity)] == client.mirror.tick();
    for (index, part) in layout.parts.iter().enumerate() {
        for (entity, row) in client.mirror.part_rows(index).filter(|(entity, _)| is_fresh(index, *entity)) {
            let base = layout.tables[part.table].parts.start;
            let mut whole = vec![0; layout.tables[part.table].width];
            part.put(row, &mut whole);
            // The mirror's base row may be older and name another owner.
            layout.parts[base].put(&truth[&(base, entity)], &mut whole);
            let (owner, side) = match part.table {
                tables::SCOUTS => {
                    let scout = Scout::dequantize(&whole);
                    (scout.player, scout.side as u32)
                }
                tables::PLANS => {
                    let plan = Plan::dequantize(&whole);
                    (plan.author, plan.side as u32)
                }
                tables::CARDS => (Card::dequantize(&whole).player, 0),
                tables::RATS => {
                    assert_eq!(Rat::dequantize(&whole).floor, u32::from(seat) % FLOORS);
                    continue;
                }
                _ => continue,
            };
            match part.class.audience() {
                Audience::All => {}
                Audience::Team => assert_eq!(Some(side), sight.team),
                Audience::Owner => assert_eq!(owner, client.player),
            }
        }
    }
}

/// An entity that was in view and still is does not disappear from the mirror.
fn check_continuity(client: &mut Client, sight: &Sight, truth: &Truth, layout: &Layout) -> u64 {
    let Some(point) = sight.point else { return 0 };
    let in_view: HashSet<Key> = client
        .shown
        .keys()
        .filter(|(part, entity)| {
            let row = truth.get(&(*part, *entity));
            let at = row.and_then(|row| position(*part, row, layout));
            layout.tables[layout.parts[*part].table].parts.start == *part
                && at.is_some_and(|at| at.distance(point) <= VIEW)
        })
        .copied()
        .collect();
    if !client.fresh {
        for key in &client.in_view {
            let at = truth.get(key).and_then(|row| position(key.0, row, layout));
            if at.is_some_and(|at| at.distance(point) <= VIEW) {
                assert!(client.shown.contains_key(key), "{key:?} was in view, is in view, and is not shown");
            }
        }
    }
    client.fresh = false;
    let crossings = in_view.intersection(&client.in_view).count();
    client.in_view = in_view;
    crossings as u64
}

/// The mirror holds all that the client may see, at its present values, and nothing far away.
fn check_complete(client: &Client, sight: &Sight, truth: &Truth, layout: &Layout) {
    let (seat, point) = (client.player.seat(), sight.point.unwrap());
    let mut seen = 0;
    for ((index, entity), row) in truth {
        let part = &layout.parts[*index];
        let table = &layout.tables[part.table];
        let base = &truth[&(table.parts.start, *entity)];
        let mut whole = vec![0; table.width];
        layout.parts[table.parts.start].put(base, &mut whole);
        let mirrored = client.mirror.find(*index, *entity);
        let (place, owner, side) = match part.table {
            tables::SCOUTS => {
                let scout = Scout::dequantize(&whole);
                (Some(scout.position), scout.player, scout.side as u32)
            }
            tables::ROCKS => (Some(Rock::dequantize(&whole).position), PlayerId::default(), 0),
            tables::PLANS => {
                let mut author = vec![0; table.width];
                author.copy_from_slice(&whole);
                let plan = Plan::dequantize(&author);
                (None, plan.author, plan.side as u32)
            }
            tables::CARDS => (None, Card::dequantize(&whole).player, 0),
            tables::RATS => {
                let here = Rat::dequantize(&whole).floor == u32::from(seat) % FLOORS;
                assert_eq!(mirrored.is_some(), here);
                continue;
            }
            _ => (None, PlayerId::default(), 0),
        };
        let allowed = match part.class.audience() {
            Audience::All => true,
            Audience::Team => Some(side) == sight.team,
            Audience::Owner => owner == client.player,
        };
        let distance = place.map_or(0.0, |at| at.distance(point));
        if allowed && distance <= VIEW {
            assert_eq!(mirrored, Some(row.as_slice()), "a visible row equals the server's");
            seen += 1;
        } else if !allowed || distance > VIEW + 2.5 * CELL {
            assert_eq!(mirrored, None, "{distance}");
        }
    }
    assert!(seen > 3, "a client sees something: {seen}");
    let vanished = |key: &Key| !truth.contains_key(key);
    assert!(!client.shown.keys().any(vanished), "a removed entity is not shown");
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("DRUMLINE_SEED") {
        Ok(seed) => vec![seed.parse().expect("DRUMLINE_SEED is a number")],
        Err(_) => (0..count).collect(),
    }
}

fn run(seed: u64, budget_bytes: u32) -> Outcome {
    println!("DRUMLINE_SEED={seed}, {budget_bytes} bytes");
    Simulation::new(seed, budget_bytes).run()
}

#[test]
fn every_client_sees_exactly_what_it_may() {
    let mut total = Outcome::default();
    for seed in seeds(50) {
        let outcome = run(seed, PLENTY_BYTES);
        total.delivered += outcome.delivered;
        total.hashes_checked += outcome.hashes_checked;
        total.keyframes += outcome.keyframes;
        total.crossings += outcome.crossings;
        total.resumed_with_delta += outcome.resumed_with_delta;
    }
    assert!(total.delivered > 10_000 && total.hashes_checked > 10_000 && total.keyframes > 50, "{total:?}");
    assert!(total.crossings > 10_000, "{}", total.crossings);
    assert!(total.resumed_with_delta > 50, "{}", total.resumed_with_delta);
}

#[test]
fn a_client_short_of_budget_sees_old_states_and_in_the_end_the_present_one() {
    let mut skipped = 0;
    for seed in seeds(10) {
        for budget_bytes in [40, 100, 250] {
            skipped += run(seed, budget_bytes).skipped;
        }
    }
    assert!(skipped > 10_000, "{skipped}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert!(run(7, 150).sent == run(7, 150).sent);
    assert!(run(7, 150).sent != run(8, 150).sent);
}
