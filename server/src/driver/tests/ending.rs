//! Orders, drains and ends of rooms.

use drumline_shared::messages::{ServerMessage, read_control};

use super::*;
use crate::orders::ORDER_QUEUE;

#[test]
fn orders_are_carried_out_at_the_next_tick() {
    let mut rig = Rig::new();
    let id = rig.driver.id().to_owned();
    rig.lobby.order(&id, kick(7)).unwrap();
    rig.lobby.order(&id, Order::Lock(true)).unwrap();
    assert!(rig.step());
    let spec = Arc::clone(rig.lobby.game("arena").unwrap());
    let in_it = RoomChoice::Id(id.clone()).into();
    assert_eq!(rig.lobby.check(&spec, &in_it), Err(Refusal::RoomLocked(id.clone())));
    rig.lobby.order(&id, kick(0)).unwrap();
    rig.lobby.order(&id, Order::Lock(false)).unwrap();
    assert!(rig.step());
    assert_eq!(rig.lobby.check(&spec, &in_it), Ok(()));
    assert_eq!(rig.client().hear_out().closed, Some(4007));
    assert_eq!(rig.counts(), (0, 0, 0));
    rig.lobby.order(&id, Order::Close).unwrap();
    while rig.step() {}
    assert_eq!(rig.lobby.order(&id, Order::Close), Err(Refusal::UnknownRoom(id)));
}

#[test]
fn a_kick_frees_a_held_seat_too() {
    let mut rig = Rig::new();
    let id = rig.driver.id().to_owned();
    rig.lose();
    rig.lobby.order(&id, kick(0)).unwrap();
    assert!(rig.step());
    assert_eq!((rig.counts(), rig.driver.room.players().count()), ((0, 0, 0), 0));
}

#[test]
fn no_more_orders_wait_than_there_are_places() {
    let mut rig = Rig::new();
    let id = rig.driver.id().to_owned();
    for _ in 0..ORDER_QUEUE {
        rig.lobby.order(&id, Order::Lock(true)).unwrap();
    }
    assert_eq!(rig.lobby.order(&id, Order::Close), Err(Refusal::TooManyOrders(id.clone())));
    assert!(rig.step());
    rig.lobby.order(&id, Order::Close).unwrap();
}

#[test]
fn who_is_in_a_room_that_is_closed_or_on_the_way_there_is_told_so() {
    let mut rig = Rig::new();
    let (id, spec) = (rig.driver.id().to_owned(), Arc::clone(rig.lobby.game("arena").unwrap()));
    let reserve = || rig.lobby.reserve(&spec, &RoomChoice::Id(id.clone()).into()).unwrap();
    let (arrived, late) = (reserve(), reserve());
    let way = rig.lobby.sessions().reserve("arena", Some(rig.token)).unwrap();
    let mut arrived = join(arrived);
    rig.lobby.order(&id, Order::Close).unwrap();
    assert!(rig.step());
    assert!(rig.lobby.listing().rooms.is_empty(), "nobody gets in from now on");
    let mut late = join(late);
    assert_eq!(late.hear_out().closed, Some(4008));
    drop(way);
    assert!(rig.step());
    for client in [rig.client.as_mut().unwrap(), &mut arrived] {
        assert_eq!(client.hear_out().closed, Some(4008));
    }
    assert_eq!(rig.lobby.listing().closes.get("room_closed"), Some(&3));
    assert_eq!(rig.lobby.sessions().count(), 0);
}

#[test]
fn a_draining_room_tells_its_players_and_ends_in_time() {
    let mut rig = Rig::new();
    let (start, second) = (rig.now, Duration::from_secs(1));
    rig.lobby.drain().begin(30 * second, start);
    let notice = |heard: Heard| {
        let messages = heard.messages.iter();
        messages
            .filter_map(|message| match read_control(message) {
                Ok(ServerMessage::Draining { seconds }) => Some(seconds),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert!(rig.step());
    assert_eq!(rig.lobby.listing().rooms[0].state, RoomState::Draining);
    let spec = Arc::clone(rig.lobby.game("arena").unwrap());
    for choice in [RoomChoice::Any, RoomChoice::New, RoomChoice::Id(rig.driver.id().to_owned())] {
        assert_eq!(rig.lobby.reserve(&spec, &choice.clone().into()).err(), Some(Refusal::Draining));
        assert_eq!(rig.lobby.check(&spec, &choice.into()), Err(Refusal::Draining));
    }
    rig.pass(second);
    assert_eq!(notice(rig.client().hear(20)), [30], "once");
    // Who comes back hears of it, and everybody hears of another deadline.
    assert_eq!(notice(rig.resume(rig.token, None)), [29]);
    rig.lobby.drain().begin(10 * second, rig.now);
    let moved = rig.now;
    rig.pass(second);
    assert_eq!(notice(rig.client().hear(20)), [10]);
    rig.pass(8 * second);
    assert_eq!(rig.lobby.listing().rooms.len(), 1);
    while !rig.driver.ending {
        rig.step();
    }
    let late = rig.now - (moved + 10 * second);
    assert!(late < PERIOD, "{late:?}");
    assert_eq!(rig.lobby.listing().rooms.len(), 0);
    assert!(rig.step());
    assert_eq!(rig.client().hear_out().closed, Some(1001));
}

#[test]
fn a_draining_room_waits_for_nobody() {
    let mut rig = Rig::new();
    let spec = Arc::clone(rig.lobby.game("arena").unwrap());
    let seat = rig.lobby.reserve(&spec, &RoomChoice::Any.into()).unwrap();
    rig.lobby.drain().begin(Duration::from_secs(30), rig.now);
    rig.client().say(CLOSE, &[0x03, 0xe8]);
    rig.settle_or_end(|rig| rig.driver.ending);
    assert!(rig.lobby.is_empty(), "whoever had a seat but was not there yet");
    assert_eq!(join(seat).hear_out().closed, Some(1001));
}
