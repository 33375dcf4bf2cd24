//! Spectators see everything, cannot act, and do not change what players are sent.

use std::sync::Arc;

use crate::herd::Herd;
use crate::onlookers::{Play, run};
use drumline_room::{ChatRules, GameSpec, KickReason, MAX_SPECTATORS, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Mirror;
use drumline_shared::error::DecodeError;
use drumline_shared::wire::control::{Channel, NO_PLAYER, ServerMessage, read_control};
use drumline_shared::wire::input::KIND_INPUT;

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

#[test]
fn a_spectator_has_no_seat_and_is_not_a_player() {
    let mut room = room(2);
    let spectator = room.spectate().unwrap();
    let player = room.join("a").unwrap();
    assert_eq!(player, PlayerId::first(0));
    assert!(room.is_spectator(spectator) && !room.is_spectator(player));
    room.join("b").unwrap();
    for _ in 1..MAX_SPECTATORS {
        room.spectate().unwrap();
    }
    assert_eq!((room.players().count(), room.spectators()), (2, MAX_SPECTATORS));
    assert_eq!(room.spectate(), None, "no place is left");
    room.tick();
    let mut mirror = Mirror::new(GameSpec::of::<Herd>().layout, 30);
    mirror.apply(room.poll_snapshot(spectator).unwrap()).unwrap();
    assert_eq!(Some(mirror.public()), room.frame(1));
    assert_eq!(room.frame(1).unwrap().rows(1).len(), 2, "the game has the two players only");

    room.leave(spectator);
    room.leave(spectator);
    assert_eq!(room.spectators(), MAX_SPECTATORS - 1);
    assert_eq!(room.spectate().unwrap().seat(), spectator.seat(), "the lowest free place");
    room.leave(player);
    room.tick();
    assert_eq!((room.players().count(), room.spectators()), (1, MAX_SPECTATORS));
}

#[test]
fn a_spectators_welcome_is_marked_and_their_inputs_are_errors() {
    let mut room = room(1);
    let spectator = room.spectate().unwrap();
    let welcome = room.welcome(spectator, drumline_room::SessionTerms::default());
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("a welcome") };
    assert_eq!((welcome.player, welcome.spectator, welcome.max_players), (NO_PLAYER, true, 1));
    room.tick();
    assert_eq!(
        room.handle_input(spectator, &[KIND_INPUT, 1, 0, 1, 0, 1, 0, 0]),
        Err(DecodeError::UnknownKind(KIND_INPUT))
    );
    assert_eq!(room.stats().malformed_inputs, 1);
    let request = drumline_room::RequestId { player: spectator, number: 1, reply: true };
    assert!(room.handle_command(request, &[0]).is_err());
    assert!(room.handle_chat(request, Channel::Room, "hello").is_err());
    assert_eq!((room.stats().malformed_commands, room.stats().chats_refused), (1, 0));
    room.tick();
}

#[test]
fn spectators_have_half_the_unacknowledged_snapshots_of_players_and_are_kicked_alike() {
    let mut room = room(1);
    let viewers = [room.join("a").unwrap(), room.spectate().unwrap()];
    let mut snapshots = [0; 2];
    for _ in 0..100 {
        room.tick();
        for (count, viewer) in snapshots.iter_mut().zip(viewers) {
            while room.poll_message(viewer).is_some() {}
            *count += u32::from(room.poll_snapshot(viewer).is_some());
        }
    }
    assert_eq!(snapshots, [30, 15]);
    while room.kick_reason(viewers[1]).is_none() {
        room.tick();
        while room.poll_message(viewers[1]).is_some() {}
        room.poll_snapshot(viewers[1]);
    }
    assert_eq!(room.kick_reason(viewers[1]), Some(KickReason::TooSlow));
}

#[test]
fn a_player_and_a_spectator_with_the_same_baseline_share_the_block() {
    let mut room = room(1);
    let (player, spectator) = (room.join("a").unwrap(), room.spectate().unwrap());
    for tick in 1..=40 {
        room.tick();
        let for_player = room.poll_snapshot(player).unwrap().to_vec();
        assert_eq!(room.poll_snapshot(spectator).unwrap(), for_player);
        assert_eq!(room.stats().blocks_encoded, tick);
        room.handle_ack(player, tick as u32);
        room.handle_ack(spectator, tick as u32);
    }
}

#[test]
fn a_spectator_sees_the_whole_world_and_changes_no_byte_of_the_players() {
    let mut all = Vec::new();
    for seed in 0..8 {
        let play = Play { seed, ticks: 400, players: 4, spectators: 3 };
        let watched = run::<Herd>(play);
        assert!(watched.delivered > 500 && watched.complete == watched.delivered, "{:?}", watched.rows);
        assert!(watched.hashes_checked > 20 && watched.keyframes > 3);
        assert!(watched.players == run::<Herd>(Play { spectators: 0, ..play }).players, "seed {seed}");
        all.push(watched.players);
    }
    assert!(all[0] != all[1]);
}
