//! Rooms without active players leave ticks out, and nobody waits for one to wake.

use drumline_arena::world::Controls;
use drumline_room::Sleep;
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};

use super::*;

/// The ticks of the steps of some time.
fn ticks_in(rig: &mut Rig, time: Duration) -> u32 {
    let before = rig.driver.room.current_tick();
    rig.pass(time);
    rig.driver.room.current_tick() - before
}

/// A neutral input for the next tick.
fn input(number: u32, tick: u32) -> Vec<u8> {
    let layout = InputLayout::of::<Controls>();
    let header = InputHeader { number, acked_tick: tick, tick: tick + 1, view_eighths: 0 };
    let mut message = Vec::new();
    write_input(&layout, header, &layout.neutral, &mut message);
    message
}

#[test]
fn a_room_that_nobody_has_joined_sleeps_until_somebody_does() {
    let (test, new) = TestRoom::open();
    let mut now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    for _ in 0..100 {
        now += PERIOD;
        assert_eq!(driver.step(now), Progress::Sleeps);
    }
    assert_eq!(driver.room.current_tick(), 0);
    let mut client = test.join();
    now += PERIOD;
    assert_eq!(driver.step(now), Progress::Continues);
    assert_eq!(client.receive(2).kinds(), [0, KIND_KEYFRAME], "on the next step");
    assert_eq!(driver.room.current_tick(), 1);
}

#[test]
fn a_room_of_silent_players_ticks_slowly_until_one_plays() {
    let mut rig = Rig::new();
    assert!(ticks_in(&mut rig, Duration::from_secs(5)) >= 148, "it stays awake for a while");
    let slow = ticks_in(&mut rig, Duration::from_secs(5));
    assert!((9..=10).contains(&slow), "{slow}");
    // An acknowledgement is no play.
    let tick = rig.driver.room.current_tick();
    rig.client().send(BINARY, &ack(tick));
    assert!(ticks_in(&mut rig, Duration::from_secs(1)) <= 2);
    let before = rig.driver.room.current_tick();
    rig.client().send(BINARY, &input(1, before));
    rig.settle(|rig| rig.driver.room.current_tick() > before);
    assert_eq!(ticks_in(&mut rig, 30 * PERIOD), 30, "it is awake");
}

#[test]
fn a_game_chooses_which_signs_keep_its_room_awake() {
    let seconds_of = |sleep, sign: fn(u32, u32) -> Option<Vec<u8>>| {
        let mut rig = Rig::of(TestRoom::sleeping(sleep));
        let mut awake = 0;
        for second in 1..=15 {
            let tick = rig.driver.room.current_tick();
            if let Some(message) = sign(second, tick) {
                rig.client().send(BINARY, &message);
            }
            awake += u32::from(ticks_in(&mut rig, 30 * PERIOD) >= 29);
        }
        awake
    };
    // The first five seconds keep any room awake.
    assert_eq!(seconds_of(Sleep::Never, |_, _| None), 15);
    assert!((5..=6).contains(&seconds_of(Sleep::Unwatched, |_, _| None)));
    assert_eq!(seconds_of(Sleep::Unwatched, |_, tick| Some(ack(tick))), 15);
    assert!((5..=6).contains(&seconds_of(Sleep::Unplayed, |_, tick| Some(ack(tick)))));
    assert_eq!(seconds_of(Sleep::Unplayed, |second, tick| Some(input(second, tick))), 15);
}

#[test]
fn a_game_that_never_sleeps_ticks_alone() {
    let (_test, new) = TestRoom::sleeping(Sleep::Never);
    let now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    for step in 1..=30 {
        assert_eq!(driver.step(now + PERIOD * step), Progress::Continues);
    }
    assert_eq!(driver.room.current_tick(), 30);
}

#[test]
fn a_room_whose_players_are_away_stands_still_and_is_told_when_they_have_left() {
    let mut rig = Rig::new();
    rig.lose();
    rig.pass(Duration::from_secs(6));
    assert_eq!(ticks_in(&mut rig, Duration::from_secs(10)), 0);
    let before = rig.driver.room.current_tick();
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.counts(), (0, 0, 0), "the seat was held for its time");
    assert_eq!(rig.driver.room.current_tick(), before + 1, "one tick tells the game");
    assert_eq!(rig.driver.room.record().public.leaves, [PlayerId::first(0)]);
}

#[test]
fn a_player_who_resumes_finds_the_room_where_it_stood() {
    let mut rig = Rig::new();
    let tick = rig.lose();
    rig.pass(Duration::from_secs(15));
    let stood = rig.driver.room.current_tick();
    let received = rig.resume(&rig.token(), Some(tick));
    assert_eq!((received.welcome().tick, rig.driver.room.current_tick()), (stood, stood + 1));
}

#[test]
fn a_client_that_acknowledges_nothing_is_closed_in_its_time_though_ticks_are_few() {
    let mut rig = Rig::new();
    let mut pong = 0;
    while rig.test.closes("too_slow") == 0 {
        rig.pass(Duration::from_secs(1));
        rig.client().send(10, &[]);
        pong += 1;
        assert!(pong <= 21, "twenty seconds");
    }
    assert!(pong >= 20);
}
