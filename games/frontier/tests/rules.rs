//! The frontier's rules, seen through a room as a client sees them.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use drumline::prelude::*;
use drumline::testing::TestRoom;
use drumline_frontier::Frontier;
use drumline_frontier::game::CRYSTALS;
use drumline_frontier::world::{
    Controls, Creature, CreatureKind, Crystal, Leader, MAP_SIZE, Marker, MarkerKind, Mineral, Ship, Shot,
    Stack, Standings, Station,
};
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};
use glam::Vec2;

const NOBODY: [&str; 0] = [];
const SECOND: u32 = 20;

/// A room with the viewer, as player 0, and others, from player 1 on.
fn room(seed: u64, others: &[&str]) -> TestRoom<Frontier> {
    let mut room = TestRoom::with(Setup::new(seed));
    assert_eq!(room.join("viewer"), PlayerId::first(0));
    for name in others {
        room.join(name);
    }
    room
}

/// Advances a tick. Players without an input here keep theirs.
fn tick(room: &mut TestRoom<Frontier>, inputs: &[(u16, Controls)]) {
    for (player, controls) in inputs {
        room.input(PlayerId::first(*player), controls);
    }
    room.tick();
}

fn frontier(seed: u64, others: &[&str]) -> TestRoom<Frontier> {
    let mut frontier = room(seed, others);
    frontier.tick();
    frontier
}

fn ship(frontier: &TestRoom<Frontier>, player: u16) -> Option<Ship> {
    all::<Ship>(frontier, "ships").into_iter().find(|ship| ship.player == PlayerId::first(player))
}

/// All rows of a table, as clients get them.
fn all<T: Replicate>(frontier: &TestRoom<Frontier>, table: &str) -> Vec<T> {
    frontier.all_rows(table).into_iter().map(|(_, row)| row).collect()
}

fn standings(frontier: &TestRoom<Frontier>) -> Standings {
    all(frontier, "standings").remove(0)
}

fn nearest(from: Vec2, places: impl IntoIterator<Item = Vec2>) -> Vec2 {
    places.into_iter().min_by(|a, b| a.distance(from).total_cmp(&b.distance(from))).unwrap()
}

/// Flies a ship to a place and stops there; mines on the way if `mine` is true. Returns false if the ship was destroyed.
fn fly_to(frontier: &mut TestRoom<Frontier>, player: u16, place: Vec2, mine: bool) -> bool {
    for _ in 0..60 * SECOND {
        let Some(ship) = ship(frontier, player) else { return false };
        let towards = place - ship.position;
        if towards.length() < 12.0 {
            return true;
        }
        // Brake near the place.
        let thrust = (towards / 150.0).clamp_length_max(1.0);
        tick(
            frontier,
            &[(player, Controls { thrust, aim: towards.to_angle(), mine, ..Controls::default() })],
        );
    }
    panic!("the ship does not arrive");
}

/// Mines nearby crystals until the ship holds so many pieces. Returns false if the ship was destroyed.
fn mine(frontier: &mut TestRoom<Frontier>, player: u16, pieces: u8) -> bool {
    while let Some(own) = ship(frontier, player) {
        if own.laden() >= pieces {
            return true;
        }
        let crystals = all::<Crystal>(frontier, "crystals");
        let place = nearest(own.position, crystals.iter().map(|crystal| crystal.position));
        if !fly_to(frontier, player, place, true) {
            return false;
        }
        for _ in 0..SECOND {
            tick(frontier, &[(player, Controls { mine: true, ..Controls::default() })]);
        }
    }
    false
}

/// A room whose first pilot lives and holds at least so many pieces. Seeds are tried in order.
fn with_cargo(others: &[&str], pieces: u8) -> TestRoom<Frontier> {
    let rooms = (1..).map(|seed| frontier(seed, others));
    rooms.into_iter().find_map(|mut room| mine(&mut room, 0, pieces).then_some(room)).unwrap()
}

#[test]
fn crystals_are_mined_piece_by_piece_and_grow_elsewhere() {
    let frontier = with_cargo(&NOBODY, 12);
    let own = ship(&frontier, 0).unwrap();
    assert!(own.laden() >= 12);
    let crystals = all::<Crystal>(&frontier, "crystals");
    // No crystal holds more than ten pieces, so at least one was mined out and replaced.
    assert_eq!(crystals.len(), CRYSTALS);
}

