//! Rooms and seats: single cases, and simulations from seeds.

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_room::{EndReason, Rng, RngExt, SeedableRng};
use proptest::prelude::*;

use crate::rooms::entry::state::RoomState;
use crate::rooms::limits::Limits;
use crate::rooms::operator_command::COMMAND_QUEUE;
use crate::rooms::registration::Removal;
use crate::rooms::seats::bad_ticket::BadTicket;
use crate::rooms::seats::tickets::{Ticket, TicketGrant, TicketTarget, Tickets};
use crate::shard::handle::Asked;

use super::*;

mod budgets;

/// A lobby whose only shard is the test itself.
struct Rig {
    lobby: Lobby,
    arena: Arc<GameSpec>,
    opened: Asked,
}

impl Rig {
    fn new(config: &LobbyConfig) -> Self {
        let (shard, opened) = ShardHandle::to_this_thread();
        let arena = Arc::new(GameSpec::of::<Arena>());
        let games = vec![Arc::clone(&arena), Arc::new(GameSpec::of::<Frontier>())];
        let rooms = RoomsConfig { max_players: Some(4), ..RoomsConfig::default() };
        Self {
            lobby: Lobby::new(games, settings(rooms, config), vec![shard], JobRunner::unused()),
            arena,
            opened,
        }
    }

    fn reserve(&self, request: impl Into<RoomRequest>) -> Result<SeatReservation, Refusal> {
        self.lobby.reserve(&self.arena, &request.into())
    }

    fn rooms(&self) -> usize {
        self.lobby.listing().rooms.len()
    }

    fn page(&self, query: &str) -> (Vec<String>, Option<String>) {
        let uri = format!("/api/rooms?{query}").parse().unwrap();
        let filter = axum::extract::Query::try_from_uri(&uri).unwrap();
        let listing = self.lobby.page(&filter);
        (listing.rooms.into_iter().map(|room| room.id).collect(), listing.next)
    }
}

fn settings(rooms: RoomsConfig, lobby: &LobbyConfig) -> LobbySettings {
    let limits = Limits::default();
    LobbySettings {
        rooms,
        lobby: lobby.clone(),
        chat: ChatRules::default(),
        limits: limits.of_connections(),
        room_limits: limits.of_rooms(None),
    }
}

fn of_mode(mode: &str, options: serde_json::Value) -> RoomRequest {
    let serde_json::Value::Object(options) = options else { panic!("options are an object") };
    RoomRequest { choice: RoomChoice::Any, mode: mode.to_owned(), options, opener: None, account: None }
}

#[test]
fn rooms_opened_and_left_are_used_again() {
    let config = LobbyConfig { max_empty_rooms: 5, ..LobbyConfig::default() };
    let rig = Rig::new(&config);
    for _ in 0..3 * config.max_empty_rooms {
        drop(rig.reserve(RoomChoice::New).unwrap());
    }
    assert_eq!(rig.rooms(), config.max_empty_rooms);
    let kept: Vec<SeatReservation> =
        (0..3 * config.max_empty_rooms).map(|_| rig.reserve(RoomChoice::New).unwrap()).collect();
    // The first request takes one of the empty rooms; the others are below the limit again and get new ones.
    assert_eq!(rig.rooms(), config.max_empty_rooms - 1 + kept.len());
}

#[test]
fn there_are_no_more_rooms_than_allowed() {
    let rig = Rig::new(&LobbyConfig { max_rooms: 2, ..LobbyConfig::default() });
    let _seats = [(); 2].map(|()| rig.reserve(RoomChoice::New).unwrap());
    assert!(matches!(rig.reserve(RoomChoice::New), Err(Refusal::ServerFull)));
    let create = |visibility| rig.lobby.create(&rig.arena, &RoomChoice::New.into(), visibility);
    assert!(
        [Visibility::Public, Visibility::Private]
            .map(create)
            .iter()
            .all(|room| matches!(room, Err(Refusal::ServerFull)))
    );
    assert!(rig.reserve(RoomChoice::Any).is_ok(), "there are free seats");
}

