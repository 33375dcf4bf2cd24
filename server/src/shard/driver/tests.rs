//! A room's life, with a clock that is moved by hand.

use drumline_room::EndReason;
use drumline_shared::wire::control::{ClientMessage, write_control};
use drumline_shared::wire::snapshot::{KIND_DELTA, KIND_KEYFRAME};

use crate::net::connection_slot::ServerSlots;
use crate::rooms::entry::state::RoomState;
use crate::rooms::operator_command::OperatorCommand;
use crate::rooms::refusal::Refusal;
use crate::rooms::seats::session_tokens::HoldTimes;
use crate::rooms::settings::{DEFAULT_RESUME_SECONDS, RoomsConfig};
use crate::shard::new_room::NewRoom;
use crate::shard::testing::{Peer, Received, TestRoom, connect, connect_among};

use super::*;

mod arrivals;
mod coming_back;
mod ending;
mod locks;
mod sleeping;
mod spectators;
mod viewers;

const PERIOD: Duration = Duration::from_nanos(33_333_333);
const HOLD: Duration = Duration::from_secs(DEFAULT_RESUME_SECONDS as u64);
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// A room with its driver, and one player in it.
struct Rig {
    test: TestRoom,
    driver: Driver,
    now: Instant,
    client: Option<Peer>,
    token: String,
}

impl Rig {
    fn new() -> Self {
        Self::of(TestRoom::open())
    }

    fn of((test, new): (TestRoom, NewRoom)) -> Self {
        let now = Instant::now();
        let mut driver = Driver::open(new.make().unwrap(), now);
        let mut client = test.join();
        assert_eq!(driver.step(now), Progress::Continues);
        let token = client.receive(2).welcome().session.parse().unwrap();
        // As if it had sent a message: otherwise its seat would not be held.
        driver.connections[0].session.confirm();
        Self { test, driver, now, client: Some(client), token }
    }

    /// Runs the step of a tick later. Returns true if the room continues.
    fn step(&mut self) -> bool {
        self.now += PERIOD;
        self.driver.step(self.now) != Progress::Ended
    }

    /// Steps until a time has passed.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            assert!(self.step());
        }
    }

    fn client(&mut self) -> &mut Peer {
        self.client.as_mut().expect("there is one")
    }

    /// Steps, without time passing, until the bytes of the client have had their effect.
    fn settle(&mut self, has_settled: impl Fn(&Self) -> bool) {
        let patience = Instant::now() + Duration::from_secs(20);
        while !has_settled(self) {
            assert!(Instant::now() < patience);
            self.driver.step(self.now);
        }
    }

    /// Loses the client's connection. Returns the last tick before the server noticed.
    fn lose(&mut self) -> u32 {
        self.client = None;
        self.settle(|rig| rig.driver.connections.is_empty());
        self.driver.room.current_tick() - 1
    }

    /// Resumes the client's session. Returns the messages of the next tick.
    fn resume(&mut self, token: &str, mirror_tick: Option<u32>) -> Received {
        self.client = Some(self.test.resume(token, mirror_tick).unwrap());
        assert!(self.step());
        let received = self.client().receive(2);
        self.token = received.welcome().session.parse().unwrap();
        received
    }

    fn is_good(&self, token: &str) -> bool {
        self.test.knows(token)
    }

    /// The newest token.
    fn token(&self) -> String {
        self.token.clone()
    }

    /// Seats taken, held seats, and tokens.
    fn counts(&self) -> (u16, u16, usize) {
        let room = self.test.listing().unwrap();
        assert_eq!(room.state, RoomState::Open);
        (room.players, room.held_seats, self.test.context.tokens.count())
    }
}

/// Seats are held for some seconds after a loss, and not for a page that has gone.
fn hold(resume_seconds: u16) -> HoldTimes {
    HoldTimes { resume_seconds, reload_seconds: 0 }
}

fn kick(player: u16) -> OperatorCommand {
    OperatorCommand::Kick { player: PlayerId::first(player), reason: String::new() }
}

fn ack(tick: u32) -> Vec<u8> {
    write_control(&ClientMessage::Ack { tick })
}