#[test]
fn the_cargo_has_a_stack_of_each_mineral_in_the_order_in_which_they_came() {
    let stacks = |frontier: &TestRoom<Frontier>| ship(frontier, 0).map_or_else(Vec::new, |own| own.cargo);
    let mixed = (1..).find_map(|seed| {
        let mut frontier = frontier(seed, &NOBODY);
        mine(&mut frontier, 0, 3).then_some(())?;
        let (own, before) = (ship(&frontier, 0)?, stacks(&frontier));
        let crystals = all::<Crystal>(&frontier, "crystals");
        let others = crystals.iter().filter(|it| before.iter().all(|stack| stack.mineral != it.mineral));
        let place = nearest(own.position, others.map(|crystal| crystal.position));
        fly_to(&mut frontier, 0, place, false).then_some(())?;
        for _ in 0..SECOND {
            tick(&mut frontier, &[(0, Controls { mine: true, ..Controls::default() })]);
        }
        let after = stacks(&frontier);
        (after.len() > before.len()).then_some((before, after))
    });
    let (before, after) = mixed.unwrap();
    let minerals = |stacks: &[Stack]| stacks.iter().map(|stack| stack.mineral).collect::<Vec<_>>();
    assert_eq!(minerals(&after[..before.len()]), minerals(&before));
    assert!(Mineral::ALL.iter().all(|it| minerals(&after).iter().filter(|kind| *kind == it).count() <= 1));
}

#[test]
fn cargo_is_banked_at_a_station_for_the_pilot_and_their_faction() {
    let mut frontier = with_cargo(&NOBODY, 5);
    let own = ship(&frontier, 0).unwrap();
    let stations = all::<Station>(&frontier, "stations");
    assert_eq!(standings(&frontier).ember, 0);
    let station = nearest(own.position, stations.iter().map(|station| station.position));
    assert!(fly_to(&mut frontier, 0, station, false), "seeds are fixed: this one arrives");
    for _ in 0..SECOND {
        frontier.tick();
    }
    let docked = ship(&frontier, 0).unwrap();
    assert_eq!(docked.cargo, []);
    assert!(docked.shielded && docked.energy > 99.0);
    let worth: u32 = own.cargo.iter().map(|stack| u32::from(stack.amount) * stack.mineral.worth()).sum();
    assert_eq!(standings(&frontier).ember, worth);
    assert_eq!(standings(&frontier).pilots, 1);
    let leaders = all::<Leader>(&frontier, "leaders");
    assert_eq!((leaders.len(), leaders[0].rank, &*leaders[0].name), (1, 1, "viewer"));
    assert_eq!(leaders[0].banked, worth);
}

#[test]
fn a_destroyed_ship_drops_half_its_cargo_and_its_pilot_respawns() {
    let mut frontier = with_cargo(&["enemy"], 10);
    let mut last = ship(&frontier, 0).unwrap();
    let around = |frontier: &TestRoom<Frontier>, place: Vec2, mineral: Mineral| {
        let crystals = all::<Crystal>(frontier, "crystals").into_iter();
        let near = crystals.filter(|it| it.mineral == mineral && it.position.distance(place) < 50.0);
        near.map(|crystal| crystal.amount).sum::<u8>()
    };
    for _ in 0..300 * SECOND {
        let Some(own) = ship(&frontier, 0) else { break };
        last = own;
        let controls = ship(&frontier, 1).map_or_else(Controls::default, |enemy| {
            assert_ne!(enemy.faction, last.faction);
            let towards = last.position - enemy.position;
            let fire = towards.length() < 350.0;
            let thrust = (towards.normalize() * (towards.length() - 150.0) / 100.0).clamp_length_max(1.0);
            Controls { thrust, aim: towards.to_angle(), fire, ..Controls::default() }
        });
        tick(&mut frontier, &[(0, Controls::default()), (1, controls)]);
    }
    assert!(ship(&frontier, 0).is_none(), "destroyed");
    for stack in &last.cargo {
        assert!(around(&frontier, last.position, stack.mineral) >= stack.amount / 2, "{stack:?}");
    }
    for _ in 0..5 * SECOND {
        frontier.tick();
    }
    let next = ship(&frontier, 0).unwrap();
    assert_eq!((next.cargo.len(), next.health), (0, 100.0));
}

