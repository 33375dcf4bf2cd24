//! The arena's rules, seen through a room as a client sees them.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use drumline::prelude::*;
use drumline::testing::TestRoom;
use drumline_arena::Arena;
use drumline_arena::messages::{Command, Emote, Event, Reply};
use drumline_arena::world::{Controls, Hull, Phase, Pilot, Rock, Round, Ship, Shot};
use glam::Vec2;
use serde_json::json;

const VIEWER: PlayerId = PlayerId::first(0);

/// A room with the viewer, as player 0, and others, from player 1 on.
fn room(seed: u64, others: &[&str]) -> TestRoom<Arena> {
    let mut room = TestRoom::with(Setup::new(seed));
    assert_eq!(room.join("viewer"), PlayerId::first(0));
    for name in others {
        room.join(name);
    }
    room
}

/// Advances a tick. Players without an input here keep theirs.
fn tick(room: &mut TestRoom<Arena>, inputs: &[(u16, Controls)]) {
    for (player, controls) in inputs {
        room.input(PlayerId::first(*player), controls);
    }
    room.tick();
}

/// All rows of a table, as clients get them.
fn all<T: Replicate>(arena: &TestRoom<Arena>, table: &str) -> Vec<T> {
    arena.all_rows(table).into_iter().map(|(_, row)| row).collect()
}

fn ship(arena: &TestRoom<Arena>, player: u16) -> Option<Ship> {
    all(arena, "ships").into_iter().find(|ship: &Ship| ship.player == PlayerId::first(player))
}

fn pilot(arena: &TestRoom<Arena>, player: u16) -> Pilot {
    let mut pilots = all(arena, "pilots").into_iter();
    pilots.find(|pilot: &Pilot| pilot.player == PlayerId::first(player)).unwrap()
}

fn round(arena: &TestRoom<Arena>) -> Round {
    all(arena, "round").remove(0)
}

fn is_over(arena: &TestRoom<Arena>) -> bool {
    matches!(round(arena).phase, Phase::Finished { .. })
}

/// The input of a hunter that flies to a target, aims at it and fires.
fn hunt(arena: &TestRoom<Arena>, hunter: u16, target: u16) -> Controls {
    let (Some(hunter), Some(target)) = (ship(arena, hunter), ship(arena, target)) else {
        return Controls::default();
    };
    let towards = target.position - hunter.position;
    Controls { thrust: towards.normalize_or_zero(), aim: towards.to_angle(), fire: true }
}

#[test]
fn a_ship_thrusts_turns_and_stays_in_the_world() {
    let mut arena = room(1, &[]);
    arena.tick();
    let start = ship(&arena, 0).unwrap();
    assert_eq!(start.hull, Hull::Shielded);
    let right = Controls { thrust: Vec2::X, aim: 1.5, fire: false };
    for _ in 0..15 {
        tick(&mut arena, &[(0, right.clone())]);
    }
    let later = ship(&arena, 0).unwrap();
    assert!(later.position.x > start.position.x + 20.0 && later.thrusting);
    assert!((later.heading - 1.5).abs() < 0.01);
    for _ in 0..300 {
        tick(&mut arena, &[(0, right.clone())]);
    }
    assert!(ship(&arena, 0).is_none_or(|ship| ship.position.x <= 2000.0));
}

#[test]
fn a_hunter_kills_and_scores_and_the_victim_respawns() {
    let mut arena = room(4, &["hunter"]);
    let mut kills = 0;
    for _ in 0..30 * 120 {
        let controls = hunt(&arena, 1, 0);
        tick(&mut arena, &[(0, Controls::default()), (1, controls)]);
        kills = pilot(&arena, 1).kills;
        if kills > 0 {
            break;
        }
    }
    assert_eq!(kills, 1);
    assert!(pilot(&arena, 1).score >= 10);
    assert_eq!(pilot(&arena, 0).deaths, 1);
    assert!(ship(&arena, 0).is_none());
    assert!(arena.events(VIEWER).contains(&Event::Kill { killer: "hunter".into(), victim: "viewer".into() }));
    for _ in 0..30 * 3 {
        arena.tick();
    }
    assert!(ship(&arena, 0).is_some(), "respawned");
}

#[test]
fn a_shield_lasts_for_some_seconds_or_until_the_ship_fires() {
    let bare = Hull::Bare { health: 100 };
    let mut arena = room(1, &[]);
    for _ in 0..70 {
        arena.tick();
        assert_eq!(ship(&arena, 0).unwrap().hull, Hull::Shielded);
    }
    for _ in 0..10 {
        arena.tick();
    }
    assert_eq!(ship(&arena, 0).unwrap().hull, bare);

    let mut arena = room(1, &[]);
    arena.tick();
    tick(&mut arena, &[(0, Controls { fire: true, ..Controls::default() })]);
    assert_eq!(ship(&arena, 0).unwrap().hull, bare);
}

