//! A room's promises to players who lose their connection and resume.

use std::sync::Arc;

use crate::herd::{Herd, Poke, Shepherd};
use drumline_room::record::Presence;
use drumline_room::simulation::Simulation;
use drumline_room::{ChatRules, GameSpec, InputVerdict, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::layout::InputLayout;
use drumline_shared::limits::TickLimits;
use drumline_shared::wire::control::{ServerMessage, read_control};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Mirror, Replicate};

const RING: usize = TickLimits::LEAST.frame_ring as usize;

fn config() -> RoomConfig {
    RoomConfig {
        max_players: 2,
        tick_rate_hz: 30,
        setup: Setup::new(1),
        budget_bytes: 4096,
        outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
        chat: ChatRules::default(),
    }
}

/// A room after five ticks, a player in it, and the player's mirror.
fn room_and_player() -> (Room, PlayerId, Mirror) {
    let mut room = Room::new(Arc::new(GameSpec::of::<Herd>()), config());
    let player = room.join("a").unwrap();
    let mut mirror = Mirror::new(GameSpec::of::<Herd>().layout, 30);
    for _ in 0..5 {
        follow(&mut room, player, &mut mirror);
    }
    (room, player, mirror)
}

/// Advances one tick; the client applies and acknowledges the snapshot. Returns true if it was a keyframe.
fn follow(room: &mut Room, player: PlayerId, mirror: &mut Mirror) -> bool {
    room.tick();
    while room.poll_message(player).is_some() {}
    let applied = mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
    assert_eq!(Some(mirror.public()), room.frame(room.current_tick()), "mirror == world");
    room.handle_ack(player, applied.tick);
    applied.keyframe
}

fn be_away(room: &mut Room, player: PlayerId, ticks: usize) {
    room.hold(player);
    for _ in 0..ticks {
        room.tick();
        assert_eq!(room.poll_message(player), None);
        assert_eq!(room.poll_snapshot(player), None);
        assert_eq!(room.kick_reason(player), None);
    }
}

fn input(room: &mut Room, player: PlayerId, number: u32, tick: u32) -> InputVerdict {
    let mut row = [0];
    Poke { strength: 3 }.quantize(&mut row);
    let mut message = Vec::new();
    let header = InputHeader { number, acked_tick: room.current_tick(), tick, view_eighths: 0 };
    write_input(&InputLayout::of::<Poke>(), header, &row, &mut message);
    room.handle_input(player, &message).unwrap()
}

fn shepherd(mirror: &Mirror) -> (drumline_shared::frame::EntityId, u32) {
    mirror.rows::<Shepherd>(1).map(|(entity, shepherd)| (entity, shepherd.strength)).next().unwrap()
}

#[test]
fn deltas_continue_while_the_mirrors_frame_is_in_the_ring() {
    for (away, keyframe) in [(0, false), (1, false), (RING - 2, false), (RING - 1, true), (500, true)] {
        let (mut room, player, mut mirror) = room_and_player();
        let before = shepherd(&mirror);
        be_away(&mut room, player, away);
        room.resume(player, Some(mirror.tick()));
        assert_eq!(follow(&mut room, player, &mut mirror), keyframe, "after {away} ticks");
        assert!(!follow(&mut room, player, &mut mirror), "only one keyframe");
        assert_eq!(shepherd(&mirror).0, before.0, "the game keeps the player's entity");
    }
}

#[test]
fn the_frames_of_a_second_are_kept_at_any_rate() {
    for (tick_rate_hz, away, keyframe) in
        [(240, 239, false), (240, 241, true), (60, 59, false), (10, 29, false)]
    {
        let config = RoomConfig { tick_rate_hz, ..config() };
        let mut room = Room::new(Arc::new(GameSpec::of::<Herd>()), config);
        let player = room.join("a").unwrap();
        let mut mirror = Mirror::new(GameSpec::of::<Herd>().layout, tick_rate_hz);
        follow(&mut room, player, &mut mirror);
        be_away(&mut room, player, away);
        room.resume(player, Some(mirror.tick()));
        assert_eq!(follow(&mut room, player, &mut mirror), keyframe, "{away} ticks at {tick_rate_hz} Hz");
    }
}

