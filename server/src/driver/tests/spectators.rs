//! Spectators among a room's connections.

use drumline_room::MAX_SPECTATORS;
use drumline_shared::input::KIND_INPUT;
use drumline_shared::messages::NO_SEAT;

use super::*;

impl Rig {
    /// A spectator, welcomed at the next tick.
    fn watch(&mut self) -> Peer {
        let (arrival, client) = arrival();
        let id = self.driver.id().to_owned();
        self.lobby.watch(&id).unwrap().send(arrival);
        assert!(self.step());
        Peer::new(client)
    }

    fn spectators(&self) -> u16 {
        self.lobby.listing().rooms[0].spectators
    }
}

#[test]
fn a_spectator_looks_on_and_is_no_player() {
    let mut rig = Rig::new();
    let mut spectator = rig.watch();
    let heard = spectator.hear(2);
    let welcome = heard.welcome();
    assert_eq!((welcome.player, welcome.spectator), (NO_SEAT, true));
    assert_eq!((welcome.session, welcome.resume_seconds), (SessionToken([0; 16]), 0));
    assert_eq!(heard.kinds()[1], KIND_KEYFRAME);
    assert!(rig.step());
    assert_eq!(spectator.hear(1).kinds(), [KIND_DELTA]);
    assert_eq!((rig.counts(), rig.spectators()), ((1, 0, 1), 1));
    assert!(!rig.is_good(welcome.session));

    // What a spectator has to say is no input.
    spectator.say(BINARY, &[KIND_INPUT, 1, 0, 1, 0, 1, 0, 0]);
    rig.settle(|rig| rig.driver.connections.len() == 1);
    assert_eq!(spectator.hear_out().closed, Some(4001));
    assert_eq!((rig.counts(), rig.spectators()), ((1, 0, 1), 0));
}

#[test]
fn a_place_is_reserved_before_a_spectator_comes_and_not_held_after() {
    let mut rig = Rig::new();
    let id = rig.driver.id().to_owned();
    let mut places: Vec<_> = (0..MAX_SPECTATORS).map(|_| rig.lobby.watch(&id).unwrap()).collect();
    assert_eq!(rig.lobby.watch(&id).err(), Some(Refusal::TooManySpectators(id.clone())));
    places.pop();
    let spectator = rig.watch();
    assert_eq!(rig.spectators(), MAX_SPECTATORS);
    drop((places, spectator));
    rig.settle(|rig| rig.driver.connections.len() == 1);
    assert_eq!((rig.spectators(), rig.driver.held.len()), (0, 0), "lost, and gone");
    assert_eq!(rig.lobby.watch("nowhere").err(), Some(Refusal::UnknownRoom("nowhere".into())));
}

#[test]
fn when_a_tick_is_late_spectators_wait() {
    let mut rig = Rig::new();
    let mut spectator = rig.watch();
    rig.client().hear(1);
    spectator.hear(2);
    rig.now += 2 * PERIOD;
    assert!(rig.driver.step(rig.now));
    // In time again: then both.
    assert!(rig.step());
    assert_eq!(rig.client().hear(2).kinds(), [KIND_DELTA; 2]);
    assert_eq!(spectator.hear(1).kinds(), [KIND_DELTA]);
    // Always late: once a second is enough to know that they are still there.
    let id = rig.driver.id().to_owned();
    for tick in 0..20 {
        rig.now += 2 * PERIOD;
        if tick == 19 {
            rig.lobby.order(&id, Order::Close).unwrap();
        }
        rig.driver.step(rig.now);
    }
    while rig.step() {}
    assert_eq!(rig.client().hear_out().messages.len(), 20);
    assert_eq!(spectator.hear_out().messages.len(), 1);
}

#[test]
fn a_room_of_spectators_alone_is_empty() {
    let (lobby, room, seat) = open_room_with(RoomsConfig::default());
    drop(seat);
    let mut now = Instant::now();
    let mut driver = Driver::open(room, now).unwrap();
    let (arrival, client) = arrival();
    let id = driver.id().to_owned();
    lobby.watch(&id).unwrap().send(arrival);
    let mut spectator = Peer::new(client);
    let opened = now;
    while driver.step(now) && now - opened < 2 * lobby.empty_limit() {
        now += PERIOD;
        // Who answers no pings would be gone before.
        spectator.say(BINARY, &ack(driver.room.current_tick()));
    }
    assert_eq!(spectator.hear_out().closed, Some(4008));
    assert_eq!(lobby.listing().closes.get("room_closed"), Some(&1));
}

#[test]
fn who_is_kicked_is_told_why() {
    let mut rig = Rig::new();
    let id = rig.driver.id().to_owned();
    rig.lobby.order(&id, Order::Kick { player: PlayerId(0), reason: "that was enough".into() }).unwrap();
    assert!(rig.step());
    let heard = rig.client().hear_out();
    assert_eq!((heard.closed, heard.words.as_str()), (Some(4007), "that was enough"));
    assert!(!rig.is_good(rig.token), "there is no way back");
}
