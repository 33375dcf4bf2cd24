//! A room's life with a clock that is moved by hand.

mod ending;

use std::sync::Arc;

use drumline_shared::messages::{ClientMessage, write_control};
use drumline_shared::session::SessionToken;
use drumline_shared::snapshot::{KIND_DELTA, KIND_KEYFRAME};
use tokio::sync::Semaphore;

use super::*;
use crate::config::RoomsConfig;
use crate::lobby::{Lobby, RoomChoice, Seat};
use crate::refusal::Refusal;
use crate::room_state::RoomState;
use crate::sessions::DEFAULT_RESUME_SECONDS;
use crate::testing::{Heard, Peer, arrival, arrival_among, join, open_room_with, resume};

mod spectators;

const PERIOD: Duration = Duration::from_nanos(33_333_333);
const HOLD: Duration = Duration::from_secs(DEFAULT_RESUME_SECONDS as u64);
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// A room that is run, and one player in it.
struct Rig {
    lobby: Arc<Lobby>,
    driver: Driver,
    now: Instant,
    client: Option<Peer>,
    token: SessionToken,
}

impl Rig {
    fn new() -> Self {
        Self::with(RoomsConfig::default())
    }

    fn with(config: RoomsConfig) -> Self {
        let (lobby, room, seat) = open_room_with(config);
        let now = Instant::now();
        let mut driver = Driver::open(room, now).unwrap();
        let mut client = join(seat);
        assert!(driver.step(now));
        let token = client.hear(2).welcome().session;
        // As if it had said something: else its seat is not worth holding.
        driver.connections[0].session.confirm();
        Self { lobby, driver, now, client: Some(client), token }
    }

