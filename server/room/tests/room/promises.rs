//! A room's promises to its players, a test for each.

use std::sync::Arc;

use crate::herd::{Herd, Poke};
use drumline_room::{
    ChatRules, GameSpec, InputVerdict, JoinError, KickReason, NameError, PlayerId, Rng, RngExt, Room,
    RoomConfig, SeedableRng, Setup, TextError,
};
use drumline_shared::error::DecodeError;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::wire::snapshot::{InputAck, KIND_KEYFRAME, Snapshot};
use drumline_shared::{Mirror, Replicate};
use proptest::prelude::*;

fn room(max_players: u16) -> Room {
    let config = RoomConfig {
        max_players,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: 4096,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    };
    Room::new(Arc::new(GameSpec::of::<Herd>()), config)
}

fn layout() -> Arc<Layout> {
    GameSpec::of::<Herd>().layout
}

fn ack_in(message: &[u8]) -> Option<InputAck> {
    let mut snapshot = Snapshot::default();
    snapshot.read(message, 1).unwrap();
    snapshot.ack
}

fn is_keyframe(message: &[u8]) -> bool {
    message[0] & 0b11 == KIND_KEYFRAME
}

fn poke(number: u32, acked_tick: u32, tick: u32) -> Vec<u8> {
    let mut row = [0];
    Poke { strength: 3 }.quantize(&mut row);
    let mut message = Vec::new();
    let layout = InputLayout::of::<Poke>();
    let header = InputHeader { number, acked_tick, tick, view_eighths: 0 };
    write_input(&layout, header, &row, &mut message);
    message
}

#[test]
fn clients_with_the_same_baseline_share_the_same_bytes() {
    let mut room = room(200);
    let players: Vec<PlayerId> = (0..200).map(|n| room.join(&format!("p{n}")).unwrap()).collect();
    for tick in 1..=10 {
        room.tick();
        let first = room.poll_snapshot(players[0]).unwrap().to_vec();
        assert!(players[1..].iter().all(|&player| room.poll_snapshot(player).unwrap() == first));
        assert_eq!(room.stats().blocks_encoded, tick, "one block a tick for two hundred clients");
    }
}

#[test]
fn a_full_room_and_a_bad_name_are_refused() {
    let mut room = room(2);
    assert_eq!(room.join("a\u{7}"), Err(JoinError::Name(NameError::Character(TextError::Control))));
    let first = room.join("a").unwrap();
    room.join("b").unwrap();
    assert_eq!(room.join("c"), Err(JoinError::Full));
    room.leave(first);
    room.leave(first);
    assert_eq!(room.join("c").unwrap().seat(), first.seat(), "the lowest free seat");
}

#[test]
fn a_snapshot_acknowledges_the_consumed_input_and_its_slack() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    room.tick();
    assert_eq!(ack_in(room.poll_snapshot(player).unwrap()), None);
    assert_eq!(room.handle_input(player, &poke(1, 1, 4)), Ok(InputVerdict::Accepted));
    for _ in 2..=4 {
        room.tick();
    }
    let ack = ack_in(room.poll_snapshot(player).unwrap()).unwrap();
    assert_eq!((ack.number, ack.slack_ticks), (1, 2));
}

#[test]
fn a_baseline_that_has_left_the_ring_forces_a_keyframe() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    room.tick();
    assert!(is_keyframe(room.poll_snapshot(player).unwrap()), "a joiner starts with one");
    for _ in 0..TickLimits::LEAST.frame_ring - 1 {
        room.tick();
    }
    assert!(!is_keyframe(room.poll_snapshot(player).unwrap()), "the ring still has the baseline");
    room.handle_ack(player, room.current_tick());
    for _ in 0..TickLimits::LEAST.frame_ring {
        room.tick();
    }
    assert!(is_keyframe(room.poll_snapshot(player).unwrap()));
}

#[test]
fn snapshots_coalesce_while_those_of_a_second_are_unacknowledged() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    let mut mirror = Mirror::new(layout(), 30);
    let mut taken = Vec::new();
    for _ in 0..100 {
        room.tick();
        taken.extend(room.poll_snapshot(player).map(<[u8]>::to_vec));
    }
    assert_eq!(taken.len(), 30, "no more than a second of them is in flight");
    for message in &taken {
        mirror.apply(message).unwrap();
    }
    room.handle_ack(player, 500);
    assert_eq!(
        room.poll_snapshot(player),
        None,
        "the acknowledgement of a snapshot that was never sent has no effect"
    );
    room.handle_ack(player, mirror.tick());
    mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
    assert_eq!(Some(mirror.public()), room.frame(100), "one snapshot brings the mirror up to date");
}

