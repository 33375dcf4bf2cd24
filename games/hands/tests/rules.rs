//! The game's rules, seen through a room as a client sees them.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

mod room;

use drumline::prelude::*;
use drumline_hands::Hands;
use drumline_hands::cards::Suit;
use drumline_hands::messages::{Event, Refusal, Reply};
use drumline_hands::world::{Emote, Phase, Seat};
use room::{Room, START};
use serde_json::json;

const TURN: u32 = 20 * 5;
const VIEWER: PlayerId = PlayerId::first(0);
const OTHER: PlayerId = PlayerId::first(1);

#[test]
fn a_hand_is_dealt_when_there_are_two_players() {
    let mut room = Room::new(Setup::new(1), &[]);
    room.wait(30);
    assert_eq!(room.phase(), Phase::Waiting);
    room.table.join("other");
    room.wait(2);
    assert!(matches!(room.phase(), Phase::Starting { .. }));
    room.wait(START);
    let middle = room.middle();
    assert_eq!((middle.hand, middle.pile, middle.discarded), (1, 52 - 7 - 7 - 1, 1));
    assert_eq!(room.on_turn(), VIEWER);
    assert!(middle.first.is_some() && middle.top[0].by.is_none());
    assert_eq!(middle.suit, Some(middle.top[0].card.suit));
}

#[test]
fn a_deal_waits_for_players_who_come_one_after_the_other() {
    let mut room = Room::new(Setup::new(1), &["other"]);
    room.wait(START - 4);
    assert!(matches!(room.phase(), Phase::Starting { .. }));
    let third = room.table.join("third");
    room.wait(START - 4);
    assert!(matches!(room.phase(), Phase::Starting { .. }));
    room.wait(4);
    assert!(room.seat(third).plays);
}

#[test]
fn a_player_sees_their_own_cards_and_how_many_the_others_have() {
    let room = Room::dealt(1, &["other", "third"], 7);
    assert_eq!(room.seat(OTHER).hand.len(), 7, "they do have cards");
    let seen: Vec<Seat> = room.table.rows(VIEWER, "seats").into_iter().map(|(_, seat)| seat).collect();
    assert_eq!(
        seen.iter().map(|seat| (seat.cards, seat.hand.len())).collect::<Vec<_>>(),
        [(7, 7), (7, 0), (7, 0)]
    );
}

#[test]
fn a_card_that_does_not_go_is_refused() {
    let mut room = Room::dealt(3, &["other"], 7);
    let own = room.cards(VIEWER, true)[0];
    let refused = |reason| Some(Reply::Refused { reason });
    let theirs = room.seat(OTHER).hand[0];
    assert_eq!(room.play(VIEWER, theirs, None), refused(Refusal::NotYours));
    let other_card = room.cards(VIEWER, false)[0];
    assert_eq!(room.play(VIEWER, other_card, None), refused(Refusal::NoMatch));
    assert_eq!(room.seat(VIEWER).cards, 7);
    assert_eq!(room.play(VIEWER, own, Some(Suit::Clubs)), Some(Reply::Done));
    assert_eq!((room.seat(VIEWER).cards, room.top()), (6, own));
    assert!(room.middle().top[1].by.is_some(), "the seat of the player who laid it");
    let another = room.seat(VIEWER).hand[0];
    assert_eq!(room.play(VIEWER, another, None), refused(Refusal::NotYourTurn), "one card on each turn");
    room.press(VIEWER, |presses| &mut presses.end_turn);
    assert_eq!(room.on_turn(), OTHER);
    assert_eq!(room.play(VIEWER, another, None), refused(Refusal::NotYourTurn));
}

#[test]
fn an_eight_goes_on_everything_and_names_a_suit() {
    let mut room = Room::dealt(2, &["other"], 7);
    let (player, eight) = room.until(|room, player| {
        let hand = room.seat(player).hand;
        hand.into_iter().find(|card| card.is_wild()).filter(|_| player == VIEWER)
    });
    let refused = Some(Reply::Refused { reason: Refusal::NoSuit });
    assert_eq!(room.play(player, eight, None), refused);
    let asked = Suit::ALL.into_iter().find(|&suit| suit != eight.suit).unwrap();
    assert_eq!(room.play(player, eight, Some(asked)), Some(Reply::Done));
    assert_eq!(room.middle().suit, Some(asked));
    room.press(player, |presses| &mut presses.end_turn);
    let (next, card) =
        room.until(|room, player| room.cards(player, true).into_iter().find(|card| !card.is_wild()));
    assert_eq!(card.suit, asked, "an eight's own suit does not count");
    room.play(next, card, None);
    assert_eq!(room.top(), card);
}