#[test]
fn a_locked_or_ending_room_is_not_chosen() {
    let rig = Rig::new(&LobbyConfig::default());
    let first = rig.reserve(RoomChoice::Any).unwrap();
    let id = first.entry().id.clone();
    assert_eq!(rig.lobby.listing().rooms[0].state, RoomState::Created);
    for state in [RoomState::Locked, RoomState::Draining, RoomState::Closed] {
        first.entry().set_state(state);
        let by_id = rig.lobby.check(&rig.arena, &RoomChoice::Id(id.clone()).into());
        assert_eq!(by_id, Err(Refusal::RoomLocked(id.clone())));
        let other = rig.reserve(RoomChoice::Any).unwrap();
        assert_ne!(other.entry().id, id, "{state:?}");
    }
    first.entry().set_state(RoomState::Open);
    assert_eq!(rig.reserve(RoomChoice::Any).unwrap().entry().id, id);
}

#[test]
fn a_room_of_another_mode_or_with_other_options_is_another_room() {
    let rig = Rig::new(&LobbyConfig::default());
    let seat = |mode, options| rig.reserve(of_mode(mode, options)).unwrap();
    let json = |text| serde_json::from_str(text).unwrap();
    let first = seat("duel", json(r#"{"round_seconds": 60}"#));
    assert_eq!(first.entry().max_players, 2, "a duel is of two");
    let others =
        [seat("", json("{}")), seat("duel", json("{}")), seat("duel", json(r#"{"round_seconds": 61}"#))];
    let ids: BTreeSet<_> = others.iter().chain([&first]).map(|seat| seat.entry().id.clone()).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(others[0].entry().max_players, 4, "the operator's limit");
    assert_eq!(seat("duel", json(r#"{ "round_seconds" :60 }"#)).entry().id, first.entry().id);
    let _second = seat("duel", json(r#"{"round_seconds": 60}"#));
    assert!(!ids.contains(&seat("duel", json(r#"{"round_seconds": 60}"#)).entry().id), "that one is full");
    let bad = [("chess", "{}"), ("duel", r#"{"speed": 2}"#), ("", r#"{"round_seconds": 1}"#)];
    for (mode, options) in bad {
        let refused = rig.reserve(of_mode(mode, json(options)));
        assert!(matches!(refused, Err(Refusal::BadOptions(_))), "{mode} {options}: {refused:?}");
    }
    assert_eq!(rig.rooms(), 5, "a refused request opens none");
}

#[test]
fn a_client_that_wants_no_new_room_gets_none() {
    let rig = Rig::new(&LobbyConfig::default());
    assert!(matches!(rig.reserve(RoomChoice::Existing), Err(Refusal::NoRoomFree)));
    let there = rig.reserve(RoomChoice::Any).unwrap();
    assert_eq!(rig.reserve(RoomChoice::Existing).unwrap().entry().id, there.entry().id);
}

#[test]
fn a_private_room_is_found_by_its_code_alone() {
    let rig = Rig::new(&LobbyConfig::default());
    let room = rig.lobby.create(&rig.arena, &RoomChoice::New.into(), Visibility::Private).unwrap();
    let entry = &room.entry;
    let code = entry.code.clone().unwrap();
    assert!(code.len() >= 8);
    let by_id = RoomChoice::Id(entry.id.clone());
    assert!(matches!(rig.reserve(by_id), Err(Refusal::UnknownRoom(_))));
    assert_ne!(rig.reserve(RoomChoice::Any).unwrap().entry().id, entry.id);
    assert!(matches!(rig.reserve(RoomChoice::Code("23456789ab".into())), Err(Refusal::UnknownCode)));
    let by_code = |code: String| rig.reserve(RoomChoice::Code(code)).unwrap().entry().id.clone();
    assert_eq!(by_code(code.clone()), entry.id);
    let (start, end) = code.split_at(5);
    assert_eq!(by_code(format!(" {}-{end} ", start.to_uppercase())), entry.id, "however it is written");
    let frontier = rig.lobby.game("frontier").unwrap();
    let elsewhere = rig.lobby.check(frontier, &RoomChoice::Code(code.clone()).into());
    assert_eq!(elsewhere, Err(Refusal::UnknownCode));
    assert!(!rig.page("").0.contains(&entry.id));
    assert_eq!(rig.lobby.public_room(&entry.id).err(), Some(Refusal::unknown_room(&entry.id)));
    assert!(rig.lobby.listing().rooms.iter().any(|room| room.id == entry.id && room.private));
    let seats = [(); 4].map(|()| rig.reserve(RoomChoice::Code(code.clone())).unwrap());
    assert!(matches!(rig.reserve(RoomChoice::Code(code.clone())), Err(Refusal::RoomFull(_))));
    drop((seats, rig.opened));
    drop(rig.lobby);
}

#[test]
fn codes_end_with_their_rooms_and_the_reasons_are_kept() {
    let rig = Rig::new(&LobbyConfig::default());
    let room = rig.lobby.create(&rig.arena, &RoomChoice::New.into(), Visibility::Private).unwrap();
    let entry = &room.entry;
    let duel = of_mode("duel", serde_json::json!({}));
    let public = rig.lobby.create(&rig.arena, &duel, Visibility::Public).unwrap();
    let registrations = [(); 2].map(|()| rig.opened.next().unwrap().parts.registration);
    registrations[0].end(EndReason::Operator);
    assert_eq!(rig.rooms(), 1);
    assert_eq!(registrations[1].retire(), Removal::Removed);
    let code = RoomChoice::Code(entry.code.clone().unwrap());
    assert!(matches!(rig.reserve(code), Err(Refusal::UnknownCode)));
    assert_eq!(entry.state(), RoomState::Closed);
    let closed: Vec<_> = rig.lobby.listing().closed.into_iter().map(|room| (room.id, room.reason)).collect();
    assert_eq!(closed, [(entry.id.clone(), "operator"), (public.entry.id.clone(), "empty")]);
    drop(registrations);
    assert_eq!(rig.lobby.listing().closed.len(), 2, "each is listed once");
}

#[test]
fn a_list_is_filtered_and_its_pages_are_stable_while_rooms_come_and_go() {
    let rig = Rig::new(&LobbyConfig::default());
    let seats: Vec<SeatReservation> = (0..5).map(|_| rig.reserve(RoomChoice::New).unwrap()).collect();
    let duel = [(); 2].map(|()| rig.reserve(of_mode("duel", serde_json::json!({}))).unwrap());
    let mut ids: Vec<_> = seats.iter().map(|seat| seat.entry().id.clone()).collect();
    ids.sort();
    assert_eq!(rig.page("game=arena&mode="), (ids.clone(), None));
    assert_eq!(rig.page("mode=duel"), (vec![duel[0].entry().id.clone()], None));
    assert_eq!(rig.page("mode=duel&free=true"), (vec![], None), "it is full");
    assert_eq!(rig.page("game=frontier"), (vec![], None));
    seats[0].entry().set_state(RoomState::Locked);
    assert_eq!(rig.page("state=locked").0, std::slice::from_ref(&seats[0].entry().id));
    assert_eq!(rig.page("mode=&free=true").0.len(), 4);
    let (first, next) = rig.page("mode=&limit=2&after=");
    assert_eq!((&first[..], &next), (&ids[..2], &Some(ids[1].clone())));
    // The last room of the page ends.
    let gone = seats.iter().find(|seat| seat.entry().id == ids[1]).unwrap();
    gone.entry().ended.set(EndReason::Game).unwrap();
    rig.lobby.registry.note_end();
    let (second, next) = rig.page(&format!("mode=&limit=2&after={}", next.unwrap()));
    assert_eq!((&second[..], &next), (&ids[2..4], &Some(ids[3].clone())));
    assert_eq!(rig.page(&format!("mode=&limit=2&after={}", next.unwrap())), (ids[4..].to_vec(), None));
}

#[test]
fn a_shard_that_has_ended_gets_no_rooms() {
    let (gone, _) = ShardHandle::to_this_thread();
    let (here, opened) = ShardHandle::to_this_thread();
    let spec = Arc::new(GameSpec::of::<Arena>());
    let (rooms, config) = (RoomsConfig::default(), LobbyConfig::default());
    let lobby =
        Lobby::new(vec![Arc::clone(&spec)], settings(rooms, &config), vec![gone, here], JobRunner::unused());
    let _seat = lobby.reserve(&spec, &RoomChoice::New.into()).unwrap();
    assert!(opened.next().is_some());
}

#[test]
fn a_draining_lobby_admits_nobody() {
    let rig = Rig::new(&LobbyConfig::default());
    let seat = rig.reserve(RoomChoice::Any).unwrap();
    rig.lobby.drain().begin(Duration::from_secs(30), Instant::now());
    for choice in [RoomChoice::Any, RoomChoice::New, RoomChoice::Id(seat.entry().id.clone())] {
        assert_eq!(rig.reserve(choice.clone()).err(), Some(Refusal::Draining));
        assert_eq!(rig.lobby.check(&rig.arena, &choice.into()), Err(Refusal::Draining));
    }
}

#[test]
fn commands_for_a_room_are_limited_and_end_with_it() {
    let rig = Rig::new(&LobbyConfig::default());
    let room = rig.lobby.create(&rig.arena, &RoomChoice::New.into(), Visibility::Public).unwrap();
    let id = &room.entry.id;
    for _ in 0..COMMAND_QUEUE {
        rig.lobby.command(id, OperatorCommand::Lock(true)).unwrap();
    }
    let refused = rig.lobby.command(id, OperatorCommand::Close);
    assert_eq!(refused, Err(Refusal::TooManyOrders(id.clone())));
    drop(rig.opened.next().unwrap());
    assert_eq!(rig.lobby.command(id, OperatorCommand::Close), Err(Refusal::unknown_room(id)));
    assert_eq!(rig.lobby.spectate(id, SpectatorKind::Operator).err(), Some(Refusal::unknown_room(id)));
    assert_eq!(rig.lobby.public_room("nowhere").err(), Some(Refusal::UnknownRoom("nowhere".into())));
}

#[test]
fn a_room_of_another_owner_is_not_reached() {
    /// Knows of no room.
    #[derive(Debug)]
    struct Elsewhere;

    impl Directory for Elsewhere {
        fn owner(&self, _: &str) -> RoomOwner {
            RoomOwner::Unknown
        }
    }

    let mut rig = Rig::new(&LobbyConfig::default());
    let seat = rig.reserve(RoomChoice::Any).unwrap();
    let id = seat.entry().id.clone();
    assert!(rig.reserve(RoomChoice::Id(id.clone())).is_ok() && rig.lobby.room(&id).is_ok());
    rig.lobby.directory = Box::new(Elsewhere);
    assert_eq!(rig.reserve(RoomChoice::Id(id.clone())).err(), Some(Refusal::unknown_room(&id)));
    assert_eq!(rig.lobby.room(&id).err(), Some(Refusal::unknown_room(&id)));
}

/// Clients that reserve, join, stay away and leave, rooms that end, and a clock that advances.
struct Simulation {
    rig: Rig,
    rng: Rng,
    now: Instant,
    tickets: Arc<Tickets>,
    /// Unused tickets, their expiry and their rooms.
    out: VecDeque<(Ticket, Instant, String)>,
    /// Seats of players who have joined.
    seated: Vec<SeatReservation>,
    rooms: Vec<Registration>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let rig = Rig::new(&LobbyConfig { max_rooms: 12, max_empty_rooms: 3, ..LobbyConfig::default() });
        let tickets = Tickets::new(
            Duration::from_secs(15),
            Arc::clone(rig.lobby.signing_key()),
            Arc::clone(rig.lobby.ticket_counters()),
        );
        let (out, seated, rooms) = (VecDeque::new(), Vec::new(), Vec::new());
        let rng = Rng::seed_from_u64(seed);
        Self { rig, rng, now: Instant::now(), tickets: tickets.into(), out, seated, rooms }
    }

    fn step(&mut self) {
        match self.rng.random_range(0..10) {
            0..4 => self.ask(),
            4..6 => self.come(),
            6 if !self.seated.is_empty() => {
                self.seated.swap_remove(self.rng.random_range(0..self.seated.len()));
            }
            7 if !self.rooms.is_empty() => self.end_a_room(),
            8 => {
                self.now += Duration::from_secs(self.rng.random_range(0..8));
                self.tickets.expire(self.now);
                self.out.retain(|(_, expires, _)| *expires > self.now);
            }
            _ => {}
        }
        while let Some(room) = self.rig.opened.next() {
            self.rooms.push(room.parts.registration);
        }
        // Their drivers would end them at their next step.
        self.rooms.retain(|room| room.entry().dismissed().is_none());
    }

    fn ask(&mut self) {
        let choice = match self.rng.random_range(0..6) {
            0 => RoomChoice::New,
            1 => RoomChoice::Existing,
            _ => RoomChoice::Any,
        };
        if self.rng.random_bool(0.1) {
            let visibility = if self.rng.random() { Visibility::Private } else { Visibility::Public };
            let _ = self.rig.lobby.create(&self.rig.arena, &choice.clone().into(), visibility);
        }
        match self.rig.reserve(choice) {
            Ok(seat) => {
                let room = seat.entry().id.clone();
                let ticket =
                    self.tickets.issue(TicketGrant::Player { seat, joiner: "a".into() }, self.now).unwrap();
                self.out.push_back((ticket, self.now + Duration::from_secs(15), room));
            }
            Err(refusal) => assert!(matches!(refusal, Refusal::ServerFull | Refusal::NoRoomFree)),
        }
    }

    /// A client uses a ticket, and then tries to use it again.
    fn come(&mut self) {
        let Some((ticket, _, room)) = self.out.pop_front() else { return };
        let target = TicketTarget { game: "arena", room: Some(&room) };
        match self.tickets.take(&ticket.text, target, self.now) {
            Ok(TicketGrant::Player { seat, .. }) => {
                assert_eq!(seat.entry().id, room);
                self.seated.push(seat);
            }
            Ok(other) => panic!("a player's: {other:?}"),
            // The ticket keeps its seat in the ended room until it expires.
            Err(refusal) => {
                assert_eq!(refusal, BadTicket::RoomEnded);
                return;
            }
        }
        let again = self.tickets.take(&ticket.text, target, self.now);
        assert!(matches!(again, Err(BadTicket::Used)), "{again:?}");
    }

    fn end_a_room(&mut self) {
        let index = self.rng.random_range(0..self.rooms.len());
        if self.rng.random() {
            self.rooms.swap_remove(index).end(EndReason::Game);
        } else if self.rooms[index].retire() == Removal::Removed {
            self.rooms.swap_remove(index);
        }
    }

    fn check(&self) {
        let listing = self.rig.lobby.listing();
        let open: BTreeSet<_> = self.rooms.iter().map(|room| room.entry().id.clone()).collect();
        assert_eq!(listing.rooms.iter().map(|room| room.id.clone()).collect::<BTreeSet<_>>(), open);
        assert!(listing.rooms.len() <= 12);
        let held = self.out.iter().map(|(_, _, room)| room);
        let taken: Vec<_> = held.chain(self.seated.iter().map(|seat| &seat.entry().id)).collect();
        for room in &listing.rooms {
            assert!(room.players <= room.max_players, "{room:?}");
            let expected = taken.iter().filter(|id| ***id == room.id).count();
            assert_eq!(usize::from(room.players), expected, "{room:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_clients_come_and_go_each_seat_is_counted_once(seed: u64) {
        let mut simulation = Simulation::new(seed);
        for _ in 0..400 {
            simulation.step();
            simulation.check();
        }
        // Once all clients have left, all seats are free.
        simulation.now += Duration::from_secs(16);
        simulation.tickets.expire(simulation.now);
        simulation.out.clear();
        simulation.seated.clear();
        simulation.check();
        let counts = simulation.rig.lobby.ticket_counters().counts();
        prop_assert_eq!((counts.held, counts.issued), (0, counts.used + counts.expired));
    }
}
