//! The arena's rules, seen through a room as a client sees them.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

// The tests' shared modules know the room's crate by its package's name.
extern crate drumline as drumline_room;

#[path = "../../kit/testing/watched.rs"]
mod watched;

use drumline::prelude::*;
use drumline_arena::Arena;
use drumline_arena::messages::{Command, Emote, Event, Reply};
use drumline_arena::world::{Controls, Hull, Phase, Pilot, Rock, Round, Ship, tables};
use glam::Vec2;
use watched::Watched;

fn ship(arena: &Watched<Arena>, player: u16) -> Option<Ship> {
    arena.rows::<Ship>(tables::SHIPS).into_iter().find(|ship| ship.player == PlayerId::first(player))
}

fn pilot(arena: &Watched<Arena>, player: u16) -> Pilot {
    arena
        .rows::<Pilot>(tables::PILOTS)
        .into_iter()
        .find(|pilot| pilot.player == PlayerId::first(player))
        .unwrap()
}

fn round(arena: &Watched<Arena>) -> Round {
    arena.rows(tables::ROUND).remove(0)
}

fn is_over(arena: &Watched<Arena>) -> bool {
    matches!(round(arena).phase, Phase::Finished { .. })
}

/// The input of a hunter that flies to a target, aims at it and fires.
fn hunt(arena: &Watched<Arena>, hunter: u16, target: u16) -> Controls {
    let (Some(hunter), Some(target)) = (ship(arena, hunter), ship(arena, target)) else {
        return Controls::default();
    };
    let towards = target.position - hunter.position;
    Controls { thrust: towards.normalize_or_zero(), aim: towards.to_angle(), fire: true }
}

#[test]
fn a_ship_thrusts_turns_and_stays_in_the_world() {
    let mut arena = Watched::<Arena>::new(1, &[""; 0]);
    arena.tick(&[]);
    let start = ship(&arena, 0).unwrap();
    assert_eq!(start.hull, Hull::Shielded);
    let right = Controls { thrust: Vec2::X, aim: 1.5, fire: false };
    for _ in 0..15 {
        arena.tick(&[(0, right.clone())]);
    }
    let later = ship(&arena, 0).unwrap();
    assert!(later.position.x > start.position.x + 20.0 && later.thrusting);
    assert!((later.heading - 1.5).abs() < 0.01);
    for _ in 0..300 {
        arena.tick(&[(0, right.clone())]);
    }
    assert!(ship(&arena, 0).is_none_or(|ship| ship.position.x <= 2000.0));
}

#[test]
fn a_hunter_kills_and_scores_and_the_victim_respawns() {
    let mut arena = Watched::<Arena>::new(4, &["hunter"]);
    let mut kills = 0;
    for _ in 0..30 * 120 {
        let controls = hunt(&arena, 1, 0);
        arena.tick(&[(0, Controls::default()), (1, controls)]);
        kills = pilot(&arena, 1).kills;
        if kills > 0 {
            break;
        }
    }
    assert_eq!(kills, 1);
    assert!(pilot(&arena, 1).score >= 10);
    assert_eq!(pilot(&arena, 0).deaths, 1);
    assert!(ship(&arena, 0).is_none());
    assert!(arena.events.contains(&Event::Kill { killer: "hunter".into(), victim: "viewer".into() }));
    for _ in 0..30 * 3 {
        arena.tick(&[]);
    }
    assert!(ship(&arena, 0).is_some(), "respawned");
}

#[test]
fn a_shield_lasts_for_some_seconds_or_until_the_ship_fires() {
    let bare = Hull::Bare { health: 100 };
    let mut arena = Watched::<Arena>::new(1, &[""; 0]);
    for _ in 0..70 {
        arena.tick(&[]);
        assert_eq!(ship(&arena, 0).unwrap().hull, Hull::Shielded);
    }
    for _ in 0..10 {
        arena.tick(&[]);
    }
    assert_eq!(ship(&arena, 0).unwrap().hull, bare);

    let mut arena = Watched::<Arena>::new(1, &[""; 0]);
    arena.tick(&[]);
    arena.tick(&[(0, Controls { fire: true, ..Controls::default() })]);
    assert_eq!(ship(&arena, 0).unwrap().hull, bare);
}

