//! The ways back to a seat: after a close frame, by an account, and when all slots are taken.

use std::sync::Arc;

use drumline_room::{Identity, Joiner};

use crate::net::connection_slot::{ConnectionSlot, NoSlot, SPARE_RETURNS, ServerSlots};
use crate::rooms::registry::Found;
use crate::rooms::request::{RoomChoice, RoomRequest};
use crate::rooms::seats::reservation::{ResumeReservation, SeatReservation};
use crate::rooms::seats::seat::Claimed;
use crate::rooms::settings::{DEFAULT_RELOAD_SECONDS, SameAccount};

use super::*;

const RELOAD: Duration = Duration::from_secs(DEFAULT_RELOAD_SECONDS as u64);

/// The seat that a player with an account gets, and whether it is the account's already.
fn ask(test: &TestRoom, account: &str) -> Result<(SeatReservation, bool), Refusal> {
    let id = test.room.entry.id.clone();
    let request = RoomRequest { account: Some(account.to_owned()), ..RoomChoice::Id(id.clone()).into() };
    let mut rooms = test.registry.lock();
    Ok(match rooms.find(&test.spec, &request)? {
        Found::Own(seat) => (seat, true),
        Found::Room(id) => (rooms.take_seat(&id, Some(account)).expect("there is a player"), false),
        Found::NewRoom => panic!("the room is there"),
    })
}

fn joiner(account: &str) -> Joiner {
    let identity = Identity { subject: account.to_owned(), ..Identity::default() };
    Joiner { identity: Some(identity), ..Joiner::named("a") }
}

/// Uses a reservation as the front does.
fn enter(seat: SeatReservation, account: &str) -> Peer {
    let (connection, client) = connect();
    match seat.claim() {
        Claimed::First => seat.send(connection, joiner(account)).unwrap(),
        Claimed::Again => ResumeReservation::by_account(seat, joiner(account)).unwrap().send(connection),
    }
    Peer::new(client)
}

/// A room of two seats, in one of which sits a player with the account `ada`.
fn with_ada() -> (Rig, Peer) {
    let mut rig = Rig::of(TestRoom::with(2, RoomsConfig::default().hold_times()));
    let (seat, own) = ask(&rig.test, "ada").unwrap();
    assert!(!own);
    let ada = enter(seat, "ada");
    assert!(rig.step());
    rig.driver.connections[1].session.confirm();
    (rig, ada)
}

#[test]
fn a_close_frame_says_for_how_long_the_seat_is_held() {
    let codes = [
        (Some(1000), Duration::ZERO),
        (Some(1001), RELOAD),
        (Some(3000), HOLD),
        (Some(4002), HOLD),
        (Some(4003), HOLD),
        (Some(4005), HOLD),
        (None, HOLD),
    ];
    for (code, hold) in codes {
        let mut rig = Rig::new();
        rig.client().send(CLOSE, &code.map_or(Vec::new(), |code: u16| code.to_be_bytes().to_vec()));
        rig.settle(|rig| rig.driver.connections.is_empty());
        let end = rig.now + hold;
        while rig.now + PERIOD < end {
            assert!(rig.step());
            assert_eq!(rig.counts(), (1, 1, 1), "{code:?}");
        }
        assert!(rig.step());
        assert_eq!(rig.counts(), (0, 0, 0), "{code:?}");
    }
}

#[test]
fn a_page_that_is_reloaded_comes_back_to_its_seat() {
    let mut rig = Rig::new();
    for _ in 0..100 {
        rig.client().send(CLOSE, &1001_u16.to_be_bytes());
        rig.settle(|rig| rig.driver.connections.is_empty());
        rig.pass(RELOAD.checked_sub(2 * PERIOD).unwrap());
        let welcome = rig.resume(&rig.token(), None).welcome();
        let hold = (welcome.resume_seconds, welcome.reload_seconds);
        assert_eq!((welcome.player, hold), (0, (DEFAULT_RESUME_SECONDS, DEFAULT_RELOAD_SECONDS)));
        rig.driver.connections[0].session.confirm();
    }
    assert_eq!(rig.counts(), (1, 0, 1));
    assert_eq!(rig.test.closes("page_gone"), 100);
}

#[test]
fn the_token_of_a_player_who_has_left_is_not_good_for_the_next_one_in_the_seat() {
    let mut rig = Rig::new();
    let first = rig.token();
    rig.client().send(CLOSE, &1000_u16.to_be_bytes());
    rig.settle(|rig| rig.driver.connections.is_empty());
    let mut next = rig.test.join();
    assert!(rig.step());
    let welcome = next.receive(1).welcome();
    assert_eq!((welcome.player, rig.is_good(&welcome.session)), (2048, true));
    assert!(!rig.is_good(&first));
}

#[test]
fn an_order_against_a_player_who_has_left_does_not_hit_the_next_one_in_the_seat() {
    let mut rig = Rig::new();
    rig.client().send(CLOSE, &1000_u16.to_be_bytes());
    rig.settle(|rig| rig.driver.connections.is_empty());
    let mut next = rig.test.join();
    rig.test.command(kick(0));
    assert!(rig.step() && rig.step());
    let welcome = next.receive(1).welcome();
    assert_eq!((welcome.player, rig.test.closes("kicked"), rig.driver.connections.len()), (2048, 0, 1));
    rig.test.command(OperatorCommand::Kick { player: PlayerId::of_number(2048), reason: String::new() });
    assert!(rig.step());
    assert_eq!(next.receive_all().closed, Some(4007));
}