    /// A tick later; whether the room goes on.
    fn step(&mut self) -> bool {
        self.now += PERIOD;
        self.driver.step(self.now)
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

    /// Steps, without time passing, until what a client has done has arrived.
    fn settle(&mut self, has_arrived: impl Fn(&Self) -> bool) {
        let patience = Instant::now() + Duration::from_secs(20);
        while !has_arrived(self) {
            assert!(Instant::now() < patience && self.driver.step(self.now));
        }
    }

    /// The same, for what ends the room.
    fn settle_or_end(&mut self, has_ended: impl Fn(&Self) -> bool) {
        let patience = Instant::now() + Duration::from_secs(20);
        while !has_ended(self) {
            assert!(Instant::now() < patience);
            self.driver.step(self.now);
        }
    }

    /// The client is gone without a word, and the server notices: the last tick before it did.
    fn lose(&mut self) -> u32 {
        self.client = None;
        self.settle(|rig| rig.driver.connections.is_empty());
        self.driver.room.current_tick() - 1
    }

    /// The client comes back, with what it has heard by the next tick.
    fn resume(&mut self, token: SessionToken, mirror_tick: Option<u32>) -> Heard {
        self.client = Some(resume(&self.lobby, token, mirror_tick).unwrap());
        assert!(self.step());
        let heard = self.client().hear(2);
        self.token = heard.welcome().session;
        heard
    }

    fn is_good(&self, token: SessionToken) -> bool {
        let checked = self.lobby.sessions().check("arena", Some(token));
        assert!(matches!(checked, Ok(()) | Err(Refusal::UnknownSession)));
        checked.is_ok()
    }

    /// Seats taken, those of them that are held, and tokens.
    fn counts(&self) -> (u16, u16, usize) {
        let room = &self.lobby.listing().rooms[0];
        assert_eq!(room.state, RoomState::Open);
        (room.players, room.held_seats, self.lobby.sessions().count())
    }
}

fn kick(player: u16) -> Order {
    Order::Kick { player: PlayerId(player), reason: String::new() }
}

fn ack(tick: u32) -> Vec<u8> {
    write_control(&ClientMessage::Ack { tick })
}

#[test]
fn a_client_that_is_silent_for_too_long_is_closed_and_its_seat_held() {
    let mut rig = Rig::new();
    // The client says nothing, so it answers no ping.
    rig.pass(Duration::from_secs(17));
    assert_eq!(rig.lobby.listing().closes.get("silent"), Some(&1));
    assert_eq!(rig.client().hear_out().closed, Some(4003));
    assert_eq!(rig.counts(), (1, 1, 1));
}

#[test]
fn an_empty_room_closes_after_a_while() {
    let (lobby, room, seat) = open_room_with(RoomsConfig::default());
    drop(seat);
    let opened = Instant::now();
    let mut now = opened;
    let mut driver = Driver::open(room, now).unwrap();
    let rooms = lobby.listing().rooms;
    assert_eq!((rooms.len(), rooms[0].state), (1, RoomState::Created));
    while driver.step(now) {
        now += PERIOD;
    }
    let open_for = now - opened;
    let limit = lobby.empty_limit();
    assert!(open_for > limit && open_for <= limit + PERIOD, "{open_for:?}");
    assert_eq!(lobby.listing().rooms.len(), 0);
}

#[test]
fn a_room_that_ends_waits_for_goodbyes_but_not_for_ever() {
    let mut rig = Rig::new();
    let start = rig.now;
    rig.driver.end(EndReason::ServerStopping, start);
    assert_eq!(rig.lobby.listing().closes.get("server_stopping"), Some(&1));
    assert_eq!(rig.lobby.sessions().count(), 0);
    // The client says nothing.
    assert!(rig.driver.step(start + Duration::from_millis(500)));
    assert!(!rig.driver.step(start + Duration::from_secs(1)));
}

#[test]
fn the_seat_of_a_lost_connection_is_held_for_as_long_as_it_should_be() {
    let mut rig = Rig::new();
    rig.lose();
    let lost = rig.now;
    while rig.now + PERIOD < lost + HOLD {
        assert!(rig.step());
        assert_eq!(rig.counts(), (1, 1, 1));
    }
    assert!(rig.is_good(rig.token));
    rig.step();
    assert_eq!(rig.counts(), (0, 0, 0));
    assert_eq!(resume(&rig.lobby, rig.token, None).err(), Some(Refusal::UnknownSession));
    assert_eq!(rig.driver.room.players().count(), 0, "and the game knows");
}

#[test]
fn a_held_seat_counts_as_a_connection() {
    let (lobby, room, seat) = open_room_with(RoomsConfig::default());
    let start = Instant::now();
    let mut driver = Driver::open(room, start).unwrap();
    let places = Arc::new(Semaphore::new(2));
    let (arrival, client) = arrival_among(&places);
    Seat::send(Joining { arrival, joiner: "a".into(), seat });
    driver.step(start);
    driver.connections[0].session.confirm();
    assert_eq!(places.available_permits(), 1);
    drop(client);
    while lobby.listing().rooms[0].held_seats == 0 {
        driver.step(start);
    }
    assert_eq!(places.available_permits(), 1, "its connection is gone, its seat is not");
    driver.step(start + HOLD);
    assert_eq!(places.available_permits(), 2);
}

#[test]
fn who_has_never_said_anything_has_no_seat_to_come_back_to() {
    let (lobby, room, seat) = open_room_with(RoomsConfig::default());
    let now = Instant::now();
    let mut driver = Driver::open(room, now).unwrap();
    let client = join(seat);
    assert!(driver.step(now) && driver.connections.len() == 1);
    drop(client);
    let patience = Instant::now() + Duration::from_secs(20);
    while !driver.connections.is_empty() {
        assert!(Instant::now() < patience && driver.step(now));
    }
    assert!(driver.held.is_empty());
    assert_eq!((lobby.listing().rooms[0].players, lobby.sessions().count()), (0, 0));
}

#[test]
fn who_comes_back_in_time_goes_on() {
    let mut rig = Rig::new();
    let tick = rig.lose();
    rig.pass(Duration::from_millis(500));
    let heard = rig.resume(rig.token, Some(tick));
    assert_eq!((heard.kinds(), heard.welcome().player), (vec![0, KIND_DELTA], 0));
    assert_eq!(heard.welcome().resume_seconds, DEFAULT_RESUME_SECONDS);
    assert_eq!((rig.counts(), rig.lobby.listing().rooms[0].resumes), ((1, 0, 2), 1));
    rig.lose();
    rig.pass(Duration::from_secs(5));
    let heard = rig.resume(rig.token, Some(tick));
    assert_eq!(heard.kinds(), [0, KIND_KEYFRAME]);
    rig.lose();
    rig.pass(Duration::from_secs(19));
    let heard = rig.resume(rig.token, None);
    assert_eq!(heard.kinds(), [0, KIND_KEYFRAME], "each time it is held for as long");
    assert_eq!(rig.lobby.listing().rooms[0].resumes, 3);
}

#[test]
fn only_the_networks_doing_holds_a_seat() {
    let bad = [
        (CLOSE, vec![0x03, 0xe8]),
        (1, b"hello".to_vec()),
        (BINARY, vec![99]),
        (BINARY, vec![1, 0]),
        (15, vec![]),
    ];
    for (opcode, payload) in bad {
        let mut rig = Rig::new();
        rig.client().say(opcode, &payload);
        rig.settle(|rig| rig.driver.connections.is_empty());
        assert_eq!(rig.counts(), (0, 0, 0), "{opcode} {payload:?}");
        assert!(!rig.is_good(rig.token));
    }
}

#[test]
fn no_seat_is_held_where_that_is_off() {
    let mut rig = Rig::with(RoomsConfig { resume_seconds: 0, ..RoomsConfig::default() });
    assert!(!rig.is_good(rig.token), "not even to take over");
    rig.lose();
    assert_eq!(rig.counts(), (0, 0, 0));
}

#[test]
fn a_room_of_held_seats_is_not_empty() {
    let mut rig = Rig::with(RoomsConfig { resume_seconds: 60, ..RoomsConfig::default() });
    rig.lose();
    rig.pass(Duration::from_secs(59));
    assert_eq!(rig.counts(), (1, 1, 1));
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.counts(), (0, 0, 0));
    rig.pass(Duration::from_secs(28));
    assert_eq!(rig.lobby.listing().rooms.len(), 1, "it is empty only since the seat was freed");
    while rig.step() {}
}