#[test]
fn a_mirror_that_is_not_at_the_last_snapshot_gets_a_keyframe() {
    for (miss, mirror_tick) in [(0, None), (0, Some(4)), (0, Some(6)), (0, Some(u32::MAX)), (1, Some(5))] {
        let (mut room, player, mut mirror) = room_and_player();
        for _ in 0..miss {
            room.tick();
            room.poll_snapshot(player).unwrap();
        }
        room.hold(player);
        room.resume(player, mirror_tick);
        assert!(follow(&mut room, player, &mut mirror), "{miss} missed, {mirror_tick:?}");
    }
}

#[test]
fn a_newer_connection_takes_over_without_a_loss() {
    let (mut room, player, mut mirror) = room_and_player();
    // Snapshots sent on the older connection never arrive.
    for _ in 0..40 {
        room.tick();
        room.poll_snapshot(player);
    }
    room.resume(player, Some(mirror.tick()));
    assert!(follow(&mut room, player, &mut mirror));
    for _ in 0..100 {
        assert!(
            !follow(&mut room, player, &mut mirror),
            "the newer connection does not inherit unacknowledged snapshots"
        );
        assert_eq!(room.kick_reason(player), None);
    }
}

#[test]
fn a_player_is_not_kicked_for_being_away_but_may_be_after_resuming() {
    let (mut room, player, mut mirror) = room_and_player();
    room.tick();
    room.poll_snapshot(player).unwrap();
    be_away(&mut room, player, 3000);
    room.resume(player, None);
    assert_eq!(room.kick_reason(player), None);
    room.tick();
    mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
    assert_eq!(room.kick_reason(player), None, "not before the client can have acknowledged a snapshot");
    while room.kick_reason(player).is_none() {
        room.tick();
        while room.poll_message(player).is_some() {}
        room.poll_snapshot(player);
        assert!(room.current_tick() < 4000, "a client that acknowledges nothing is kicked");
    }
}

#[test]
fn time_away_does_not_count_as_lag() {
    let budget = |room: &Room| room.players().next().unwrap().1.budget_bytes;
    let (mut room, player, mut mirror) = room_and_player();
    for _ in 0..29 {
        room.tick();
        mirror.apply(room.poll_snapshot(player).unwrap()).unwrap();
    }
    assert!(budget(&room) < 4096, "a client that acknowledges nothing lags");
    // All snapshots have arrived, but the acknowledgements were lost with the connection.
    be_away(&mut room, player, 10);
    room.resume(player, Some(mirror.tick()));
    for _ in 0..29 {
        assert!(!follow(&mut room, player, &mut mirror));
        assert_eq!(budget(&room), 4096);
    }
}

#[test]
fn input_numbers_continue_after_a_resume() {
    let (mut room, player, mut mirror) = room_and_player();
    assert_eq!(input(&mut room, player, 1, 6), InputVerdict::Accepted);
    be_away(&mut room, player, 100);
    room.resume(player, Some(mirror.tick()));
    let counts = room.stats().inputs;
    assert_eq!((counts.repeated, counts.accepted), (15, 1), "repeated, and then neutral");
    follow(&mut room, player, &mut mirror);
    assert_eq!(shepherd(&mirror).1, 16 * 3);
    // The client sends unacknowledged inputs again, and then new ones.
    assert_eq!(input(&mut room, player, 1, 6), InputVerdict::Duplicate);
    assert_eq!(input(&mut room, player, 2, 7), InputVerdict::Stale);
    let next = room.current_tick() + 1;
    assert_eq!(input(&mut room, player, 3, next), InputVerdict::Accepted);
    follow(&mut room, player, &mut mirror);
    assert_eq!(shepherd(&mirror).1, 17 * 3);
    let (_, stats) = room.players().next().unwrap();
    assert_eq!((stats.connected, stats.slack_ticks, stats.inputs.dropped()), (true, Some(0), 2));
}

