//! A room of any game with players who send random inputs, and spectators who lag, stall, leave and return. A spectator's mirror
//! equals the world, and nothing is hidden from it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use drumline_room::{ChatRules, Game, GameSpec, PlayerId, Rng, RngExt, Room, RoomConfig, SeedableRng, Setup};
use drumline_shared::Mirror;
use drumline_shared::frame::EntityId;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::input::{InputHeader, write_input};

/// The settings of a run.
#[derive(Debug, Clone, Copy)]
pub struct Play {
    pub seed: u64,
    pub ticks: u32,
    pub players: usize,
    pub spectators: usize,
}

/// The results of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All bytes that the players were sent.
    pub players: Vec<u8>,
    /// Counts of the spectators' snapshots.
    pub delivered: u64,
    pub hashes_checked: u64,
    pub keyframes: u64,
    pub areas_skipped: u64,
    /// Snapshots that left a mirror equal to the whole world.
    pub complete: u64,
    /// The most rows that each table had then.
    pub rows: BTreeMap<usize, usize>,
}

/// All rows of a tick, by part and entity.
type Truth = HashMap<(usize, EntityId), Vec<u32>>;

struct Onlooker {
    id: PlayerId,
    mirror: Mirror,
    in_flight: VecDeque<(u32, Vec<u8>)>,
    delay: u32,
    stalled_until: u32,
    /// True if the last snapshot left the mirror equal to the whole world.
    sees_all: bool,
}

struct Stage {
    room: Room,
    layout: Arc<Layout>,
    /// The spectators' generator: players must act the same without spectators.
    rng: Rng,
    onlookers: Vec<Option<Onlooker>>,
    truths: HashMap<u32, Truth>,
    outcome: Outcome,
}