#[test]
fn a_card_can_be_taken_back_until_the_turn_ends() {
    let mut room = Room::dealt(2, &["other"], 7);
    let (_, card) = room.until(|room, player| {
        let hand = room.seat(player).hand;
        hand.into_iter().find(|card| card.is_wild()).filter(|_| player == VIEWER)
    });
    let before = (room.seat(VIEWER).hand, room.middle());
    let asked = Suit::ALL.into_iter().find(|&suit| Some(suit) != before.1.suit);
    let cards = before.0.len() as u8;
    room.play(VIEWER, card, asked);
    assert_eq!((room.seat(VIEWER).cards, room.middle().suit), (cards - 1, asked));
    room.press(VIEWER, |presses| &mut presses.undo);
    let after = room.middle();
    assert_eq!((room.seat(VIEWER).hand, after.suit, after.phase), (before.0, before.1.suit, before.1.phase));
    assert!(room.table.events(VIEWER).contains(&Event::TookBack { player: VIEWER }));
    room.press(VIEWER, |presses| &mut presses.undo);
    assert_eq!(room.seat(VIEWER).cards, cards, "there is nothing more to take back");

    room.play(VIEWER, card, asked);
    room.press(VIEWER, |presses| &mut presses.end_turn);
    room.press(VIEWER, |presses| &mut presses.undo);
    assert_eq!((room.seat(VIEWER).cards, room.on_turn()), (cards - 1, OTHER));
}

#[test]
fn a_card_is_final_after_a_while() {
    let mut room = Room::dealt(3, &["other"], 7);
    let card = room.cards(VIEWER, true)[0];
    room.play(VIEWER, card, Some(Suit::Clubs));
    room.wait(19);
    assert_eq!(room.on_turn(), VIEWER);
    room.wait(1);
    assert_eq!((room.on_turn(), room.top()), (OTHER, card));
}

#[test]
fn a_turn_has_one_draw_and_ends_after_it() {
    let mut room = Room::dealt(1, &["other"], 7);
    room.press(VIEWER, |presses| &mut presses.end_turn);
    assert_eq!(room.on_turn(), VIEWER, "a player who has done nothing cannot pass");
    room.press(VIEWER, |presses| &mut presses.draw);
    room.press(VIEWER, |presses| &mut presses.draw);
    assert_eq!((room.seat(VIEWER).cards, room.middle().pile), (8, 36));
    room.press(OTHER, |presses| &mut presses.draw);
    assert_eq!(room.seat(OTHER).cards, 7, "it is not their turn");
    room.press(VIEWER, |presses| &mut presses.end_turn);
    assert_eq!(room.on_turn(), OTHER);
    assert_eq!(room.table.events(VIEWER), [Event::Drew { player: VIEWER }]);
}

#[test]
fn a_slow_player_draws_and_passes() {
    let mut room = Room::dealt(1, &["other"], 7);
    room.wait(TURN - 2);
    assert_eq!(room.on_turn(), VIEWER);
    room.wait(2);
    assert_eq!((room.on_turn(), room.seat(VIEWER).cards), (OTHER, 8));
    assert_eq!(
        room.table.events(VIEWER),
        [Event::TimedOut { player: VIEWER }, Event::Drew { player: VIEWER }]
    );
}

#[test]
fn the_others_wait_for_a_player_who_is_away_for_some_seconds_only() {
    let mut room = Room::dealt(1, &["other"], 7);
    room.wait(4 * 5);
    room.table.away(VIEWER);
    room.wait(5 * 5);
    assert_eq!(room.on_turn(), VIEWER, "the time counts from the loss of the connection");
    room.wait(1);
    assert_eq!(room.on_turn(), OTHER);
    room.press(OTHER, |presses| &mut presses.draw);
    room.press(OTHER, |presses| &mut presses.end_turn);
    assert_eq!(room.on_turn(), VIEWER);
    room.wait(4 * 5);
    assert_eq!(room.on_turn(), VIEWER, "or from the beginning of the turn");
    room.table.back(VIEWER);
    room.wait(15 * 5);
    assert_eq!(room.on_turn(), VIEWER, "one who is back has the whole turn");
    room.wait(2 * 5);
    assert_eq!(room.on_turn(), OTHER);
}

#[test]
fn lists_of_rooms_show_the_state_of_play_and_the_cards_that_are_left() {
    let mut room = Room::new(Setup::new(1), &["other"]);
    room.wait(1);
    let shows = |state: &str, cards: u8| Some(json!({ "state": state, "cards_left": cards }));
    assert_eq!(room.table.metadata().cloned(), shows("waiting", 0));
    room.wait(START);
    assert_eq!(room.table.metadata().cloned(), shows("playing", 52 - 7 - 7 - 1));
    room.press(VIEWER, |presses| &mut presses.draw);
    assert_eq!(room.table.metadata().cloned(), shows("playing", 52 - 7 - 7 - 1 - 1));
    room.wait(1);
    assert_eq!(room.table.room().output().actions, [], "they are set when they change");
}