#[test]
fn a_client_that_is_silent_for_too_long_is_closed_and_its_seat_held() {
    let mut rig = Rig::new();
    // The client sends nothing, so it answers no ping.
    rig.pass(Duration::from_secs(17));
    assert_eq!(rig.test.closes("silent"), 1);
    assert_eq!(rig.client().receive_all().closed, Some(4003));
    assert_eq!(rig.counts(), (1, 1, 1));
}

#[test]
fn an_empty_room_closes_after_a_while() {
    let (test, new) = TestRoom::open();
    let opened = Instant::now();
    let mut now = opened;
    let mut driver = Driver::open(new.make().unwrap(), now);
    assert_eq!(test.listing().unwrap().state, RoomState::Created);
    while driver.step(now) != Progress::Ended {
        now += PERIOD;
    }
    let open_for = now - opened;
    let limit = test.context.empty_limit;
    assert!(open_for > limit && open_for <= limit + PERIOD, "{open_for:?}");
    assert!(test.listing().is_none());
}

#[test]
fn a_room_that_ends_waits_for_its_connections_to_close_but_not_for_ever() {
    let mut rig = Rig::new();
    let start = rig.now;
    rig.driver.end(EndReason::ServerStopping, start);
    assert_eq!(rig.test.closes("server_stopping"), 1);
    assert_eq!(rig.test.context.tokens.count(), 0);
    // The client does not answer.
    assert_eq!(rig.driver.step(start + Duration::from_millis(500)), Progress::Continues);
    assert_eq!(rig.driver.step(start + Duration::from_secs(1)), Progress::Ended);
}

#[test]
fn the_seat_of_a_lost_connection_is_held_for_the_configured_time() {
    let mut rig = Rig::new();
    rig.lose();
    let lost = rig.now;
    while rig.now + PERIOD < lost + HOLD {
        assert!(rig.step());
        assert_eq!(rig.counts(), (1, 1, 1));
    }
    assert!(rig.is_good(&rig.token));
    rig.step();
    assert_eq!(rig.counts(), (0, 0, 0));
    assert_eq!(rig.test.resume(&rig.token, None).err(), Some(Refusal::UnknownSession));
    assert_eq!(rig.driver.room.players().count(), 0, "and the game has been told");
}

#[test]
fn a_held_seat_counts_as_a_connection() {
    let (test, new) = TestRoom::open();
    let start = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), start);
    let slots = ServerSlots::new(2);
    let (connection, client) = connect_among(&slots);
    test.reserve().send(connection, "a".into()).unwrap();
    driver.step(start);
    driver.connections[0].session.confirm();
    assert_eq!(slots.taken(), 1);
    drop(client);
    while test.listing().unwrap().held_seats == 0 {
        driver.step(start);
    }
    assert_eq!(slots.taken(), 1, "its connection is lost, its seat is not");
    driver.step(start + HOLD);
    assert_eq!(slots.taken(), 0);
}

#[test]
fn no_seat_is_held_for_a_client_that_has_never_sent_a_message() {
    let (test, new) = TestRoom::open();
    let now = Instant::now();
    let mut driver = Driver::open(new.make().unwrap(), now);
    let client = test.join();
    driver.step(now);
    assert_eq!(driver.connections.len(), 1);
    drop(client);
    let patience = Instant::now() + Duration::from_secs(20);
    while !driver.connections.is_empty() {
        assert!(Instant::now() < patience);
        driver.step(now);
    }
    assert!(driver.held.is_empty());
    assert_eq!((test.listing().unwrap().players, test.context.tokens.count()), (0, 0));
}

#[test]
fn a_player_who_resumes_in_time_continues() {
    let mut rig = Rig::new();
    let tick = rig.lose();
    rig.pass(Duration::from_millis(500));
    let received = rig.resume(&rig.token(), Some(tick));
    assert_eq!((received.kinds(), received.welcome().player), (vec![0, KIND_DELTA], 0));
    assert_eq!(received.welcome().resume_seconds, DEFAULT_RESUME_SECONDS);
    assert_eq!((rig.counts(), rig.test.listing().unwrap().resumes), ((1, 0, 2), 1));
    rig.lose();
    rig.pass(Duration::from_secs(5));
    let received = rig.resume(&rig.token(), Some(tick));
    assert_eq!(received.kinds(), [0, KIND_KEYFRAME]);
    rig.lose();
    rig.pass(Duration::from_secs(19));
    let received = rig.resume(&rig.token(), None);
    assert_eq!(received.kinds(), [0, KIND_KEYFRAME], "it is held for the whole time again");
    assert_eq!(rig.test.listing().unwrap().resumes, 3);
}