#[test]
fn a_token_is_good_until_the_next_one_has_arrived() {
    let mut rig = Rig::new();
    let first = rig.token;
    rig.lose();
    rig.resume(first, None);
    let second = rig.token;
    assert!(first != second && rig.is_good(first) && rig.is_good(second));
    // The new one never arrived: the old one is used again, and the one that was lost is good no longer.
    rig.lose();
    rig.resume(first, None);
    let third = rig.token;
    assert!(rig.is_good(first) && !rig.is_good(second) && rig.is_good(third));
    // A pong is not enough: the library answers it, whatever has become of the welcome.
    rig.client().say(10, &[]);
    rig.step();
    assert!(rig.is_good(first));
    rig.client().say(BINARY, &ack(1));
    rig.settle(|rig| !rig.is_good(first));
    assert!(rig.is_good(third));
    // The new one arrived, but was used before a word was said.
    rig.lose();
    rig.resume(third, None);
    let fourth = rig.token;
    rig.lose();
    rig.resume(fourth, None);
    assert!(!rig.is_good(third) && rig.is_good(fourth) && rig.is_good(rig.token));
    assert_eq!(rig.counts(), (1, 0, 2));
}

#[test]
fn tokens_that_are_guessed_or_of_another_game_are_refused() {
    let rig = Rig::new();
    let sessions = rig.lobby.sessions();
    let mut guess = rig.token;
    guess.0[15] ^= 1;
    assert_eq!(sessions.check("arena", Some(guess)), Err(Refusal::UnknownSession));
    assert_eq!(sessions.check("arena", Some(SessionToken([0; 16]))), Err(Refusal::UnknownSession));
    assert_eq!(sessions.check("arena", None), Err(Refusal::UnknownSession));
    assert_eq!(sessions.check("frontier", Some(rig.token)), Err(Refusal::UnknownSession));
    assert_eq!(sessions.check("arena", Some(rig.token)), Ok(()));
    assert!(
        !format!("{:?}", rig.driver.connections).contains(&rig.token.to_string()),
        "nor are they in logs"
    );
}