#[test]
fn a_pilot_shows_at_most_one_emote_a_second() {
    let mut arena = room(6, &["other"]);
    let emote = Emote::Cheer;
    let command = Command::Emote { emote };
    arena.tick();
    for player in [0, 0, 1] {
        arena.command(PlayerId::first(player), &command);
    }
    arena.tick();
    let shown =
        |player, name: &str| Event::Emote { player: PlayerId::first(player), name: name.to_owned(), emote };
    assert_eq!(arena.events(VIEWER), [shown(0, "viewer"), shown(1, "other")]);
    assert_eq!(arena.replies(VIEWER), [(1, Ok(Reply::Done)), (2, Ok(Reply::TooSoon { seconds: 1.0 }))]);
    for _ in 0..31 {
        arena.tick();
    }
    arena.command(VIEWER, &command);
    arena.tick();
    assert_eq!(arena.replies(VIEWER), [(3, Ok(Reply::Done))]);
}

#[test]
fn a_round_ends_with_a_winner_and_another_begins() {
    let mut arena = room(5, &["hunter"]);
    arena.tick();
    assert_eq!((round(&arena).number, round(&arena).phase), (1, Phase::Playing { seconds_left: 180 }));
    while !is_over(&arena) {
        let controls = hunt(&arena, 1, 0);
        tick(&mut arena, &[(1, controls)]);
        assert!(arena.current_tick() < 30 * 200);
    }
    assert_eq!(round(&arena).phase, Phase::Finished { winner: Some(PlayerId::first(1)), seconds_left: 8 });
    let won =
        |event: &Event| matches!(event, Event::Round { winner: Some(winner) } if winner.name == "hunter");
    assert!(arena.events(VIEWER).iter().any(won));
    for _ in 0..30 * 9 {
        arena.tick();
    }
    assert_eq!((round(&arena).number, round(&arena).phase), (2, Phase::Playing { seconds_left: 180 }));
    assert_eq!(pilot(&arena, 1).score, 0);
}

#[test]
fn a_round_is_the_last_one_if_the_server_drains() {
    let mut arena = room(5, &[]);
    arena.tick();
    arena.room().drain(600.0);
    while arena.end_reason().is_none() {
        let finished = is_over(&arena);
        arena.tick();
        assert!(finished || arena.end_reason().is_none(), "the winner is shown");
        assert!(arena.current_tick() < 30 * 200);
    }
    let last = round(&arena);
    assert_eq!(
        (last.number, last.phase),
        (1, Phase::Finished { winner: None, seconds_left: 0 }),
        "nobody scored"
    );
}

#[test]
fn the_ship_of_a_pilot_who_is_away_drifts_and_cannot_be_hit() {
    let mut arena = room(4, &["hunter"]);
    arena.input(VIEWER, &Controls { thrust: Vec2::X * 0.25, aim: 1.5, fire: false });
    arena.seconds(3.0);
    let before = ship(&arena, 0).unwrap();
    assert!(before.thrusting && before.hull != Hull::Shielded);
    arena.away(VIEWER);
    arena.tick();
    let adrift = ship(&arena, 0).unwrap();
    assert!(!adrift.thrusting && adrift.position.x > before.position.x);
    let mut hits = 0;
    for _ in 0..30 * 60 {
        let controls = hunt(&arena, 1, 0);
        let (before, after) = (all::<Shot>(&arena, "shots"), ship(&arena, 0).unwrap());
        hits += before.iter().filter(|shot| shot.position.distance(after.position) < 10.0).count();
        tick(&mut arena, &[(1, controls)]);
    }
    assert!(hits > 5, "{hits} shots were inside of the ship");
    let later = ship(&arena, 0).unwrap();
    assert_eq!((later.hull, later.heading), (adrift.hull, adrift.heading));
    arena.back(VIEWER);
    while pilot(&arena, 0).deaths == 0 {
        let controls = hunt(&arena, 1, 0);
        tick(&mut arena, &[(1, controls)]);
        assert!(arena.current_tick() < 30 * 150, "it can be hit again");
    }
}

#[test]
fn a_rock_does_not_hurt_the_ship_of_a_pilot_who_is_away() {
    let mut arena = room(6, &[]);
    arena.seconds(4.0);
    let hull = ship(&arena, 0).unwrap().hull;
    // To the nearest rock …
    let towards_rock = |arena: &TestRoom<Arena>| {
        let own = ship(arena, 0).unwrap();
        let rocks = all::<Rock>(arena, "rocks").into_iter();
        let towards = rocks.map(|rock| (rock.position - own.position, rock.size.radius() + 18.0));
        towards.min_by(|(a, _), (b, _)| a.length().total_cmp(&b.length())).unwrap()
    };
    while let (towards, reach) = towards_rock(&arena)
        && towards.length() > reach + 30.0
    {
        tick(&mut arena, &[(0, Controls { thrust: towards.normalize(), ..Controls::default() })]);
    }
    // … and through it.
    arena.away(VIEWER);
    let mut touches = 0;
    for _ in 0..30 * 5 {
        arena.tick();
        let (towards, reach) = towards_rock(&arena);
        touches += usize::from(towards.length() < reach);
    }
    assert!(touches > 0);
    assert_eq!(ship(&arena, 0).unwrap().hull, hull);
}

