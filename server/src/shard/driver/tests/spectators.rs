//! Spectators among a room's connections.

use drumline_room::MAX_SPECTATORS;
use drumline_shared::wire::control::NO_PLAYER;
use drumline_shared::wire::input::KIND_INPUT;

use super::*;

impl Rig {
    /// A spectator, welcomed at the next tick.
    fn spectate(&mut self) -> Peer {
        let (connection, client) = connect();
        self.test.spectate().unwrap().send(connection).unwrap();
        assert!(self.step());
        Peer::new(client)
    }

    fn spectators(&self) -> u16 {
        self.test.listing().unwrap().spectators
    }
}

#[test]
fn a_spectator_receives_snapshots_and_is_no_player() {
    let mut rig = Rig::new();
    let mut spectator = rig.spectate();
    let received = spectator.receive(2);
    let welcome = received.welcome();
    assert_eq!((welcome.player, welcome.spectator), (NO_PLAYER, true));
    assert_eq!((&*welcome.session, welcome.resume_seconds), ("", 0));
    assert_eq!(received.kinds()[1], KIND_KEYFRAME);
    assert!(rig.step());
    assert_eq!(spectator.receive(1).kinds(), [KIND_DELTA]);
    assert_eq!((rig.counts(), rig.spectators()), ((1, 0, 1), 1));
    assert!(!rig.is_good(&welcome.session));

    // A spectator has no inputs to send.
    spectator.send(BINARY, &[KIND_INPUT, 1, 0, 1, 0, 1, 0, 0]);
    rig.settle(|rig| rig.driver.connections.len() == 1);
    assert_eq!(spectator.receive_all().closed, Some(4001));
    assert_eq!((rig.counts(), rig.spectators()), ((1, 0, 1), 0));
}

#[test]
fn a_spectators_place_is_reserved_and_not_held() {
    let mut rig = Rig::new();
    let mut places: Vec<_> = (0..MAX_SPECTATORS).map(|_| rig.test.spectate().unwrap()).collect();
    assert_eq!(rig.test.spectate().err(), Some(Refusal::TooManySpectators("test".into())));
    places.pop();
    let spectator = rig.spectate();
    assert_eq!(rig.spectators(), MAX_SPECTATORS);
    drop((places, spectator));
    rig.settle(|rig| rig.driver.connections.len() == 1);
    assert_eq!(
        (rig.spectators(), rig.driver.held.len()),
        (0, 0),
        "the connection is lost, and the place with it"
    );
}

#[test]
fn spectators_wait_while_ticks_are_late() {
    let mut rig = Rig::new();
    let mut spectator = rig.spectate();
    rig.client().receive(1);
    spectator.receive(2);
    rig.now += 2 * PERIOD;
    rig.driver.step(rig.now);
    // In time again: players and spectators get a snapshot.
    assert!(rig.step());
    assert_eq!(rig.client().receive(2).kinds(), [KIND_DELTA; 2]);
    assert_eq!(spectator.receive(1).kinds(), [KIND_DELTA]);
    // Always late: spectators get one snapshot a second.
    for tick in 0..20 {
        rig.now += 2 * PERIOD;
        if tick == 19 {
            rig.test.command(OperatorCommand::Close);
        }
        rig.driver.step(rig.now);
    }
    while rig.step() {}
    assert_eq!(rig.client().receive_all().messages.len(), 20);
    assert_eq!(spectator.receive_all().messages.len(), 1);
}

#[test]
fn a_room_of_spectators_alone_is_empty() {
    let (test, new) = TestRoom::open();
    let mut now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    let (connection, client) = connect();
    test.spectate().unwrap().send(connection).unwrap();
    let mut spectator = Peer::new(client);
    let opened = now;
    while driver.step(now) == Progress::Continues && now - opened < 2 * test.context.empty_limit {
        now += PERIOD;
        // A client that is silent would be closed before.
        spectator.send(BINARY, &ack(driver.room.current_tick()));
    }
    assert_eq!(spectator.receive_all().closed, Some(4008));
    assert_eq!(test.closes("room_closed"), 1);
}

#[test]
fn a_kicked_player_is_told_the_reason() {
    let mut rig = Rig::new();
    rig.test.command(OperatorCommand::Kick { player: PlayerId::first(0), reason: "that was enough".into() });
    assert!(rig.step());
    let received = rig.client().receive_all();
    assert_eq!((received.closed, received.text.as_str()), (Some(4007), "that was enough"));
    assert!(!rig.is_good(&rig.token), "the session has ended");
}