#[test]
fn a_pilot_shows_at_most_one_emote_a_second() {
    let mut arena = Watched::<Arena>::new(6, &["other"]);
    let emote = Emote::Cheer;
    let command = Command::Emote { emote };
    arena.tick(&[]);
    for player in [0, 0, 1] {
        arena.command(player, &command);
    }
    arena.tick(&[]);
    let shown =
        |player, name: &str| Event::Emote { player: PlayerId::first(player), name: name.to_owned(), emote };
    assert_eq!(arena.events, [shown(0, "viewer"), shown(1, "other")]);
    assert_eq!(arena.replies, [(1, Reply::Done), (2, Reply::TooSoon { seconds: 1.0 })]);
    for _ in 0..31 {
        arena.tick(&[]);
    }
    arena.command(0, &command);
    arena.tick(&[]);
    assert_eq!(arena.replies[2..], [(3, Reply::Done)]);
}

#[test]
fn a_round_ends_with_a_winner_and_another_begins() {
    let mut arena = Watched::<Arena>::new(5, &["hunter"]);
    arena.tick(&[]);
    assert_eq!((round(&arena).number, round(&arena).phase), (1, Phase::Playing { seconds_left: 180 }));
    while !is_over(&arena) {
        let controls = hunt(&arena, 1, 0);
        arena.tick(&[(1, controls)]);
        assert!(arena.room.current_tick() < 30 * 200);
    }
    assert_eq!(round(&arena).phase, Phase::Finished { winner: Some(PlayerId::first(1)), seconds_left: 8 });
    let won =
        |event: &Event| matches!(event, Event::Round { winner: Some(winner) } if winner.name == "hunter");
    assert!(arena.events.iter().any(won));
    for _ in 0..30 * 9 {
        arena.tick(&[]);
    }
    assert_eq!((round(&arena).number, round(&arena).phase), (2, Phase::Playing { seconds_left: 180 }));
    assert_eq!(pilot(&arena, 1).score, 0);
}

#[test]
fn a_round_is_the_last_one_if_the_server_drains() {
    let mut arena = Watched::<Arena>::new(5, &[""; 0]);
    arena.tick(&[]);
    arena.room.drain(600.0);
    while !arena.room.has_ended() {
        let finished = is_over(&arena);
        arena.tick(&[]);
        assert!(finished || !arena.room.has_ended(), "the winner is shown");
        assert!(arena.room.current_tick() < 30 * 200);
    }
    let last = round(&arena);
    assert_eq!(
        (last.number, last.phase),
        (1, Phase::Finished { winner: None, seconds_left: 0 }),
        "nobody scored"
    );
}

#[test]
fn shots_split_rocks() {
    let mut arena = Watched::<Arena>::new(6, &[""; 0]);
    arena.tick(&[]);
    let rocks = |arena: &Watched<Arena>| arena.rows::<Rock>(tables::ROCKS);
    let before = rocks(&arena).len();
    for _ in 0..30 * 60 {
        let Some(ship) = ship(&arena, 0) else {
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
    assert!(pilot(&arena, 0).score > 0);
}

#[test]
fn a_duel_has_two_seats_and_an_option_sets_the_length_of_rounds() {
    let options = |text: &str| serde_json::from_str::<Options>(text).unwrap();
    assert_eq!(Arena::rules("", &options("{}")).unwrap().max_players, None);
    for (text, seconds) in
        [("{}", 180.0), (r#"{"round_seconds": 60}"#, 60.0), (r#"{"round_seconds": 600}"#, 600.0)]
    {
        let setup = Setup { mode: "duel".into(), options: options(text), ..Setup::new(1) };
        assert_eq!(Arena::rules(&setup.mode, &setup.options).unwrap().max_players, Some(2));
        assert_eq!(Arena::new(&setup).world().round.time_left, seconds);
    }
    for text in ["59", "601", "-60", "60.5", "\"60\"", "null", "[60]"] {
        let wrong = Arena::rules("", &options(&format!(r#"{{"round_seconds": {text}}}"#)));
        assert!(matches!(wrong, Err(SetupError::BadOption { name: "round_seconds", .. })), "{text}");
    }
    assert_eq!(Arena::rules("Duel", &options("{}")), Err(SetupError::UnknownMode("Duel".into())));
    let unknown = Arena::rules("duel", &options(r#"{"round_seconds": 60, "speed": 2}"#));
    assert_eq!(unknown, Err(SetupError::UnknownOption("speed".into())));
}

#[test]
fn the_same_seed_and_inputs_give_the_same_bytes() {
    let play = |seed| {
        let mut arena = Watched::<Arena>::new(seed, &["a", "b", "c"]);
        for _ in 0..600 {
            let controls = [0, 1, 2, 3].map(|player| (player, hunt(&arena, player, (player + 1) % 4)));
            arena.tick(&controls);
        }
        arena.bytes
    };
    assert_eq!(play(9), play(9));
    assert_ne!(play(9), play(10));
}