#[test]
fn the_ship_of_a_pilot_who_is_away_drifts_and_cannot_be_hurt() {
    let mut frontier = frontier(1, &NOBODY);
    let fly = Controls { thrust: Vec2::X, fire: true, mine: true, ..Controls::default() };
    for _ in 0..4 * SECOND {
        tick(&mut frontier, &[(0, fly.clone())]);
    }
    let own = ship(&frontier, 0).unwrap();
    assert!(own.thrusting && own.mining && !own.shielded);
    let viewer = PlayerId::first(0);
    frontier.away(viewer);
    frontier.tick();
    let own = ship(&frontier, 0).unwrap();
    assert!(!own.thrusting && !own.mining && own.shielded);
    for _ in 0..60 * SECOND {
        frontier.tick();
    }
    let later = ship(&frontier, 0).unwrap();
    assert!(later.health >= own.health && later.position.x > own.position.x, "it drifts on");
    frontier.back(viewer);
    for _ in 0..SECOND {
        frontier.tick();
    }
    assert!(!ship(&frontier, 0).unwrap().shielded);
}

#[test]
fn each_press_sets_one_marker_and_markers_expire() {
    let mut frontier = frontier(3, &NOBODY);
    let markers = |frontier: &TestRoom<Frontier>| all::<Marker>(frontier, "markers");
    let press = |mark| [(0, Controls { mark, ..Controls::default() })];
    let own = ship(&frontier, 0).unwrap();
    tick(&mut frontier, &press(true));
    let first = markers(&frontier).remove(0);
    assert_eq!((first.player, first.faction), (PlayerId::first(0), own.faction));
    assert!(first.position.distance(own.position) < 2.0);
    for _ in 0..10 * SECOND {
        tick(&mut frontier, &press(true));
    }
    assert_eq!(markers(&frontier).len(), 1, "a key that is held marks once");
    tick(&mut frontier, &press(false));
    tick(&mut frontier, &press(true));
    assert_eq!(markers(&frontier).len(), 1, "a new marker is in place of the old one");
    for _ in 0..14 * SECOND {
        tick(&mut frontier, &press(false));
    }
    assert_eq!(markers(&frontier).len(), 1, "it counts from the second press");
    for _ in 0..2 * SECOND {
        tick(&mut frontier, &press(false));
    }
    assert!(markers(&frontier).is_empty());
}

#[test]
fn a_markers_kind_follows_from_what_is_near_it() {
    let mut kinds = Vec::new();
    for seed in 0..40 {
        let mut frontier = frontier(seed, &NOBODY);
        let own = ship(&frontier, 0).unwrap().position;
        frontier.tick();
        tick(&mut frontier, &[(0, Controls { mark: true, ..Controls::default() })]);
        let kind = all::<Marker>(&frontier, "markers").remove(0).kind;
        let creatures = all::<Creature>(&frontier, "creatures");
        let near = |creature: &&Creature| creature.position.distance(own) < 340.0;
        if creatures.iter().filter(near).any(|creature| creature.kind == CreatureKind::Hunter) {
            assert_eq!(kind, MarkerKind::Danger);
        }
        kinds.push(kind);
    }
    for kind in [MarkerKind::Rally, MarkerKind::Riches, MarkerKind::Danger] {
        assert!(kinds.contains(&kind), "{kind:?} in {kinds:?}");
    }
}

