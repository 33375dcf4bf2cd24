//! Budgets of rooms by opener, and shards by load.

use std::net::Ipv4Addr;

use crate::measure::overload::{Overload, OverloadConfig};
use crate::net::peer::PeerAddr;
use crate::rooms::entry::weight::Weight;
use crate::rooms::request::Opener;

use super::*;

/// The opener at an address.
fn address(number: u8) -> Opener {
    Opener::new(PeerAddr::direct(Ipv4Addr::new(192, 0, 2, number).into()).group(), None)
}

fn for_opener(opener: &Opener, choice: RoomChoice) -> RoomRequest {
    RoomRequest { opener: Some(opener.clone()), ..choice.into() }
}

impl Rig {
    /// Opens a private room.
    fn create(&self, opener: &Opener) -> Result<Arc<RoomHandle>, Refusal> {
        self.lobby.create(&self.arena, &for_opener(opener, RoomChoice::New), Visibility::Private)
    }

    /// Opens a room with a player.
    fn play(&self, opener: &Opener) -> Result<SeatReservation, Refusal> {
        self.reserve(for_opener(opener, RoomChoice::New))
    }
}

fn is_open(room: &RoomHandle) -> bool {
    room.entry.dismissed().is_none()
}

#[test]
fn a_flood_of_empty_rooms_ends_its_own_and_refuses_nobody() {
    let rig = Rig::new(&LobbyConfig::default());
    let honest = rig.create(&address(1)).unwrap();
    let flood: Vec<_> = (0..64).map(|_| rig.create(&address(2)).unwrap()).collect();
    assert!(!is_open(&flood[0]) && flood[1..].iter().all(|room| is_open(room)), "the last ended the oldest");
    for number in 3..50 {
        rig.create(&address(number)).unwrap();
    }
    assert!(is_open(&honest), "of the opener with the most of them");
    assert_eq!((rig.rooms(), flood.iter().filter(|room| is_open(room)).count()), (64, 16));
    let by_code = |room: &RoomHandle| rig.reserve(RoomChoice::Code(room.entry.code.clone().unwrap()));
    assert!(by_code(&honest).is_ok());
    assert!(matches!(by_code(&flood[0]), Err(Refusal::UnknownCode)));
}

#[test]
fn rooms_that_have_just_lost_their_players_keep_no_other_room_from_opening() {
    let rig = Rig::new(&LobbyConfig { max_rooms: 81, ..LobbyConfig::default() });
    let duels: Vec<_> = (0..80).map(|number| rig.play(&address(number)).unwrap()).collect();
    let entries: Vec<_> = duels.iter().map(|seat| rig.lobby.room(&seat.entry().id).unwrap()).collect();
    for room in &entries {
        room.entry.set_state(RoomState::Open);
    }
    drop(duels);
    let private = rig.create(&address(100)).unwrap();
    assert!(entries.iter().all(|room| is_open(room)), "their players may come back");
    let next = rig.create(&address(101)).unwrap();
    assert!(is_open(&next) && !is_open(&private), "at the limit of all rooms an unused one ends first");
    let _kept = rig.reserve(RoomChoice::Code(next.entry.code.clone().unwrap())).unwrap();
    let _last = rig.create(&address(102)).unwrap();
    assert_eq!(entries.iter().filter(|room| !is_open(room)).count(), 1, "and then one that was left");
}

#[test]
fn an_account_has_its_own_budget() {
    let rig = Rig::new(&LobbyConfig::default());
    let account = |subject: &str| {
        Opener::new(PeerAddr::direct(Ipv4Addr::new(192, 0, 2, 1).into()).group(), Some(subject))
    };
    let _seats: Vec<_> = (0..64).map(|_| rig.play(&account("ada")).unwrap()).collect();
    assert!(matches!(rig.play(&account("ada")), Err(Refusal::TooManyRooms)));
    assert!(rig.play(&account("bob")).is_ok() && rig.play(&address(1)).is_ok());
}

#[test]
fn an_opener_gets_no_more_than_the_server_has_left() {
    let rig = Rig::new(&LobbyConfig::default());
    // A shard has 750 ms of each second to give.
    let weigh = |seat: &SeatReservation, busy_us| {
        seat.entry().measured_weight.publish(Weight { busy_us, memory_bytes: 0 }, seat.entry().seats_taken());
    };
    let open = |opener: &Opener| rig.play(opener).inspect(|seat| weigh(seat, 50_000));
    let mut seats: Vec<_> = (0..8).map(|_| open(&address(1)).unwrap()).collect();
    assert!(matches!(open(&address(1)), Err(Refusal::TooManyRooms)), "400 ms are more than the 350 left");
    seats.extend((0..4).map(|_| open(&address(2)).unwrap()));
    assert!(matches!(open(&address(2)), Err(Refusal::TooManyRooms)), "200 ms are more than the 150 left");
    seats.extend((0..4).map(|_| open(&address(3)).unwrap()));
    assert!(matches!(open(&address(3)), Err(Refusal::TooManyRooms)), "a few rooms are free, and no more");
    seats[1..7].iter().for_each(|seat| weigh(seat, 0));
    weigh(&seats[15], 225_000);
    assert!(matches!(open(&address(1)), Err(Refusal::TooManyRooms)), "100 ms are more than the 75 left");
    // A room is shared by its players.
    let costly = seats[0].entry().id.clone();
    let _others = [(); 3].map(|()| rig.reserve(RoomChoice::Id(costly.clone())).unwrap());
    weigh(&seats[0], 50_000);
    assert!(open(&address(1)).is_ok(), "62 ms are less than the 75 left");
    // Nor is it all the opener's among the few that are free.
    weigh(&seats[15], 600_000);
    assert!(matches!(open(&address(3)), Err(Refusal::TooManyRooms)), "it has four");
    let shared = seats[12].entry().id.clone();
    let _guests = [(); 3].map(|()| rig.reserve(RoomChoice::Id(shared.clone())).unwrap());
    assert!(open(&address(3)).is_ok(), "it has three and a quarter");
}