#[test]
fn a_client_that_acknowledges_nothing_is_kicked() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    while room.kick_reason(player).is_none() {
        room.tick();
        while room.poll_message(player).is_some() {}
        room.poll_snapshot(player);
    }
    assert_eq!((room.kick_reason(player), room.current_tick()), (Some(KickReason::TooSlow), 601));
}

#[test]
fn a_resync_brings_a_keyframe_but_not_twice_a_second() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    let mut keyframes = Vec::new();
    for tick in 1..=60 {
        room.handle_resync(player);
        room.handle_ack(player, room.current_tick());
        room.tick();
        if is_keyframe(room.poll_snapshot(player).unwrap()) {
            keyframes.push(tick);
        }
    }
    assert_eq!(keyframes, [1, 31]);
    assert_eq!(room.stats().mismatches_reported, 3, "repetitions are not counted");
}

#[test]
fn a_resync_too_soon_is_remembered_even_by_a_client_that_can_acknowledge_nothing() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    for _ in 0..5 {
        room.handle_resync(player);
        room.tick();
        room.poll_snapshot(player);
    }
    // The client sends nothing more.
    let mut keyframes = 0;
    for _ in 0..200 {
        room.tick();
        keyframes += u32::from(room.poll_snapshot(player).is_some_and(is_keyframe));
    }
    assert_eq!(keyframes, 1);
}

#[test]
fn a_hash_goes_out_once_a_second_and_with_every_catch_up() {
    let mut room = room(2);
    let steady = room.join("steady").unwrap();
    let slow = room.join("slow").unwrap();
    let mut mirrors = [(); 2].map(|()| Mirror::new(layout(), 30));
    let mut checked = [0; 2];
    for tick in 1..=90 {
        room.tick();
        let due = [(steady, true), (slow, tick % 4 == 0)];
        for (index, (player, _)) in due.into_iter().enumerate().filter(|(_, (_, due))| *due) {
            let message = room.poll_snapshot(player).unwrap();
            checked[index] += mirrors[index].apply(message).unwrap().hashes_checked;
            room.handle_ack(player, tick);
        }
    }
    assert_eq!(checked, [1 + 3, 22], "the keyframe and one a second; all snapshots of the slow client");
}

#[test]
fn the_baselines_of_a_tick_are_capped_and_every_client_gets_its_snapshots() {
    const CLIENTS: u32 = 200;
    let mut room = room(CLIENTS as u16);
    let players: Vec<PlayerId> = (0..CLIENTS).map(|n| room.join(&format!("p{n}")).unwrap()).collect();
    let mut mirrors: Vec<Mirror> =
        players.iter().map(|_| Mirror::new(GameSpec::of::<Herd>().layout, 30)).collect();
    let mut rng = Rng::seed_from_u64(4);
    let (mut waited, mut longest) = (vec![0; CLIENTS as usize], 0);
    for _ in 0..300 {
        let before = room.stats().blocks_encoded;
        room.tick();
        let now = room.current_tick();
        for (index, &player) in players.iter().enumerate() {
            // Each takes its snapshots at times of its own, so that baselines are of all ages.
            if rng.random_bool(0.9) {
                continue;
            }
            let Some(snapshot) = room.poll_snapshot(player) else {
                waited[index] += 1;
                longest = longest.max(waited[index]);
                continue;
            };
            waited[index] = 0;
            mirrors[index].apply(snapshot).unwrap();
            assert_eq!(Some(mirrors[index].public()), room.frame(now), "mirror == world");
            room.handle_ack(player, now);
        }
        // Sixteen old ones, one whole, and three that differ in the frames before the last tick.
        assert!(room.stats().blocks_encoded - before <= 20, "in tick {now}");
    }
    assert!(longest < 10, "nobody waits for long: {longest} attempts");
}

#[test]
fn a_client_that_keeps_sending_inputs_for_the_far_future_is_kicked() {
    let mut room = room(1);
    let player = room.join("a").unwrap();
    for number in 1..=TickLimits::LEAST.rejected_inputs + 1 {
        assert_eq!(room.kick_reason(player), None);
        room.tick();
        let now = room.current_tick();
        assert_eq!(room.handle_input(player, &poke(number, now, now + 100)), Ok(InputVerdict::Future));
    }
    assert_eq!(room.kick_reason(player), Some(KickReason::InputFlood));
}

proptest! {
    #[test]
    fn any_bytes_as_input_are_an_error_or_a_verdict(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..30),
    ) {
        let mut room = room(1);
        let player = room.join("a").unwrap();
        for mut message in messages {
            if message.len() > 5 {
                message[0] = 1;
            }
            let _ = room.handle_input(player, &message);
            room.tick();
        }
        prop_assert_eq!(room.handle_input(player, &[]), Err(DecodeError::Truncated));
        prop_assert!(room.stats().malformed_inputs > 0);
    }
}
