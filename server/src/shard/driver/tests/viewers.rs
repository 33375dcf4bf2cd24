//! Viewers, who share a stream.

use drumline_shared::Mirror;
use drumline_shared::wire::control::NO_PLAYER;

use super::*;

impl Rig {
    fn watched(delay_seconds: u16) -> Self {
        Self::of(TestRoom::watched(delay_seconds))
    }

    /// A viewer's mirror after some snapshots, and the tick of each.
    fn watch(&self, received: &Received) -> (Mirror, Vec<u32>) {
        let mut mirror = Mirror::new(self.test.spec.layout.clone(), 30);
        let snapshots = received.messages.iter().filter(|message| message[0] & 0b11 != 0);
        // Every hash in them is checked.
        let ticks = snapshots.map(|snapshot| mirror.apply(snapshot).unwrap().tick).collect();
        (mirror, ticks)
    }
}

#[test]
fn viewers_share_a_stream_and_begin_where_it_begins_anew() {
    let mut rig = Rig::watched(0);
    let mut first = rig.test.view().unwrap();
    assert!(rig.step());
    let mut received = first.receive(2);
    let welcome = received.welcome();
    assert_eq!((welcome.player, welcome.spectator, &*welcome.session), (NO_PLAYER, true, ""));
    // Two seconds and a half later the stream has begun anew once.
    for _ in 0..75 {
        rig.step();
    }
    received.messages.extend(first.receive(75).messages);
    let mut second = rig.test.view().unwrap();
    assert!(rig.step());
    let later = second.receive(1 + 17);
    let (mirror, ticks) = rig.watch(&received);
    let (of_second, of_later) = rig.watch(&later);
    let newest = rig.driver.room.current_tick();
    assert_eq!((mirror.tick(), ticks.len()), (newest - 1, 76));
    assert_eq!((of_later[0], of_second.tick()), (newest - 16, newest), "from the start on, at once");
    // From there on they get the same.
    for _ in 0..5 {
        rig.step();
    }
    let both = [first.receive(6).messages, second.receive(5).messages];
    assert_eq!(both[0][1..], both[1]);
    assert_eq!(rig.driver.room.spectators(), 1, "the room encodes one stream for both");
}

#[test]
fn a_delay_is_kept_and_begins_with_the_first_viewer() {
    let mut rig = Rig::watched(1);
    let mut viewer = rig.test.view().unwrap();
    for _ in 0..60 {
        rig.step();
    }
    let received = viewer.receive(1 + 30);
    let (mirror, ticks) = rig.watch(&received);
    assert_eq!(mirror.tick(), rig.driver.room.current_tick() - 30);
    assert_eq!(ticks.len(), 30, "nothing newer is on its way");
    rig.step();
    assert_eq!(viewer.receive(1).kinds(), [KIND_DELTA]);
}

#[test]
fn a_viewer_takes_a_place_and_plays_no_part() {
    let mut rig = Rig::watched(0);
    let mut viewers: Vec<Peer> = (0..3).map(|_| rig.test.view().unwrap()).collect();
    assert!(matches!(rig.test.view().err(), Some(Refusal::TooManySpectators(_))));
    rig.step();
    // An input ends the connection, and the place is free.
    viewers[0].receive(2);
    viewers[0].send(BINARY, &[1, 1, 0, 1, 0, 1, 0, 0]);
    rig.settle(|rig| rig.test.room.entry.viewers.load(std::sync::atomic::Ordering::Relaxed) == 2);
    assert_eq!(viewers[0].receive_all().closed, Some(4001));
    // Without viewers there is no stream.
    drop(viewers);
    rig.settle(|rig| rig.test.room.entry.viewers.load(std::sync::atomic::Ordering::Relaxed) == 0);
    rig.step();
    assert_eq!((rig.driver.room.spectators(), rig.counts()), (0, (1, 0, 1)));
}

#[test]
fn viewers_keep_no_room_open() {
    let mut rig = Rig::watched(0);
    let mut viewer = rig.test.view().unwrap();
    rig.step();
    rig.test.command(OperatorCommand::Close);
    while rig.step() {}
    assert_eq!(viewer.receive_all().closed, Some(4008));
}
