//! The arena's rules, seen through a room as a client sees them.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use drumline_arena::Arena;
use drumline_arena::world::{Controls, Phase, Pilot, Rock, Round, Ship, tables};
use drumline_room::{DEFAULT_BUDGET_BYTES, GameSpec, PlayerId, Room, RoomConfig};
use drumline_shared::input::{InputHeader, write_input};
use drumline_shared::layout::RowLayout;
use drumline_shared::messages::{ServerMessage, read_control};
use drumline_shared::{Mirror, Replicate};
use glam::Vec2;

/// A room, and one client that watches it.
struct Watched {
    room: Room,
    mirror: Mirror,
    viewer: PlayerId,
    numbers: Vec<u32>,
    events: Vec<(String, String)>,
    bytes: Vec<u8>,
}

impl Watched {
    fn new(seed: u64, others: &[&str]) -> Self {
        let spec = GameSpec::of::<Arena>();
        let mirror = Mirror::new(spec.layout.clone());
        let config = RoomConfig {
            id: "r".into(),
            max_players: 32,
            tick_rate_hz: 30,
            seed,
            budget_bytes: DEFAULT_BUDGET_BYTES,
        };
        let mut room = Room::new(Arc::new(spec), config);
        let viewer = room.join("viewer").unwrap();
        for name in others {
            room.join(name).unwrap();
        }
        Self {
            room,
            mirror,
            viewer,
            numbers: vec![0; others.len() + 1],
            events: Vec::new(),
            bytes: Vec::new(),
        }
    }

    fn tick(&mut self, controls: &[(u16, Controls)]) {
        for (player, controls) in controls {
            let mut row = [0; 4];
            controls.quantize(&mut row);
            let number = &mut self.numbers[usize::from(*player)];
            *number += 1;
            let now = self.room.current_tick();
            let header = InputHeader { number: *number, acked_tick: now, tick: now + 1 };
            let mut message = Vec::new();
            let layout = RowLayout::new(Controls::FIELDS).unwrap();
            write_input(&layout, header, &row, &mut message);
            self.room.handle_input(PlayerId(*player), &message).unwrap();
        }
        self.room.tick();
        while let Some(event) = self.room.poll_event(self.viewer) {
            let Ok(ServerMessage::Event(event)) = read_control(&event) else { panic!("an event") };
            self.events.push((event.name, event.text));
        }
        let message = self.room.poll_snapshot(self.viewer).unwrap();
        self.bytes.extend(message);
        let applied = self.mirror.apply(message).unwrap();
        self.room.handle_ack(self.viewer, applied.tick);
    }

    fn ship(&self, player: u16) -> Option<Ship> {
        self.mirror.rows::<Ship>(tables::SHIPS).map(|(_, ship)| ship).find(|ship| ship.player == player)
    }

    fn pilot(&self, player: u16) -> Pilot {
        self.mirror
            .rows::<Pilot>(tables::PILOTS)
            .map(|(_, pilot)| pilot)
            .find(|p| p.player == player)
            .unwrap()
    }

    fn round(&self) -> Round {
        self.mirror.rows::<Round>(tables::ROUND).next().unwrap().1
    }

    /// What a hunter does about a target: fly to it, aim at it, fire.
    fn hunt(&self, hunter: u16, target: u16) -> Controls {
        let (Some(hunter), Some(target)) = (self.ship(hunter), self.ship(target)) else {
            return Controls::default();
        };
        let towards = target.position - hunter.position;
        Controls { thrust: towards.normalize_or_zero(), aim: towards.to_angle(), fire: true }
    }
}

#[test]
fn a_ship_thrusts_turns_and_stays_in_the_world() {
    let mut arena = Watched::new(1, &[]);
    arena.tick(&[]);
    let start = arena.ship(0).unwrap();
    assert!(start.shielded);
    let right = Controls { thrust: Vec2::X, aim: 1.5, fire: false };
    for _ in 0..15 {
        arena.tick(&[(0, right.clone())]);
    }
    let later = arena.ship(0).unwrap();
    assert!(later.position.x > start.position.x + 20.0 && later.thrusting);
    assert!((later.heading - 1.5).abs() < 0.01);
    for _ in 0..300 {
        arena.tick(&[(0, right.clone())]);
    }
    assert!(arena.ship(0).is_none_or(|ship| ship.position.x <= 2000.0));
}

#[test]
fn a_hunter_kills_scores_and_the_victim_comes_back() {
    let mut arena = Watched::new(4, &["hunter"]);
    let mut kills = 0;
    for _ in 0..30 * 120 {
        let controls = arena.hunt(1, 0);
        arena.tick(&[(0, Controls::default()), (1, controls)]);
        kills = arena.pilot(1).kills;
        if kills > 0 {
            break;
        }
    }
    assert_eq!(kills, 1);
    assert!(arena.pilot(1).score >= 10);
    assert_eq!(arena.pilot(0).deaths, 1);
    assert!(arena.ship(0).is_none());
    assert!(arena.events.contains(&("kill".into(), "hunter destroyed viewer".into())));
    for _ in 0..30 * 3 {
        arena.tick(&[]);
    }
    assert!(arena.ship(0).is_some(), "respawned");
}

#[test]
fn a_round_ends_with_a_winner_and_another_begins() {
    let mut arena = Watched::new(5, &["hunter"]);
    arena.tick(&[]);
    assert_eq!((arena.round().number, arena.round().seconds_left), (1, 180));
    while arena.round().phase == Phase::Playing {
        let controls = arena.hunt(1, 0);
        arena.tick(&[(1, controls)]);
        assert!(arena.room.current_tick() < 30 * 200);
    }
    assert_eq!(arena.round().winner, 1);
    assert!(arena.events.iter().any(|(name, text)| name == "round" && text.starts_with("hunter wins")));
    for _ in 0..30 * 9 {
        arena.tick(&[]);
    }
    assert_eq!((arena.round().number, arena.round().phase), (2, Phase::Playing));
    assert_eq!(arena.pilot(1).score, 0);
}

#[test]
fn shots_split_rocks() {
    let mut arena = Watched::new(6, &[]);
    arena.tick(&[]);
    let rocks =
        |arena: &Watched| arena.mirror.rows::<Rock>(tables::ROCKS).map(|(_, rock)| rock).collect::<Vec<_>>();
    let before = rocks(&arena).len();
    for _ in 0..30 * 60 {
        let Some(ship) = arena.ship(0) else {
            arena.tick(&[]);
            continue;
        };
        let nearest = rocks(&arena)
            .into_iter()
            .min_by(|a, b| a.position.distance(ship.position).total_cmp(&b.position.distance(ship.position)));
        let towards = nearest.unwrap().position - ship.position;
        let controls =
            Controls { thrust: Vec2::ZERO, aim: towards.to_angle(), fire: towards.length() < 600.0 };
        arena.tick(&[(0, controls)]);
        if rocks(&arena).len() > before {
            break;
        }
    }
    assert!(rocks(&arena).len() > before);
    assert!(arena.pilot(0).score > 0);
}

#[test]
fn the_same_seed_and_inputs_give_the_same_bytes() {
    let play = |seed| {
        let mut arena = Watched::new(seed, &["a", "b", "c"]);
        for _ in 0..600 {
            let controls = [0, 1, 2, 3].map(|player| (player, arena.hunt(player, (player + 1) % 4)));
            arena.tick(&controls);
        }
        arena.bytes
    };
    assert_eq!(play(9), play(9));
    assert_ne!(play(9), play(10));
}