#[test]
fn dropped_inputs_of_an_older_connection_do_not_count_against_the_newer() {
    let (mut room, player, _) = room_and_player();
    for number in 1..=TickLimits::LEAST.rejected_inputs {
        room.tick();
        assert_eq!(input(&mut room, player, number, 5000), InputVerdict::Future);
    }
    room.resume(player, None);
    room.tick();
    assert_eq!(input(&mut room, player, TickLimits::LEAST.rejected_inputs + 1, 5000), InputVerdict::Future);
    assert_eq!(room.kick_reason(player), None);
}

#[test]
fn a_resume_answers_a_waiting_request_for_a_keyframe() {
    let (mut room, player, mut mirror) = room_and_player();
    // One a second: the second one waits.
    room.handle_resync(player);
    room.tick();
    room.poll_snapshot(player).unwrap();
    room.handle_resync(player);
    room.hold(player);
    room.resume(player, None);
    let keyframes = (0..60).filter(|_| follow(&mut room, player, &mut mirror)).count();
    assert_eq!(keyframes, 1);
}

#[test]
fn a_held_seat_that_was_left_is_free() {
    let (mut room, player, _) = room_and_player();
    be_away(&mut room, player, 10);
    assert!(!room.players().next().unwrap().1.connected);
    room.leave(player);
    let next = room.join("b").unwrap();
    assert!(next.seat() == player.seat() && next != player);
    let mut mirror = Mirror::new(GameSpec::of::<Herd>().layout, 30);
    assert!(follow(&mut room, next, &mut mirror), "nothing of the player before is left");
}

#[test]
fn a_player_who_is_away_gets_one_list_of_players_and_not_every_change() {
    let mut room = Room::new(Arc::new(GameSpec::of::<Herd>()), config());
    let players = ["a", "b"].map(|name| room.join(name).unwrap());
    let lists = |room: &mut Room, player| {
        let messages = std::iter::from_fn(|| room.poll_message(player));
        let messages: Vec<_> = messages.map(|message| read_control(&message).unwrap()).collect();
        messages.into_iter().filter_map(|message| match message {
            ServerMessage::Players(list) => Some((list.complete, list.players.len())),
            _ => None,
        })
    };
    room.tick();
    for player in players {
        assert_eq!(lists(&mut room, player).collect::<Vec<_>>(), [(true, 2)], "and no change besides");
    }
    room.hold(players[0]);
    for _ in 0..300 {
        room.hold(players[1]);
        room.tick();
        room.resume(players[1], None);
        room.tick();
        assert_eq!(lists(&mut room, players[1]).collect::<Vec<_>>(), [(true, 2)]);
    }
    room.resume(players[0], None);
    room.tick();
    assert_eq!(lists(&mut room, players[0]).collect::<Vec<_>>(), [(true, 2)]);
    room.leave(players[1]);
    room.tick();
    assert_eq!(lists(&mut room, players[0]).collect::<Vec<_>>(), [(false, 1)], "from now on the changes");
}

#[test]
fn presence_enters_the_simulation_by_the_record_and_a_blink_within_a_tick_does_not() {
    let spec = Arc::new(GameSpec::of::<Herd>());
    let mut simulation = Simulation::new(Arc::clone(&spec), config().simulation());
    let mut room = Room::new(spec, config());
    let mut advance = |room: &mut Room| {
        room.tick();
        simulation.advance(room.record());
        simulation.presence(PlayerId::first(0))
    };
    assert_eq!(advance(&mut room), None);
    let player = room.join("a").unwrap();
    assert_eq!(advance(&mut room), Some(Presence::Connected));
    room.hold(player);
    room.resume(player, None);
    assert_eq!(advance(&mut room), Some(Presence::Connected));
    assert!(room.record().public.presence.is_empty(), "back within the tick");
    room.hold(player);
    assert_eq!(advance(&mut room), Some(Presence::Away));
    room.resume(player, None);
    assert_eq!(advance(&mut room), Some(Presence::Connected));
    room.leave(player);
    assert_eq!(advance(&mut room), None);
}