#[test]
fn the_first_player_without_cards_wins_and_another_hand_is_dealt() {
    let mut room = Room::dealt(1, &["other"], 2);
    let winner = room.until_last_card();
    assert!(matches!(room.phase(), Phase::Laid { .. }), "it can still be taken back");
    room.press(winner, |presses| &mut presses.end_turn);
    let Phase::Over { points, .. } = room.phase() else { panic!("{:?}", room.phase()) };
    let loser = if winner == VIEWER { OTHER } else { VIEWER };
    let left: u16 = room.seat(loser).hand.iter().map(|card| card.points()).sum();
    assert!(points > 0 && points == left && points == room.seat(winner).points);
    assert_eq!(room.table.events(VIEWER).last(), Some(&Event::Won { player: winner, points }));
    room.wait(7 * 5);
    assert_eq!((room.middle().hand, room.on_turn(), room.seat(winner).points), (2, OTHER, points));
}

#[test]
fn a_player_who_comes_late_plays_in_the_next_hand() {
    let mut room = Room::dealt(1, &["other"], 7);
    let late = room.table.join("late");
    room.wait(1);
    let seat = room.seat(late);
    assert!(!seat.plays && seat.cards == 0);
    for player in [VIEWER, OTHER] {
        assert_eq!(room.on_turn(), player);
        room.press(player, |presses| &mut presses.draw);
        room.press(player, |presses| &mut presses.end_turn);
    }
    assert_eq!(room.on_turn(), VIEWER);
}

#[test]
fn a_player_who_leaves_gives_the_cards_back_and_the_turn_passes() {
    let mut room = Room::dealt(1, &["other", "third"], 7);
    let card = room.cards(VIEWER, true).into_iter().chain(room.seat(VIEWER).hand).next().unwrap();
    room.play(VIEWER, card, Some(Suit::Clubs));
    room.press(VIEWER, |presses| &mut presses.end_turn);
    room.wait(40);
    let on_turn = room.on_turn();
    assert_ne!(on_turn, VIEWER);
    let before = room.middle();
    let gone = room.seat(on_turn).cards;
    room.table.leave(on_turn);
    room.wait(1);
    assert_eq!(room.middle().pile, before.pile + gone);
    assert_ne!(room.on_turn(), on_turn);
    let other = if on_turn == OTHER { PlayerId::first(2) } else { OTHER };
    room.table.leave(other);
    room.wait(2);
    assert_eq!((room.phase(), room.middle().pile, room.seat(VIEWER).cards), (Phase::Waiting, 0, 0));
}

#[test]
fn an_emote_is_shown_for_three_seconds() {
    let mut room = Room::dealt(1, &["other"], 7);
    room.press(OTHER, |presses| &mut presses.nice);
    let shown = room.seat(OTHER).emote.unwrap();
    assert_eq!((shown.emote, shown.times), (Emote::Nice, 1));
    room.press(OTHER, |presses| &mut presses.nice);
    assert_eq!(room.seat(OTHER).emote.unwrap().times, 2);
    room.wait(14);
    assert!(room.seat(OTHER).emote.is_some());
    room.wait(1);
    assert_eq!(room.seat(OTHER).emote, None);
}

#[test]
fn options_are_checked() {
    let check = |options: serde_json::Value| Hands::rules("", options.as_object().unwrap());
    assert!(check(json!({ "cards": 3, "turn_seconds": 60 })).is_ok());
    for bad in
        [json!({ "cards": 9 }), json!({ "cards": "3" }), json!({ "turn_seconds": 4 }), json!({ "jokers": 2 })]
    {
        assert!(check(bad.clone()).is_err(), "{bad}");
    }
    assert!(Hands::rules("duel", &Options::new()).is_err());
}

#[test]
fn a_hand_is_the_last_one_if_the_server_drains() {
    let mut room = Room::dealt(1, &["other"], 2);
    room.table.room().drain(600.0);
    let winner = room.until_last_card();
    room.press(winner, |presses| &mut presses.end_turn);
    assert!(matches!(room.phase(), Phase::Over { .. }));
    for _ in 0..7 * 5 {
        assert!(room.table.end_reason().is_none(), "the winner is shown");
        room.wait(1);
    }
    assert!(room.table.end_reason().is_some());
    assert_eq!(room.middle().hand, 1);
}
