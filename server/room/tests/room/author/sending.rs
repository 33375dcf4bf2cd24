//! Recipients of events.

use drumline_room::PlayerId;
use drumline_room::testing::TestRoom;

use super::party::{Command, Event, Party, Whom, order, party};

/// The seats that receive an event which goes to these recipients.
fn receivers(room: &mut TestRoom<Party>, guests: &[PlayerId], command: &Command) -> Vec<u16> {
    order(room, guests[0], command);
    let event = if matches!(command, Command::Latest(_)) { Event::Score } else { Event::Shout };
    let mut seats = Vec::new();
    for &guest in guests {
        let events = room.events(guest);
        assert!(events.is_empty() || events == [event.clone()], "once");
        seats.extend((!events.is_empty()).then_some(guest.seat()));
    }
    seats
}

#[test]
fn events_go_to_some_players() {
    let (mut room, guests) = party(["Ada", "Ben", "Cy", "Di"]);
    let cases = [
        (Whom::All, vec![0, 1, 2, 3]),
        (Whom::Except(guests[1]), vec![0, 2, 3]),
        (Whom::One(guests[2]), vec![2]),
        (Whom::Each(vec![guests[3], guests[0]]), vec![0, 3]),
        (Whom::Each(vec![]), vec![]),
        (Whom::Team(1), vec![1, 3]),
        (Whom::Team(7), vec![]),
        (Whom::SeeingZone(3), vec![3]),
        (Whom::SeeingZone(9), vec![]),
    ];
    for (whom, seats) in cases {
        for command in [Command::Shout(whom.clone()), Command::Latest(whom)] {
            assert_eq!(receivers(&mut room, &guests, &command), seats, "{command:?}");
        }
    }
}

#[test]
fn an_event_at_a_point_goes_to_those_who_see_it() {
    let (mut room, guests) = party(["Ada", "Ben", "Cy"]);
    // A view reaches 150 units and a margin, and to the end of the cell of 100 units which it touches.
    for (guest, x) in guests.into_iter().zip([50.0, 120.0, 600.0]) {
        order(&mut room, guest, &Command::Move { x, y: 50.0 });
    }
    let at = |x| Command::Shout(Whom::SeeingPoint { x, y: 50.0 });
    assert_eq!(receivers(&mut room, &guests, &at(299.0)), [0, 1], "the cell begins 150 units from Ada");
    order(&mut room, guests[0], &Command::Move { x: 30.0, y: 50.0 });
    assert_eq!(receivers(&mut room, &guests, &at(299.0)), [1], "and now 170");
    assert_eq!(receivers(&mut room, &guests, &at(301.0)), [0; 0]);
    assert_eq!(receivers(&mut room, &guests, &at(740.0)), [2]);
}

#[test]
fn one_who_is_away_gets_events_later_and_no_latest_ones() {
    let (mut room, [ada, ben]) = party(["Ada", "Ben"]);
    room.away(ben);
    order(&mut room, ada, &Command::Shout(Whom::All));
    order(&mut room, ada, &Command::Latest(Whom::All));
    order(&mut room, ada, &Command::Shout(Whom::One(ben)));
    room.back(ben);
    room.tick();
    assert_eq!(room.events(ben), [Event::Shout, Event::Shout]);
    assert_eq!(room.events(ada), [Event::Shout, Event::Score]);
}

#[test]
fn a_game_changes_and_refuses_chat() {
    let (mut room, [ada, ben]) = party(["Ada", "Ben"]);
    room.say(ada, "more beer");
    let refused = room.say(ada, "more wine");
    room.tick();
    assert_eq!(room.heard(ben), [(ada, "more tea".to_owned())]);
    let replies = room.replies(ada);
    assert!(matches!(replies[..], [(number, Err(_))] if number == refused), "{replies:?}");
}
