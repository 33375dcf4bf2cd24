//! Tickets, with a clock that is moved by hand.

use jsonwebtoken::dangerous;

use crate::rooms::handle::RoomHandle;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const TARGET: TicketTarget<'_> = TicketTarget { game: "arena", room: None };

/// Tickets for the seats of one room.
struct Rig {
    room: Arc<RoomHandle>,
    counters: Arc<TicketCounters>,
    tickets: Tickets,
    start: Instant,
}

fn random_key() -> Arc<SigningKey> {
    Arc::new(SigningKey::new(None))
}

impl Rig {
    fn new() -> Self {
        let (room, _) = RoomHandle::new(RoomEntry::for_test(4));
        let counters = Arc::<TicketCounters>::default();
        let tickets = Tickets::new(15 * SECOND, random_key(), Arc::clone(&counters));
        Self { room, counters, tickets, start: Instant::now() }
    }

    fn grant(&self) -> TicketGrant {
        TicketGrant::Player {
            seat: SeatReservation::new(Arc::clone(&self.room)).unwrap(),
            joiner: "ada".into(),
        }
    }

    fn issue(&self, after: Duration) -> String {
        self.tickets.issue(self.grant(), self.start + after).unwrap().text
    }

    fn take(&self, text: &str, after: Duration) -> Result<TicketGrant, BadTicket> {
        self.tickets.take(text, TARGET, self.start + after)
    }

    fn seats_taken(&self) -> u16 {
        self.room.entry.seats_taken()
    }
}

#[test]
fn a_ticket_is_valid_once() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    assert_eq!(rig.seats_taken(), 1);
    for _ in 0..2 {
        assert_eq!(rig.tickets.check(&text, TARGET, rig.start), Ok(()), "checking does not use it");
    }
    let Ok(TicketGrant::Player { seat, joiner }) = rig.take(&text, SECOND) else { panic!("a player's") };
    assert_eq!(joiner, "ada".into());
    assert_eq!(rig.take(&text, SECOND).unwrap_err(), BadTicket::Used);
    assert_eq!(rig.seats_taken(), 1);
    drop(seat);
    assert_eq!(rig.seats_taken(), 0);
    assert_eq!(rig.take(&text, 15 * SECOND).unwrap_err(), BadTicket::Expired, "by then it is both");
}

#[test]
fn a_seat_that_is_not_claimed_in_time_is_free_again() {
    let rig = Rig::new();
    let first = rig.issue(Duration::ZERO);
    let second = rig.issue(10 * SECOND);
    assert_eq!(rig.tickets.expire(rig.start + 14 * SECOND), Some(rig.start + 15 * SECOND));
    assert_eq!(rig.seats_taken(), 2);
    assert_eq!(rig.take(&first, 15 * SECOND).unwrap_err(), BadTicket::Expired, "to the moment");
    assert_eq!(rig.tickets.expire(rig.start + 15 * SECOND), Some(rig.start + 25 * SECOND));
    assert_eq!(rig.seats_taken(), 1);
    assert_eq!(rig.take(&first, 15 * SECOND).unwrap_err(), BadTicket::Expired);
    let grant = rig.take(&second, 24 * SECOND).unwrap();
    assert_eq!(rig.tickets.expire(rig.start + 60 * SECOND), None);
    assert_eq!(rig.seats_taken(), 1, "a player who has come keeps the seat");
    drop(grant);
    let counts = rig.counters.counts();
    assert_eq!(
        counts,
        crate::rooms::seats::ticket_counts::TicketCounts { held: 0, issued: 2, used: 1, expired: 1 }
    );
}

#[test]
fn a_ticket_is_for_its_game_and_room() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    let other_game = TicketTarget { game: "frontier", room: None };
    assert_eq!(rig.tickets.check(&text, other_game, rig.start), Err(BadTicket::OtherGame));
    let other_room = TicketTarget { game: "arena", room: Some("nowhere") };
    assert_eq!(rig.tickets.check(&text, other_room, rig.start), Err(BadTicket::OtherRoom));
    let room = rig.room.entry.id.clone();
    let its_room = TicketTarget { game: "arena", room: Some(&room) };
    assert_eq!(rig.tickets.check(&text, its_room, rig.start), Ok(()));
    rig.room.entry.set_state(RoomState::Closed);
    assert_eq!(rig.tickets.check(&text, its_room, rig.start), Err(BadTicket::RoomEnded));
}

#[test]
fn a_token_that_this_server_has_not_signed_is_refused() {
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
    let others = Tickets::new(15 * SECOND, random_key(), Arc::default());
    assert_eq!(
        others.check(&text, TARGET, rig.start),
        Err(BadTicket::Forged),
        "every server has its own key"
    );
    assert!(rig.take(&text, SECOND).is_ok());
}

#[test]
fn a_ticket_of_another_server_with_the_same_key_is_genuine_but_not_held_here() {
    let rig = Rig::new();
    let key = || Arc::new(SigningKey::new(Some(&[7; 32])));
    let [there, here] = [(); 2].map(|()| Tickets::new(15 * SECOND, key(), Arc::default()));
    let text = there.issue(rig.grant(), rig.start).unwrap().text;
    assert_eq!(here.check(&text, TARGET, rig.start), Err(BadTicket::Used));
    assert_eq!(there.check(&text, TARGET, rig.start), Ok(()));
}

#[test]
fn a_ticket_names_its_room_and_fits_a_header() {
    let rig = Rig::new();
    let text = rig.issue(Duration::ZERO);
    assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')), "{text}");
    let claims = dangerous::insecure_decode::<serde_json::Value>(&text).unwrap().claims;
    let mut keys: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["exp", "game", "id", "kind", "room"], "and nothing about its player");
    assert_eq!((claims["game"].as_str(), claims["kind"].as_str()), (Some("arena"), Some("player")));
}

#[test]
fn unused_tickets_are_limited() {
    let mut rig = Rig::new();
    rig.tickets.max_unused = 2;
    let kept = [(); 2].map(|()| rig.issue(Duration::ZERO));
    let refused = rig.tickets.issue(rig.grant(), rig.start);
    assert_eq!(refused.map(|ticket| ticket.text), Err(Refusal::TooManyTickets));
    assert_eq!(rig.seats_taken(), 2, "and the seat is free again");
    rig.take(&kept[0], SECOND).unwrap();
    rig.issue(SECOND);
}