#[test]
fn lists_of_rooms_show_the_phase_and_the_leader() {
    let mut arena = room(5, &["hunter"]);
    arena.tick();
    let playing =
        |leader: Option<&str>, score: u32| json!({ "phase": "playing", "leader": leader, "score": score });
    assert_eq!(arena.metadata(), Some(&playing(None, 0)));
    let mut changes = 0;
    while !is_over(&arena) {
        let controls = hunt(&arena, 1, 0);
        tick(&mut arena, &[(1, controls)]);
        changes += arena.room().output().actions.len();
        let score = pilot(&arena, 1).score;
        let leader = (score > 0).then_some("hunter");
        if !is_over(&arena) {
            assert_eq!(arena.metadata(), Some(&playing(leader, score)));
        }
    }
    let score = pilot(&arena, 1).score;
    let over = json!({ "phase": "finished", "leader": "hunter", "score": score });
    assert_eq!(arena.metadata(), Some(&over));
    println!("{score} points, {changes} changes");
}

#[test]
fn bots_play_along_and_give_way() {
    let options = json!({ "bots": 3 }).as_object().unwrap().clone();
    let mut arena = TestRoom::<Arena>::with(Setup { options: options.clone(), ..Setup::new(1) });
    let viewer = arena.join("viewer");
    arena.seconds(31.0);
    let names = |arena: &TestRoom<Arena>| {
        all::<Pilot>(arena, "pilots").into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&arena), ["viewer", "Rook", "Comet", "Bramble"]);
    let scores: u32 = all::<Pilot>(&arena, "pilots").iter().map(|pilot| pilot.score).sum();
    assert!(scores > 0, "bots hit things");
    arena.leave(arena.bots()[1]);
    arena.seconds(1.0);
    assert_eq!(arena.bots().len(), 2);
    arena.seconds(5.0);
    assert!(names(&arena).contains(&"Comet".to_owned()), "another one comes");
    assert!(arena.is_here(viewer));

    // In a duel the last seat is the player's.
    let mut duel = TestRoom::<Arena>::with(Setup { mode: "duel".into(), options, ..Setup::new(1) });
    duel.join("one");
    duel.seconds(6.0);
    assert_eq!(duel.bots().len(), 1);
    duel.join("two");
    duel.seconds(6.0);
    assert_eq!(duel.bots().len(), 0);
}

#[test]
fn the_option_for_bots_is_checked_and_normalised() {
    let rules = |text: &str| Arena::rules("", &serde_json::from_str(text).unwrap());
    assert_eq!(rules(r#"{"bots": 0}"#).unwrap().options, Some(Options::new()));
    assert!(rules(r#"{"bots": 8}"#).unwrap().options.unwrap().contains_key("bots"));
    for text in ["9", "-1", "2.5", "\"2\"", "null"] {
        let wrong = rules(&format!(r#"{{"bots": {text}}}"#));
        assert!(matches!(wrong, Err(SetupError::BadOption { name: "bots", .. })), "{text}");
    }
}

#[test]
fn shots_split_rocks() {
    let mut arena = room(6, &[]);
    arena.tick();
    let rocks = |arena: &TestRoom<Arena>| all::<Rock>(arena, "rocks");
    let before = rocks(&arena).len();
    for _ in 0..30 * 60 {
        let Some(ship) = ship(&arena, 0) else {
            arena.tick();
            continue;
        };
        let nearest = rocks(&arena)
            .into_iter()
            .min_by(|a, b| a.position.distance(ship.position).total_cmp(&b.position.distance(ship.position)));
        let towards = nearest.unwrap().position - ship.position;
        let controls =
            Controls { thrust: Vec2::ZERO, aim: towards.to_angle(), fire: towards.length() < 600.0 };
        tick(&mut arena, &[(0, controls)]);
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
fn the_same_seed_and_inputs_give_the_same_frames() {
    let play = |seed| {
        let mut hashes = Vec::new();
        let mut arena = room(seed, &["a", "b", "c"]);
        for _ in 0..600 {
            let controls = [0, 1, 2, 3].map(|player| (player, hunt(&arena, player, (player + 1) % 4)));
            tick(&mut arena, &controls);
            hashes.push(arena.room().output().frame_hash());
        }
        hashes
    };
    assert_eq!(play(9), play(9));
    assert_ne!(play(9), play(10));
}