#[test]
fn a_seat_is_not_held_for_a_client_that_leaves_or_breaks_a_rule() {
    let bad = [
        (CLOSE, vec![0x03, 0xe8]),
        (1, b"hello".to_vec()),
        (BINARY, vec![99]),
        (BINARY, vec![1, 0]),
        (15, vec![]),
    ];
    for (opcode, payload) in bad {
        let mut rig = Rig::new();
        rig.client().send(opcode, &payload);
        rig.settle(|rig| rig.driver.connections.is_empty());
        assert_eq!(rig.counts(), (0, 0, 0), "{opcode} {payload:?}");
        assert!(!rig.is_good(&rig.token));
    }
}

#[test]
fn no_seat_is_held_where_that_is_off() {
    let mut rig = Rig::of(TestRoom::with(16, hold(0)));
    assert!(!rig.is_good(&rig.token), "not even to take over");
    rig.lose();
    assert_eq!(rig.counts(), (0, 0, 0));
}

#[test]
fn a_room_of_held_seats_is_not_empty() {
    let mut rig = Rig::of(TestRoom::with(16, hold(60)));
    rig.lose();
    rig.pass(Duration::from_secs(59));
    assert_eq!(rig.counts(), (1, 1, 1));
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.counts(), (0, 0, 0));
    rig.pass(Duration::from_secs(28));
    assert_eq!(rig.test.listing().iter().len(), 1, "it is empty only since the seat was freed");
    while rig.step() {}
}

#[test]
fn a_token_is_valid_until_the_next_one_has_arrived() {
    let mut rig = Rig::new();
    let first = &rig.token();
    rig.lose();
    rig.resume(first, None);
    let second = &rig.token();
    assert!(first != second && rig.is_good(first) && rig.is_good(second));
    // The new one never arrived: the old one is used again, and the lost one is revoked.
    rig.lose();
    rig.resume(first, None);
    let third = &rig.token();
    assert!(rig.is_good(first) && !rig.is_good(second) && rig.is_good(third));
    // A pong is not enough: the client's library sends it, whether or not the welcome has arrived.
    rig.client().send(10, &[]);
    rig.step();
    assert!(rig.is_good(first));
    rig.client().send(BINARY, &ack(1));
    rig.settle(|rig| !rig.is_good(first));
    assert!(rig.is_good(third));
    // The new one arrived, and is used before any message is sent.
    rig.lose();
    rig.resume(third, None);
    let fourth = &rig.token();
    rig.lose();
    rig.resume(fourth, None);
    assert!(!rig.is_good(third) && rig.is_good(fourth) && rig.is_good(&rig.token));
    assert_eq!(rig.counts(), (1, 0, 2));
}

#[test]
fn tokens_that_are_guessed_or_of_another_room_are_refused() {
    let rig = Rig::new();
    let (other, _) = TestRoom::open();
    assert!(rig.is_good(&rig.token) && !other.knows(&rig.token), "the other room has another key");
    let mut guess = rig.token().into_bytes();
    let at = guess.len() / 2;
    guess[at] = if guess[at] == b'A' { b'B' } else { b'A' };
    for bad in ["", "soup", &"0".repeat(32), &String::from_utf8(guess).unwrap()] {
        assert_eq!(rig.test.resume(bad, None).err(), Some(Refusal::UnknownSession), "{bad}");
    }
    assert!(!format!("{:?}", rig.driver.connections).contains(&rig.token), "nor are they in logs");
}

#[test]
fn a_token_fits_a_header_and_a_welcome() {
    let (test, _) = TestRoom::open();
    let token_of = |account: Option<&str>| {
        let key = test.context.tokens.session_key(
            &test.room.entry,
            PlayerId::of_generation(15, (1 << 21) - 1),
            account,
        );
        test.context.tokens.text(&key, u32::MAX)
    };
    for account in [None, Some("ada"), Some(&*"x".repeat(158)), Some(&*"é\n".repeat(500))] {
        let token = token_of(account);
        assert!(token.len() <= 512, "{} bytes", token.len());
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')), "{token}");
        assert!(test.context.tokens.verify(&token).is_some());
    }
    let long = "x".repeat(1000);
    assert_ne!(token_of(Some(&long)), token_of(Some(&long[1..])));
}

