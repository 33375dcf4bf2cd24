//! Operators' commands, drains and ends of rooms.

use drumline_shared::wire::control::{ServerMessage, read_control};

use crate::shard::testing::join;

use super::*;

#[test]
fn commands_are_carried_out_at_the_next_tick() {
    let mut rig = Rig::new();
    rig.test.command(kick(7));
    rig.test.command(OperatorCommand::Lock(true));
    assert!(rig.step());
    assert_eq!(rig.test.check(), Err(Refusal::RoomLocked("test".into())));
    rig.test.command(kick(0));
    rig.test.command(OperatorCommand::Lock(false));
    assert!(rig.step());
    assert_eq!(rig.test.check(), Ok(()));
    assert_eq!(rig.client().receive_all().closed, Some(4007));
    assert_eq!(rig.counts(), (0, 0, 0));
    rig.test.command(OperatorCommand::Close);
    while rig.step() {}
    assert!(rig.test.listing().is_none());
}

#[test]
fn a_kick_frees_a_held_seat_too() {
    let mut rig = Rig::new();
    rig.lose();
    rig.test.command(kick(0));
    assert!(rig.step());
    assert_eq!((rig.counts(), rig.driver.room.players().count()), ((0, 0, 0), 0));
}

#[test]
fn players_in_a_closed_room_and_on_the_way_there_are_told_so() {
    let mut rig = Rig::new();
    let (arrived, late) = (rig.test.reserve(), rig.test.reserve());
    let place = rig.test.way_back(&rig.token, None).unwrap();
    let mut arrived = join(arrived);
    rig.test.command(OperatorCommand::Close);
    assert!(rig.step());
    assert!(rig.test.listing().is_none(), "nobody is admitted any more");
    let mut late = join(late);
    assert_eq!(late.receive_all().closed, Some(4008));
    drop(place);
    assert!(rig.step());
    for client in [rig.client.as_mut().unwrap(), &mut arrived] {
        assert_eq!(client.receive_all().closed, Some(4008));
    }
    assert_eq!(rig.test.closes("room_closed"), 2);
    assert_eq!(rig.test.context.tokens.count(), 0);
}

#[test]
fn a_draining_room_tells_its_players_and_ends_in_time() {
    let mut rig = Rig::new();
    let (start, second) = (rig.now, Duration::from_secs(1));
    rig.test.context.drain.begin(30 * second, start);
    let notice = |received: Received| {
        let messages = received.messages.iter();
        messages
            .filter_map(|message| match read_control(message) {
                Ok(ServerMessage::Draining { seconds }) => Some(seconds),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert!(rig.step());
    assert_eq!(rig.test.listing().unwrap().state, RoomState::Draining);
    rig.pass(second);
    assert_eq!(notice(rig.client().receive(20)), [30], "once");
    // A player who resumes is told, and everybody is told a new deadline.
    assert_eq!(notice(rig.resume(&rig.token(), None)), [29]);
    rig.test.context.drain.begin(10 * second, rig.now);
    let moved = rig.now;
    rig.pass(second);
    assert_eq!(notice(rig.client().receive(20)), [10]);
    rig.pass(8 * second);
    assert_eq!(rig.test.listing().iter().len(), 1);
    while !rig.driver.has_ended {
        rig.step();
    }
    let late = rig.now - (moved + 10 * second);
    assert!(late < PERIOD, "{late:?}");
    assert_eq!(rig.test.listing().iter().len(), 0);
    assert!(rig.step());
    assert_eq!(rig.client().receive_all().closed, Some(1001));
}

#[test]
fn a_draining_room_waits_for_no_reserved_seat() {
    let mut rig = Rig::new();
    let seat = rig.test.reserve();
    rig.test.context.drain.begin(Duration::from_secs(30), rig.now);
    rig.client().send(CLOSE, &[0x03, 0xe8]);
    rig.settle(|rig| rig.driver.has_ended);
    assert!(rig.test.listing().is_none());
    assert_eq!(join(seat).receive_all().closed, Some(1001));
}