#[test]
fn an_account_takes_over_the_seat_that_it_has_even_if_the_room_is_full_and_locked() {
    let (mut rig, mut ada) = with_ada();
    let old = ada.receive(1).welcome();
    assert_eq!(rig.test.check(), Err(Refusal::RoomFull("test".into())));
    rig.test.room.entry.set_state(RoomState::Locked);
    assert!(matches!(ask(&rig.test, "bob"), Err(Refusal::RoomLocked(_))));
    // Her connection is broken, and the server has not noticed.
    let (seat, own) = ask(&rig.test, "ada").unwrap();
    assert!(own);
    let mut again = enter(seat, "ada");
    assert!(rig.step());
    let welcome = again.receive(1).welcome();
    assert_eq!((ada.receive_all().closed, welcome.player), (Some(4005), old.player));
    assert!(rig.is_good(&welcome.session) && !rig.is_good(&old.session));
    assert_eq!(rig.test.room.entry.seats_taken(), 2);
    // The server has noticed, and holds the seat.
    rig.driver.connections[1].session.confirm();
    drop(again);
    rig.settle(|rig| rig.driver.held.len() == 1);
    let mut back = enter(ask(&rig.test, "ada").unwrap().0, "ada");
    assert!(rig.step());
    assert_eq!(back.receive(1).welcome().player, old.player);
    assert_eq!((rig.driver.held.len(), rig.test.room.entry.seats_taken()), (0, 2));
    assert_eq!(rig.driver.room.players().count(), 2, "there is no ghost");
}

#[test]
fn an_account_whose_player_has_come_back_meanwhile_is_refused_where_seats_are_not_taken_over() {
    let (mut rig, mut ada) = with_ada();
    rig.driver.context.same_account = SameAccount::Refuse;
    let old = ada.receive(1).welcome();
    // The front saw the seat held; by now its player is connected again.
    let mut again = enter(ask(&rig.test, "ada").unwrap().0, "ada");
    assert!(rig.step());
    assert_eq!(again.receive_all().closed, Some(4013));
    assert!(rig.is_good(&old.session));
    assert_eq!(rig.driver.room.players().count(), 2);
    // Once the seat is held, another device can come back to it.
    drop(ada);
    rig.settle(|rig| rig.driver.held.len() == 1);
    let mut back = enter(ask(&rig.test, "ada").unwrap().0, "ada");
    assert!(rig.step());
    assert_eq!(back.receive(1).welcome().player, old.player);
}

#[test]
fn an_account_is_not_seated_twice_by_two_tickets() {
    let mut rig = Rig::of(TestRoom::with(2, RoomsConfig::default().hold_times()));
    let seats = [(); 3].map(|()| ask(&rig.test, "ada").unwrap());
    assert_eq!(seats.each_ref().map(|(_, own)| *own), [false, true, true]);
    assert_eq!(rig.test.room.entry.seats_taken(), 2, "with the other player");
    let [first, second, third] = seats.map(|(seat, _)| seat);
    // The handshake with the first fails.
    assert_eq!(first.claim(), Claimed::First);
    drop(first);
    let mut peers = [enter(second, "ada"), enter(third, "ada")];
    assert!(rig.step());
    assert_eq!(peers[0].receive_all().closed, Some(4005), "the later one has the seat");
    assert_eq!(peers[1].receive(1).welcome().player, 1);
    assert_eq!((rig.driver.connections.len(), rig.test.room.entry.seats_taken()), (2, 2));
}

#[test]
fn an_account_whose_player_has_been_kicked_meanwhile_is_a_new_player() {
    let (mut rig, mut ada) = with_ada();
    let seat = ask(&rig.test, "ada").unwrap().0;
    rig.test.command(kick(1));
    assert!(rig.step());
    assert_eq!(ada.receive_all().closed, Some(4007));
    assert_eq!(rig.test.room.entry.seats_taken(), 2, "the seat is reserved");
    let mut again = enter(seat, "ada");
    assert!(rig.step());
    assert_eq!(again.receive(1).welcome().player, 2048 + 1);
    assert_eq!(rig.test.listing().unwrap().resumes, 0);
    rig.client = None;
    drop(again);
    rig.settle(|rig| rig.driver.connections.is_empty());
    assert!(!ask(&rig.test, "ada").unwrap().1, "an account keeps no seat that its player has not");
}

#[test]
fn a_player_who_comes_back_needs_no_second_slot() {
    let (test, new) = TestRoom::open();
    let mut rig = Rig::of((test, new));
    let slots = ServerSlots::new(1);
    let (connection, client) = connect_among(&slots);
    rig.test.reserve().send(connection, "b".into()).unwrap();
    assert!(rig.step());
    rig.driver.connections[1].session.confirm();
    let mut token = Peer::new(client).receive(1).welcome().session;
    rig.settle(|rig| rig.driver.held.len() == 1);
    let returns = Arc::clone(&rig.test.context.returns);
    let places = || (0..).map_while(|_| returns.take()).collect::<Vec<_>>().len();
    assert_eq!(places(), SPARE_RETURNS + 1, "the held seat lends a place");
    for _ in 0..3 {
        assert_eq!(slots.taken(), 1, "the seat keeps its own");
        let slot =
            ConnectionSlot::for_return([192, 0, 2, 7].into(), returns.take().unwrap(), None, NoSlot::Server);
        let (mut connection, client) = connect();
        connection.slot = Arc::new(slot);
        rig.test.way_back(&token, None).unwrap().send(connection);
        assert!(rig.step());
        assert_eq!((places(), slots.taken()), (SPARE_RETURNS, 1));
        let mut peer = Peer::new(client);
        token = peer.receive(1).welcome().session;
        drop(peer);
        rig.driver.connections[1].session.confirm();
        rig.settle(|rig| rig.driver.held.len() == 1);
    }
    rig.pass(HOLD);
    // The other player has been silent meanwhile.
    assert_eq!((places(), slots.taken()), (SPARE_RETURNS + rig.driver.held.len(), 0));
}