#[test]
fn a_newer_connection_takes_over_and_the_older_one_gets_nothing_more() {
    let mut rig = Rig::new();
    let (tick, first) = (rig.driver.room.current_tick(), &rig.token());
    let mut older = rig.client.take().unwrap();
    let received = rig.resume(first, Some(tick));
    assert_eq!(received.kinds(), [0, KIND_DELTA]);
    let at_the_end = older.receive_all();
    assert_eq!((at_the_end.kinds(), at_the_end.closed), (vec![], Some(4005)));
    assert_eq!(rig.test.closes("taken_over"), 1);
    // Messages of the older one are not read any more.
    older.send(BINARY, &[99]);
    rig.pass(Duration::from_millis(500));
    assert_eq!(rig.counts(), (1, 0, 2));
    rig.client().receive(10);
}

#[test]
fn of_two_connections_that_resume_at_once_the_last_gets_the_seat() {
    let mut rig = Rig::new();
    let first = &rig.token();
    rig.lose();
    let mut one = rig.test.resume(first, None).unwrap();
    let received = rig.resume(first, None);
    assert_eq!((received.kinds(), one.receive_all().closed), (vec![0, KIND_KEYFRAME], Some(4005)));
    assert_eq!(rig.counts(), (1, 0, 2));
}

#[test]
fn no_more_players_resume_at_once_than_there_are_seats() {
    let mut rig = Rig::of(TestRoom::with(2, hold(DEFAULT_RESUME_SECONDS)));
    let first = &rig.token();
    let _two = [rig.test.resume(first, None).unwrap(), rig.test.resume(first, None).unwrap()];
    let refused = rig.test.resume(first, None).unwrap_err();
    assert!(matches!(refused, Refusal::TooManyResumes(_)));
    assert_eq!(rig.test.check(), Ok(()), "new players are not kept out");
    assert!(rig.step());
    rig.resume(first, None);
    // A reservation that is dropped frees its place.
    for _ in 0..10 {
        drop(rig.test.way_back(&rig.token, None).unwrap());
    }
}

#[test]
fn a_player_whose_session_ends_while_resuming_is_told_so() {
    let mut rig = Rig::new();
    rig.lose();
    let place = rig.test.way_back(&rig.token, None).unwrap();
    rig.pass(HOLD + PERIOD);
    let (connection, client) = connect();
    place.send(connection);
    assert!(rig.step());
    let received = Peer::new(client).receive_all();
    assert_eq!((received.kinds(), received.closed), (vec![], Some(4006)));
    assert_eq!(rig.counts(), (0, 0, 0));
}

#[test]
fn whatever_ends_a_room_ends_its_sessions() {
    let mut rig = Rig::new();
    rig.lose();
    let place = rig.test.way_back(&rig.token, None).unwrap();
    drop(rig.driver);
    assert_eq!(rig.test.context.tokens.count(), 0);
    assert_eq!(rig.test.listing().iter().len(), 0);
    // The reservation holds the last sender of the room's queues: what it sends is dropped.
    drop(rig.test);
    let (connection, client) = connect();
    place.send(connection);
    assert_eq!(
        Peer::new(client).receive_all().closed,
        None,
        "the client learns the reason when it asks again"
    );
}

#[test]
fn a_stopping_room_frees_the_seats_that_it_holds() {
    let mut rig = Rig::new();
    rig.lose();
    rig.driver.end(EndReason::ServerStopping, rig.now);
    assert_eq!((rig.test.context.tokens.count(), rig.driver.held.len()), (0, 0));
}

#[test]
fn the_players_figures_are_published_once_a_second() {
    let mut rig = Rig::new();
    let listings = |rig: &Rig| rig.test.room.entry.players.listings();
    rig.pass(Duration::from_millis(900));
    assert_eq!(listings(&rig), []);
    rig.pass(Duration::from_millis(200));
    let players = listings(&rig);
    assert_eq!(players.len(), 1);
    assert!(
        players[0].connected && players[0].slack_ticks.is_none() && players[0].neutral > 25,
        "{players:?}"
    );
    rig.lose();
    rig.pass(Duration::from_secs(1));
    assert!(!listings(&rig)[0].connected);
}
