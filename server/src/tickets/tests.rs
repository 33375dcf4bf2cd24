//! Tickets, with a clock that is moved by hand.

use drumline_room::GameSpec;
use jsonwebtoken::dangerous;

use super::*;
use crate::lobby::{Lobby, RoomChoice};
use crate::testing::open_room;

const SECOND: Duration = Duration::from_secs(1);
const DOOR: Door<'_> = Door { game: "arena", room: None };

struct Rig {
    lobby: Arc<Lobby>,
    spec: Arc<GameSpec>,
    tickets: Tickets,
    start: Instant,
    _room: crate::shard::NewRoom,
}

impl Rig {
    fn new() -> Self {
        let (lobby, room, seat) = open_room();
        drop(seat);
        let tickets = Tickets::new(15 * SECOND, None, Arc::clone(lobby.ticket_counters()));
        let spec = Arc::clone(lobby.game("arena").unwrap());
        Self { lobby, spec, tickets, start: Instant::now(), _room: room }
    }

    fn issue(&self, after: Duration) -> String {
        let seat = self.lobby.reserve(&self.spec, &RoomChoice::Any.into()).unwrap();
        self.tickets.issue(Pass::Player(seat, "ada".into()), self.start + after).unwrap().text
    }

    fn take(&self, text: &str, after: Duration) -> Result<Pass, BadTicket> {
        self.tickets.take(text, DOOR, self.start + after)
    }

    fn seats_taken(&self) -> u16 {
        self.lobby.listing().rooms[0].players
    }
}

#[test]
fn a_ticket_is_good_once() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    assert_eq!(rig.seats_taken(), 1);
    for _ in 0..2 {
        assert_eq!(rig.tickets.check(&text, DOOR, rig.start), Ok(()), "to look at it does not use it");
    }
    let Ok(Pass::Player(seat, joiner)) = rig.take(&text, SECOND) else { panic!("a player's") };
    assert_eq!(joiner, "ada".into());
    assert_eq!(rig.take(&text, SECOND).unwrap_err(), BadTicket::Used);
    assert_eq!(rig.seats_taken(), 1);
    drop(seat);
    assert_eq!(rig.seats_taken(), 0);
    assert_eq!(rig.take(&text, 15 * SECOND).unwrap_err(), BadTicket::Expired, "by then it is both");
}

#[test]
fn what_is_not_claimed_in_time_is_free_again() {
    let rig = Rig::new();
    let first = rig.issue(Duration::ZERO);
    let second = rig.issue(10 * SECOND);
    assert_eq!(rig.tickets.expire(rig.start + 14 * SECOND), Some(rig.start + 15 * SECOND));
    assert_eq!(rig.seats_taken(), 2);
    assert_eq!(rig.take(&first, 15 * SECOND).unwrap_err(), BadTicket::Expired, "to the moment");
    assert_eq!(rig.tickets.expire(rig.start + 15 * SECOND), Some(rig.start + 25 * SECOND));
    assert_eq!(rig.seats_taken(), 1);
    assert_eq!(rig.take(&first, 15 * SECOND).unwrap_err(), BadTicket::Expired);
    let pass = rig.take(&second, 24 * SECOND).unwrap();
    assert_eq!(rig.tickets.expire(rig.start + 60 * SECOND), None);
    assert_eq!(rig.seats_taken(), 1, "who has come has their seat");
    drop(pass);
    let counts = rig.lobby.listing().tickets;
    assert_eq!(counts, TicketCounts { held: 0, issued: 2, used: 1, expired: 1 });
}

#[test]
fn a_ticket_is_for_its_game_and_room() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    let other_game = Door { game: "frontier", room: None };
    assert_eq!(rig.tickets.check(&text, other_game, rig.start), Err(BadTicket::OtherGame));
    let other_room = Door { game: "arena", room: Some("nowhere") };
    assert_eq!(rig.tickets.check(&text, other_room, rig.start), Err(BadTicket::OtherRoom));
    let room = rig.lobby.listing().rooms[0].id.clone();
    let its_room = Door { game: "arena", room: Some(&room) };
    assert_eq!(rig.tickets.check(&text, its_room, rig.start), Ok(()));
    rig.lobby.entry(&room).unwrap().set_state(RoomState::Closed);
    assert_eq!(rig.tickets.check(&text, its_room, rig.start), Err(BadTicket::RoomEnded));
}

#[test]
fn what_this_server_has_not_signed_is_no_ticket() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    let mut parts: Vec<_> = text.split('.').map(str::to_owned).collect();
    let payload = parts[1].clone();
    for forged in [String::new(), "soup".into(), "a.b.c".into(), format!("{text}x"), text[1..].to_owned()] {
        assert_eq!(rig.take(&forged, SECOND).unwrap_err(), BadTicket::Forged, "{forged}");
    }
    // The header of a token without a signature: {"alg":"none"}.
    parts[0] = "eyJhbGciOiJub25lIn0".to_owned();
    for signature in ["", &parts[2].clone()] {
        let unsigned = format!("{}.{payload}.{signature}", parts[0]);
        assert_eq!(rig.take(&unsigned, SECOND).unwrap_err(), BadTicket::Forged);
    }
    let others = Tickets::new(15 * SECOND, None, Arc::default());
    assert_eq!(others.check(&text, DOOR, rig.start), Err(BadTicket::Forged), "every server has its own key");
    assert!(rig.take(&text, SECOND).is_ok());
}

#[test]
fn a_ticket_of_another_server_with_the_same_key_is_known_as_such_but_not_held_here() {
    let rig = Rig::new();
    let key = [7; KEY_BYTES];
    let [there, here] = [(); 2].map(|()| Tickets::new(15 * SECOND, Some(&key), Arc::default()));
    let seat = rig.lobby.reserve(&rig.spec, &RoomChoice::Any.into()).unwrap();
    let text = there.issue(Pass::Player(seat, "ada".into()), rig.start).unwrap().text;
    assert_eq!(here.check(&text, DOOR, rig.start), Err(BadTicket::Used));
    assert_eq!(there.check(&text, DOOR, rig.start), Ok(()));
}

#[test]
fn a_ticket_says_what_it_is_for_and_is_a_word_of_a_header() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')), "{text}");
    let claims = dangerous::insecure_decode::<serde_json::Value>(&text).unwrap().claims;
    let mut keys: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["exp", "game", "id", "kind", "room"], "and not whose it is");
    assert_eq!((claims["game"].as_str(), claims["kind"].as_str()), (Some("arena"), Some("player")));
}

#[test]
fn no_more_tickets_are_out_than_may_be() {
    let mut rig = Rig::new();
    rig.tickets.most = 2;
    let kept = [(); 2].map(|()| rig.issue(Duration::ZERO));
    let seat = rig.lobby.reserve(&rig.spec, &RoomChoice::Any.into()).unwrap();
    let refused = rig.tickets.issue(Pass::Player(seat, "ada".into()), rig.start);
    assert_eq!(refused.map(|ticket| ticket.text), Err(Refusal::TooManyTickets));
    assert_eq!(rig.seats_taken(), 2, "and the seat is free again");
    rig.take(&kept[0], SECOND).unwrap();
    rig.issue(SECOND);
}