#[test]
fn the_shard_with_the_least_load_gets_a_room() {
    let shards = [(); 2].map(|()| ShardHandle::to_this_thread());
    let (handles, _inboxes): (Vec<_>, Vec<_>) = shards.into_iter().unzip();
    let [arena, frontier] = [GameSpec::of::<Arena>(), GameSpec::of::<Frontier>()].map(Arc::new);
    let games = vec![Arc::clone(&arena), Arc::clone(&frontier)];
    let rooms = settings(RoomsConfig::default(), &LobbyConfig::default());
    let lobby = Lobby::new(games, rooms, handles, JobRunner::unused());
    let crowd: Vec<_> =
        (0..300).map(|_| lobby.reserve(&frontier, &RoomChoice::Any.into()).unwrap()).collect();
    let shard = |seat: &SeatReservation| seat.entry().shard;
    let new = || lobby.reserve(&arena, &RoomChoice::New.into()).unwrap();
    let small: Vec<_> = (0..20).map(|_| new()).collect();
    assert!(small.iter().all(|seat| shard(seat) != shard(&crowd[0])), "300 players outweigh 20 rooms");
    crowd[0].entry().measured_weight.publish(Weight { busy_us: 500, memory_bytes: 0 }, 300);
    let next = new();
    assert_eq!(shard(&next), shard(&crowd[0]), "unless they are measured to cost less");
    next.entry().measured_weight.publish(Weight { busy_us: 900_000, memory_bytes: 0 }, 1);
    assert_ne!(shard(&new()), shard(&crowd[0]));
}

#[test]
fn memory_is_limited_for_all_and_for_an_opener() {
    let mut settings = settings(RoomsConfig::default(), &LobbyConfig::default());
    settings.room_limits.memory_bytes = Some(1000 << 20);
    let (shard, _asked) = ShardHandle::to_this_thread();
    let arena = Arc::new(GameSpec::of::<Arena>());
    let lobby = Lobby::new(vec![Arc::clone(&arena)], settings, vec![shard], JobRunner::unused());
    let open = |opener: &Opener, megabytes: u64| {
        let seat = lobby.reserve(&arena, &for_opener(opener, RoomChoice::New))?;
        let weight = Weight { busy_us: 0, memory_bytes: megabytes << 20 };
        seat.entry().measured_weight.publish(weight, 1);
        Ok(seat)
    };
    let mut hoard: Vec<_> = (0..6).map(|_| open(&address(1), 90).unwrap()).collect();
    assert!(matches!(open(&address(1), 90), Err(Refusal::TooManyRooms)), "540 of 1000");
    let _honest = open(&address(2), 400).unwrap();
    // A room that is not measured yet is taken to grow as large as the others of its game.
    let _new: Vec<_> = (3..5)
        .map(|number| lobby.reserve(&arena, &for_opener(&address(number), RoomChoice::New)).unwrap())
        .collect();
    assert!(hoard.iter().any(|seat| seat.entry().dismissed() == Some(EndReason::Overload)), "the cause ends");
    hoard.clear();
}

/// The overload of a shard all of whose ticks are late.
fn overloaded(now: Instant) -> Overload {
    let mut overload = Overload::new(OverloadConfig { late_percent: 50, seconds: 1 }, now);
    for ms in (100..3000).step_by(100) {
        overload.record(
            Duration::from_secs(1),
            Duration::from_millis(50),
            0,
            now + Duration::from_millis(ms),
        );
    }
    assert!(overload.needs_relief());
    overload
}

#[test]
fn an_overload_ends_the_emptiest_rooms_of_its_cause_and_refuses_only_without_one() {
    let rig = Rig::new(&LobbyConfig::default());
    let now = Instant::now();
    let weigh = |seat: &SeatReservation, busy_us: u64| {
        seat.entry().measured_weight.publish(Weight { busy_us, memory_bytes: 0 }, seat.entry().seats_taken());
    };
    let honest: Vec<_> = (10..20).map(|number| rig.play(&address(number)).unwrap()).collect();
    for seat in &honest {
        weigh(seat, 20_000);
    }
    let hoard: Vec<_> = (0..9).map(|_| rig.play(&address(1)).unwrap()).collect();
    let full: Vec<_> =
        (0..2).map(|_| rig.reserve(RoomChoice::Id(hoard[0].entry().id.clone())).unwrap()).collect();
    for seat in &hoard {
        weigh(seat, 40_000);
    }
    let open =
        |seats: &[SeatReservation]| seats.iter().filter(|seat| seat.entry().dismissed().is_none()).count();
    rig.lobby.shards[0].publish_overload(&overloaded(now));
    rig.lobby.relieve(now);
    assert_eq!((open(&honest), open(&hoard)), (10, 6), "a tenth of a shard's time at once");
    assert!(rig.play(&address(20)).is_ok(), "nobody is refused");
    rig.lobby.relieve(now);
    rig.lobby.relieve(now);
    assert_eq!((open(&honest), open(&hoard[..1])), (10, 1), "a room more than half full stays");
    assert_eq!(open(&hoard), 4, "and so do the rooms of a client with four");
    assert!(matches!(rig.play(&address(21)), Err(Refusal::Overloaded)), "there is no cause any more");
    rig.lobby.shards[0].publish_overload(&Overload::new(OverloadConfig::default(), now));
    rig.lobby.relieve(now);
    assert!(rig.play(&address(21)).is_ok());
    drop(full);
}
