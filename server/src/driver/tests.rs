use std::io::Read;

use super::*;
use crate::lobby::Seat;
use crate::testing::{arrival, open_room};

const PERIOD: Duration = Duration::from_nanos(33_333_333);

#[test]
fn a_client_that_is_silent_for_too_long_is_closed() {
    let (lobby, room, seat) = open_room();
    let (arrival, mut client) = arrival(seat);
    Seat::send(arrival);
    let mut now = Instant::now();
    let limit = now + Duration::from_secs(17);
    let mut driver = Driver::new(room, now);
    // The client reads nothing, so it answers no ping.
    while now < limit {
        now += PERIOD;
        assert!(driver.step(now));
    }
    assert_eq!(lobby.listing().closes.get("silent"), Some(&1));
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    let reason = CloseReason::Silent.text();
    let close_frame =
        [&[0x88, 2 + reason.len() as u8][..], &4003u16.to_be_bytes(), reason.as_bytes()].concat();
    assert!(received.ends_with(&close_frame));
}

#[test]
fn an_empty_room_closes_after_a_while() {
    let (lobby, room, seat) = open_room();
    drop(seat);
    let opened = Instant::now();
    let mut now = opened;
    let mut driver = Driver::new(room, now);
    assert_eq!(lobby.listing().rooms.len(), 1);
    while driver.step(now) {
        now += PERIOD;
    }
    let open_for = now - opened;
    assert!(open_for > EMPTY_LIMIT && open_for <= EMPTY_LIMIT + PERIOD, "{open_for:?}");
    assert_eq!(lobby.listing().rooms.len(), 0);
}

#[test]
fn a_room_that_ends_waits_for_goodbyes_but_not_for_ever() {
    let (lobby, room, seat) = open_room();
    let (arrival, client) = arrival(seat);
    Seat::send(arrival);
    let start = Instant::now();
    let mut driver = Driver::new(room, start);
    assert!(driver.step(start));
    driver.end(start);
    assert_eq!(lobby.listing().closes.get("server_stopping"), Some(&1));
    // The client says nothing.
    assert!(driver.step(start + DRAIN_LIMIT / 2));
    assert!(!driver.step(start + DRAIN_LIMIT));
    drop(client);
}