/// Plays a game.
pub fn run<G: Game>(play: Play) -> Outcome {
    println!("{}: {play:?}", G::NAME);
    let spec = Arc::new(GameSpec::of::<G>());
    let tick_rate_hz = spec.tick_rate_hz;
    let config = RoomConfig {
        max_players: play.players as u16,
        tick_rate_hz,
        setup: Setup::new(play.seed),
        budget_bytes: 1500,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let layout = spec.layout.clone();
    let mut players = Players::<G>::new(play.seed);
    let mut stage = Stage {
        room: Room::new(spec, config),
        layout,
        rng: Rng::seed_from_u64(!play.seed),
        onlookers: (0..play.spectators).map(|_| None).collect(),
        truths: HashMap::new(),
        outcome: Outcome::default(),
    };
    for index in 0..play.players {
        stage.room.join(&format!("player {index}")).unwrap();
    }
    for now in 1..=play.ticks {
        players.act(&mut stage.room, play.players, now);
        stage.room.tick();
        if play.spectators > 0 {
            stage.remember(now);
        }
        // Spectators take their snapshots first; the players' bytes must not depend on that.
        for index in 0..play.spectators {
            stage.spectate(index, now, play.ticks);
        }
        take(&mut stage.room, play.players, now, &mut stage.outcome.players);
    }
    assert!(
        stage.onlookers.iter().flatten().all(|onlooker| onlooker.sees_all),
        "in the end every mirror equals the world"
    );
    stage.outcome
}

impl Stage {
    fn remember(&mut self, now: u32) {
        let frame = self.room.frame(now).unwrap();
        let rows =
            |part: usize| frame.rows(part).iter().map(move |(entity, row)| ((part, entity), row.to_vec()));
        self.truths.insert(now, (0..self.layout.parts.len()).flat_map(rows).collect());
        self.truths.remove(&now.wrapping_sub(4 * TickLimits::LEAST.frame_ring));
    }

    /// Lets a spectator join, stall or leave, and apply its snapshots.
    fn spectate(&mut self, index: usize, now: u32, ticks: u32) {
        let calm = now + 60 > ticks;
        let Some(onlooker) = &mut self.onlookers[index] else {
            if calm || self.rng.random_bool(0.1) {
                let id = self.room.spectate().expect("there is a free place");
                let (mirror, delay) = (Mirror::new(self.layout.clone(), 30), self.rng.random_range(0..5));
                self.onlookers[index] = Some(Onlooker {
                    id,
                    mirror,
                    in_flight: VecDeque::new(),
                    delay,
                    stalled_until: 0,
                    sees_all: false,
                });
            }
            return;
        };
        if !calm && self.rng.random_bool(0.005) {
            self.room.leave(onlooker.id);
            self.onlookers[index] = None;
            return;
        }
        if !calm && self.rng.random_bool(0.02) {
            // Sometimes for longer than the frame ring lasts.
            onlooker.stalled_until = now + self.rng.random_range(1..50);
        }
        if now >= onlooker.stalled_until
            && let Some(message) = self.room.poll_snapshot(onlooker.id)
        {
            onlooker.in_flight.push_back((now + onlooker.delay, message.to_vec()));
        }
        while onlooker.in_flight.front().is_some_and(|(due, _)| *due <= now) {
            let (_, message) = onlooker.in_flight.pop_front().unwrap();
            if !calm && self.rng.random_bool(0.002) {
                self.room.handle_resync(onlooker.id);
            }
            let applied = onlooker.mirror.apply(&message).expect("a snapshot can be applied");
            self.room.handle_ack(onlooker.id, applied.tick);
            self.outcome.delivered += 1;
            self.outcome.hashes_checked += u64::from(applied.hashes_checked);
            self.outcome.keyframes += u64::from(applied.keyframe);
            self.outcome.areas_skipped += u64::from(applied.areas_skipped);
            onlooker.sees_all = compare(&onlooker.mirror, &self.layout, &self.truths, &mut self.outcome);
        }
    }
}

/// Checks that each row of the mirror equals the world's at its area's tick. Returns true if the mirror equals the whole present
/// world.
fn compare(mirror: &Mirror, layout: &Layout, truths: &HashMap<u32, Truth>, outcome: &mut Outcome) -> bool {
    let now = &truths[&mirror.tick()];
    let (mut shown, mut as_now) = (HashSet::new(), 0);
    for (class, frame) in mirror.areas() {
        for &part in layout.parts_of(class) {
            for (entity, row) in frame.rows(part).iter() {
                let there = |truth: &Truth| truth.get(&(part, entity)).map(Vec::as_slice) == Some(row);
                assert!(there(&truths[&frame.tick]), "mirror == world");
                assert!(shown.insert((part, entity)), "no row is there twice");
                as_now += usize::from(there(now));
            }
        }
    }
    if as_now < now.len() || shown.len() > now.len() {
        return false;
    }
    outcome.complete += 1;
    for table in 0..layout.tables.len() {
        let rows = layout.tables[table].parts.clone().map(|part| mirror.part_rows(part).count());
        let most = outcome.rows.entry(table).or_default();
        *most = (*most).max(rows.min().unwrap());
    }
    true
}

/// Players with random inputs, each held for a while.
struct Players<G: Game> {
    rng: Rng,
    layout: InputLayout,
    number: u32,
    rows: Vec<Vec<u32>>,
    game: std::marker::PhantomData<G>,
}

impl<G: Game> Players<G> {
    fn new(seed: u64) -> Self {
        let layout = InputLayout::of::<G::Input>();
        let (rng, game) = (Rng::seed_from_u64(seed), std::marker::PhantomData);
        Self { rng, layout, number: 0, rows: Vec::new(), game }
    }

    fn act(&mut self, room: &mut Room, players: usize, now: u32) {
        self.number += 1;
        for index in 0..players {
            if index == self.rows.len() || self.rng.random_bool(0.05) {
                let row: Vec<u32> = self
                    .layout
                    .row
                    .columns
                    .iter()
                    .map(|column| self.rng.random_range(0..=column.max))
                    .collect();
                match self.rows.get_mut(index) {
                    Some(held) => *held = row,
                    None => self.rows.push(row),
                }
            }
            let header = InputHeader { number: self.number, acked_tick: now - 1, tick: now, view_eighths: 0 };
            let mut message = Vec::new();
            write_input(&self.layout, header, &self.rows[index], &mut message);
            room.handle_input(PlayerId::first(index as u16), &message).unwrap();
        }
    }
}

/// Takes the players' messages and snapshots. Some players skip some ticks.
fn take(room: &mut Room, players: usize, now: u32, bytes: &mut Vec<u8>) {
    for index in 0..players {
        let player = PlayerId::first(index as u16);
        if index % 3 == 1 && now % 50 > 40 {
            continue;
        }
        while let Some(event) = room.poll_message(player) {
            bytes.extend_from_slice(&event);
        }
        bytes.extend_from_slice(room.poll_snapshot(player).unwrap());
    }
}
