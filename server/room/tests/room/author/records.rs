//! Determinism: the records of a party lead a fresh simulation through the same frames.

use std::sync::Arc;

use drumline_room::testing::TestRoom;
use drumline_room::{
    ChatRules, DEFAULT_BUDGET_BYTES, DEFAULT_OUTBOX_BYTES, Game, GameSpec, JobError, PlayerId, Rng, RngExt,
    RoomConfig, SeedableRng, Setup,
};

use super::party::{Colour, Command, Party, Walk, Whom, dressed};
use crate::replay::Replay;

const SEEDS: u64 = 50;
const TICKS: u32 = 200;

/// Counts of what a party was made of.
#[derive(Debug, Default)]
struct Tally {
    records: usize,
    timers: usize,
    outcomes: usize,
    bots: usize,
    chats: usize,
    refused: usize,
}

/// Does a thing that a player of the room can do.
fn disturb(room: &mut TestRoom<Party>, rng: &mut Rng, here: &mut Vec<PlayerId>) {
    let Some(&player) = here.get(rng.random_range(0..here.len().max(1))) else { return };
    let seconds = rng.random_range(0.0..2.0);
    let name = ["again", "cake", "song"][rng.random_range(0..3)].to_owned();
    let command = match rng.random_range(0..12) {
        0 => Command::After { seconds, name },
        1 => Command::Every { seconds: seconds + 0.5, name },
        2 | 3 => Command::SeatBot { name, yields: rng.random() },
        4 | 5 => Command::Work { times: 2, text: name },
        6 => Command::Kick(room.bots().first().copied().unwrap_or(player)),
        7 => Command::Move { x: rng.random_range(0.0..1000.0), y: 500.0 },
        8 => Command::Shout(Whom::Except(player)),
        9 => return room.input(player, &Walk { steps: rng.random_range(0..100) }),
        10 => {
            room.say(player, ["beer", "wine", "tea"][rng.random_range(0..3)]);
            return;
        }
        _ => Command::MaxPlayers(4),
    };
    room.command(player, &command);
    here.retain(|&player| room.is_here(player));
}

/// Lets players come, go, lose their connections and come back.
fn come_and_go(
    room: &mut TestRoom<Party>,
    rng: &mut Rng,
    here: &mut Vec<PlayerId>,
    away: &mut Vec<PlayerId>,
) {
    here.retain(|&player| room.is_here(player));
    away.retain(|&player| room.is_here(player));
    let index = rng.random_range(0..8);
    match rng.random_range(0..20) {
        0..4 if here.len() + away.len() < 4 => {
            let colour = [Colour::Plain, Colour::Red, Colour::Green][rng.random_range(0..3)];
            // Bots that stay may have the last seats.
            if here.len() + away.len() + room.bots().len() < 4 {
                here.push(room.join_as(dressed("Guest", colour)));
            }
        }
        4 if index < here.len() => room.leave(here.swap_remove(index)),
        5 if index < here.len() => {
            let player = here.swap_remove(index);
            room.away(player);
            away.push(player);
        }
        6 if index < away.len() => {
            let player = away.swap_remove(index);
            room.back(player);
            here.push(player);
        }
        _ => {}
    }
}

fn play(seed: u64, tally: &mut Tally) {
    let config = RoomConfig {
        max_players: Party::MAX_PLAYERS,
        tick_rate_hz: Party::TICK_RATE_HZ,
        setup: Setup::new(seed),
        budget_bytes: DEFAULT_BUDGET_BYTES,
        outbox_bytes: DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    let mut room = TestRoom::<Party>::with(Setup::new(seed));
    let mut replay = Replay::new(&Arc::new(GameSpec::of::<Party>()), &config);
    let mut rng = Rng::seed_from_u64(seed);
    let (mut here, mut away) = (vec![room.join("First")], Vec::new());
    let mut jobs = Vec::new();
    for _ in 0..TICKS {
        come_and_go(&mut room, &mut rng, &mut here, &mut away);
        if rng.random_bool(0.5) {
            disturb(&mut room, &mut rng, &mut here);
        }
        jobs.extend(room.jobs());
        if !jobs.is_empty() && rng.random_bool(0.3) {
            let (id, work) = jobs.swap_remove(rng.random_range(0..jobs.len()));
            room.finish(id, if rng.random() { Ok(work.0) } else { Err(JobError::TimedOut) });
        }
        room.tick();
        replay.keep(room.room());
        tally.refused += room.removed().iter().filter(|removed| removed.reason.contains("wears")).count();
    }
    for line in &room.game().log {
        tally.timers += usize::from(line.starts_with("timer"));
        tally.outcomes += usize::from(line.starts_with("outcome"));
        tally.bots += usize::from(line.starts_with("bot sees"));
        tally.chats += usize::from(line.starts_with("say"));
    }
    tally.records += replay.check();
}

#[test]
fn records_of_everything_replay_to_the_same_frames() {
    let mut tally = Tally::default();
    (0..SEEDS).for_each(|seed| play(seed, &mut tally));
    println!("{tally:?}");
    let Tally { records, timers, outcomes, bots, chats, refused } = tally;
    assert_eq!(records, SEEDS as usize * TICKS as usize);
    assert!(timers > 1000 && outcomes > 300 && bots > 3000 && chats > 100 && refused > 20, "all in play");
}