#[test]
fn a_newer_connection_takes_over_and_the_older_one_gets_nothing_more() {
    let mut rig = Rig::new();
    let (tick, first) = (rig.driver.room.current_tick(), rig.token);
    let mut older = rig.client.take().unwrap();
    let heard = rig.resume(first, Some(tick));
    assert_eq!(heard.kinds(), [0, KIND_DELTA]);
    let at_the_end = older.hear_out();
    assert_eq!((at_the_end.kinds(), at_the_end.closed), (vec![], Some(4005)));
    assert_eq!(rig.lobby.listing().closes.get("taken_over"), Some(&1));
    // What the older one says now is not heard.
    older.say(BINARY, &[99]);
    rig.pass(Duration::from_millis(500));
    assert_eq!(rig.counts(), (1, 0, 2));
    rig.client().hear(10);
}

#[test]
fn of_two_that_come_back_at_once_the_last_one_gets_the_seat() {
    let mut rig = Rig::new();
    let first = rig.token;
    rig.lose();
    let mut one = resume(&rig.lobby, first, None).unwrap();
    let heard = rig.resume(first, None);
    assert_eq!((heard.kinds(), one.hear_out().closed), (vec![0, KIND_KEYFRAME], Some(4005)));
    assert_eq!(rig.counts(), (1, 0, 2));
}

#[test]
fn no_more_come_back_at_once_than_there_are_seats() {
    let mut rig = Rig::with(RoomsConfig { max_players: Some(2), ..RoomsConfig::default() });
    let first = rig.token;
    let _two = [resume(&rig.lobby, first, None).unwrap(), resume(&rig.lobby, first, None).unwrap()];
    let refused = resume(&rig.lobby, first, None).unwrap_err();
    assert!(matches!(refused, Refusal::TooManyResumes(_)) && refused.status() == 503);
    let spec = Arc::clone(rig.lobby.game("arena").unwrap());
    let _seat = rig.lobby.reserve(&spec, &RoomChoice::Any.into()).expect("who joins is not kept out by it");
    assert!(rig.step());
    rig.resume(first, None);
    // A place that nothing comes of is free again.
    for _ in 0..10 {
        drop(rig.lobby.sessions().reserve("arena", Some(rig.token)).unwrap());
    }
}

#[test]
fn whose_session_ends_on_their_way_back_is_told_so() {
    let mut rig = Rig::new();
    rig.lose();
    let way = rig.lobby.sessions().reserve("arena", Some(rig.token)).unwrap();
    rig.pass(HOLD + PERIOD);
    let (arrival, client) = arrival();
    way.send(arrival, Some(1));
    assert!(rig.step());
    let heard = Peer::new(client).hear_out();
    assert_eq!((heard.kinds(), heard.closed), (vec![], Some(4006)));
    assert_eq!(rig.counts(), (0, 0, 0));
}

#[test]
fn whatever_ends_a_room_ends_its_sessions() {
    let mut rig = Rig::new();
    rig.lose();
    let way = rig.lobby.sessions().reserve("arena", Some(rig.token)).unwrap();
    drop(rig.driver);
    assert_eq!(rig.lobby.sessions().count(), 0);
    assert_eq!(rig.lobby.listing().rooms.len(), 0);
    let (arrival, client) = arrival();
    way.send(arrival, None);
    assert_eq!(Peer::new(client).hear_out().closed, None, "and who asks again learns why");
}

#[test]
fn a_stopping_room_frees_the_seats_that_it_holds() {
    let mut rig = Rig::new();
    rig.lose();
    rig.driver.end(EndReason::ServerStopping, rig.now);
    assert_eq!((rig.lobby.sessions().count(), rig.driver.held.len()), (0, 0));
}

#[test]
fn the_lobby_is_told_once_a_second_how_the_players_are() {
    let mut rig = Rig::new();
    let id = rig.lobby.listing().rooms[0].id.clone();
    rig.pass(Duration::from_millis(900));
    assert_eq!(rig.lobby.room(&id).unwrap().players, []);
    rig.pass(Duration::from_millis(200));
    let players = rig.lobby.room(&id).unwrap().players;
    assert_eq!(players.len(), 1);
    assert!(
        players[0].connected && players[0].slack_ticks.is_none() && players[0].neutral > 25,
        "{players:?}"
    );
    rig.lose();
    rig.pass(Duration::from_secs(1));
    assert!(!rig.lobby.room(&id).unwrap().players[0].connected);
    assert_eq!(rig.lobby.room("nowhere").err(), Some(Refusal::UnknownRoom("nowhere".into())));
}