#[test]
fn hunters_chase_and_bite() {
    let mut frontier = frontier(1, &NOBODY);
    let mut own = ship(&frontier, 0).unwrap();
    while own.health == 100.0 {
        let creatures = all::<Creature>(&frontier, "creatures");
        let hunters = creatures.iter().filter(|creature| creature.kind == CreatureKind::Hunter);
        let towards = nearest(own.position, hunters.map(|hunter| hunter.position)) - own.position;
        // Near enough for the hunter to notice the ship and chase it.
        let thrust = if towards.length() > 150.0 { towards.normalize() } else { Vec2::ZERO };
        tick(&mut frontier, &[(0, Controls { thrust, ..Controls::default() })]);
        own = ship(&frontier, 0).unwrap();
        assert!(frontier.current_tick() < 120 * SECOND);
    }
    let creatures = all::<Creature>(&frontier, "creatures");
    let bites = |it: &Creature| it.alarmed && it.position.distance(own.position) < 60.0;
    assert!(creatures.iter().any(|it| it.kind == CreatureKind::Hunter && bites(it)));
}

#[test]
fn factions_are_filled_evenly_and_a_player_that_leaves_leaves_no_entities() {
    let mut frontier = frontier(5, &["a", "b", "c", "d", "e"]);
    let ships = all::<Ship>(&frontier, "ships");
    for ship in &ships {
        assert_eq!(ships.iter().filter(|other| other.faction == ship.faction).count(), 2);
    }
    let busy = Controls { fire: true, mark: true, ..Controls::default() };
    tick(&mut frontier, &[(1, busy)]);
    frontier.leave(PlayerId::first(1));
    frontier.tick();
    assert!(ship(&frontier, 1).is_none());
    assert_eq!(all::<Shot>(&frontier, "shots").len(), 0);
    assert_eq!(all::<Marker>(&frontier, "markers").len(), 0);
}

#[test]
fn the_same_seed_and_inputs_give_the_same_frames() {
    let play = |seed| {
        let mut hashes = Vec::new();
        let mut frontier = frontier(seed, &["a", "b", "c"]);
        let mut rng = Rng::seed_from_u64(seed);
        for _ in 0..5 * SECOND {
            let inputs = [0, 1, 2, 3].map(|player| (player, any_controls(&mut rng)));
            tick(&mut frontier, &inputs);
            hashes.push(frontier.room().output().frame_hash());
        }
        hashes
    };
    assert_eq!(play(9), play(9));
    assert_ne!(play(9), play(10));
}

#[test]
fn a_thousand_ships_and_all_creatures_stay_on_the_map() {
    let mut frontier = frontier(7, &NOBODY);
    // Nobody looks at what the others are sent.
    for number in 1..1000 {
        frontier.room().join(&format!("pilot {number}")).unwrap();
    }
    let layout = InputLayout::of::<Controls>();
    let (mut row, mut message) = (layout.neutral.clone(), Vec::new());
    let mut rng = Rng::seed_from_u64(7);
    for number in 1..=8 * SECOND {
        let now = frontier.current_tick();
        for player in 1..1000 {
            if number == 1 || rng.random_ratio(1, 40) {
                any_controls(&mut rng).quantize(&mut row);
                let header = InputHeader { number, acked_tick: now, tick: now + 1, view_eighths: 0 };
                write_input(&layout, header, &row, &mut message);
                frontier.room().handle_input(PlayerId::first(player), &message).unwrap();
            }
        }
        frontier.tick();
    }
    // Quantization clamps positions to the map. The rules keep ships a radius away from its edges, so this shows that they do.
    let inside = |place: Vec2| place.min_element() >= 16.5 && place.max_element() <= MAP_SIZE - 16.5;
    let ships = all::<Ship>(&frontier, "ships");
    assert!(ships.len() > 800, "{} ships", ships.len());
    assert!(ships.iter().all(|ship| inside(ship.position)));
    let walls = ships.iter().filter(|ship| ship.position.min_element() < 20.0).count();
    assert!(walls > 0, "some ship has come to a wall");
    let creatures = all::<Creature>(&frontier, "creatures");
    assert_eq!(creatures.len(), 1500);
    assert!(creatures.iter().all(|creature| inside(creature.position)));
}

fn any_controls(rng: &mut Rng) -> Controls {
    Controls {
        thrust: Vec2::from_angle(rng.random_range(0.0..6.3)),
        aim: rng.random_range(0.0..6.3),
        fire: rng.random_bool(0.3),
        mine: rng.random_bool(0.5),
        mark: rng.random_bool(0.1),
    }
}
