//! Every card is somewhere, and once, whatever players do.

use proptest::prelude::*;

use super::{Rules, Settings};
use crate::cards::{Card, Suit, deck};
use crate::world::{Phase, Presses};
use drumline::prelude::*;

/// Something that a player does, or that happens to one.
#[derive(Debug, Clone)]
enum Act {
    Sit(u16),
    Leave(u16),
    /// Tries the cards of the player on turn, from this one on.
    Play(usize, Suit),
    Draw,
    Undo,
    EndTurn,
    Wait(u32),
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => (0u16..6).prop_map(Act::Sit),
        1 => (0u16..6).prop_map(Act::Leave),
        8 => (0usize..8, 0usize..4).prop_map(|(from, suit)| Act::Play(from, Suit::ALL[suit])),
        4 => Just(Act::Draw),
        1 => Just(Act::Undo),
        5 => Just(Act::EndTurn),
        1 => (1u32..60).prop_map(Act::Wait),
    ]
}

fn pressed() -> Press {
    Press(1)
}

/// A table, and counts of what has happened at it.
struct Play {
    rules: Rules,
    won: usize,
}

impl Play {
    fn new(seed: u64, players: u16) -> Self {
        let mut rules = Rules::new(seed, Settings { cards: 3, turn_seconds: 20 });
        rules.ticks_per_second = 5.0;
        (0..players).for_each(|player| rules.sit(PlayerId::first(player)));
        Self { rules, won: 0 }
    }

    fn act(&mut self, act: &Act) {
        let rules = &mut self.rules;
        let on_turn = rules.player_on_turn();
        match *act {
            Act::Sit(player) if rules.seat_of(PlayerId::first(player)).is_none() => {
                rules.sit(PlayerId::first(player));
            }
            Act::Sit(_) => {}
            Act::Leave(player) => rules.leave(PlayerId::first(player)),
            Act::Play(from, suit) => {
                let Some(player) = on_turn else { return };
                let seat = rules.seat_of(player).expect("the player on turn has a seat");
                let hand = rules.world.seats.get(seat).expect("it has a row").hand.clone();
                let from = from % hand.len().max(1);
                let mut cards = hand[from..].iter().chain(&hand[..from]);
                let _ = cards.any(|&card| rules.play(player, card, Some(suit)).is_ok());
            }
            Act::Draw => rules.press(&Presses { draw: pressed(), ..Presses::default() }),
            Act::Undo => rules.press(&Presses { undo: pressed(), ..Presses::default() }),
            Act::EndTurn => rules.press(&Presses { end_turn: pressed(), ..Presses::default() }),
            Act::Wait(ticks) => (0..ticks).for_each(|_| {
                rules.now += 1;
                rules.advance(false);
            }),
        }
        self.rules.advance(false);
        self.rules.show();
        self.won += usize::from(matches!(self.rules.world.middle.phase, Phase::Over { .. }));
    }

    fn all_cards(&self) -> Vec<Card> {
        let hands = self.rules.world.seats.values().flat_map(|seat| seat.hand.iter().copied());
        let laid = self.rules.discard.iter().map(|laid| laid.card);
        let mut cards: Vec<Card> = hands.chain(laid).chain(self.rules.pile.iter().copied()).collect();
        cards.sort_unstable_by_key(|card| (card.suit, card.rank));
        cards
    }

    fn check(&self) {
        let world = &self.rules.world;
        let dealt = !matches!(world.middle.phase, Phase::Waiting | Phase::Starting { .. });
        let expected = if dealt { deck() } else { Vec::new() };
        assert_eq!(self.all_cards(), expected, "{:?}", world.middle);
        let shown: usize = world.seats.values().map(|seat| usize::from(seat.cards)).sum();
        let middle = &world.middle;
        assert_eq!(shown + usize::from(middle.pile) + usize::from(middle.discarded), expected.len());
        let Some(player) = self.rules.player_on_turn() else { return };
        let seat = self.rules.seat_of(player).and_then(|seat| world.seats.get(seat));
        assert!(seat.is_some_and(|seat| seat.plays), "a player in the hand is on turn");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_card_is_somewhere_and_once(
        seed: u64,
        players in 0u16..=6,
        acts in proptest::collection::vec(any_act(), 0..250),
    ) {
        let mut play = Play::new(seed, players);
        play.act(&Act::Wait(25));
        play.check();
        for act in &acts {
            play.act(act);
            play.check();
        }
    }
}

#[test]
fn random_play_gets_to_the_end_of_hands() {
    let mut play = Play::new(1, 3);
    play.act(&Act::Wait(25));
    let round = [Act::Play(0, Suit::Hearts), Act::Draw, Act::Play(0, Suit::Clubs), Act::EndTurn];
    for _ in 0..100 {
        for act in &round {
            play.act(act);
        }
        play.check();
    }
    assert!(play.won > 0);
}

#[test]
fn the_cards_that_were_laid_are_a_new_pile_when_the_old_one_is_empty() {
    let mut play = Play::new(1, 2);
    play.act(&Act::Wait(25));
    // All of the pile lies below the top.
    let rules = &mut play.rules;
    let pile = std::mem::take(&mut rules.pile);
    let top = rules.discard.pop().expect("a card was turned up");
    rules.discard.extend(pile.iter().map(|&card| crate::world::Laid { card, by: None }));
    rules.discard.push(top);
    play.act(&Act::Draw);
    play.check();
    let rules = &play.rules;
    assert_eq!(rules.pile.len(), pile.len() - 1, "one was drawn");
    assert_ne!(rules.pile[..], pile[..pile.len() - 1], "they were shuffled");
    assert_eq!((rules.discard.len(), rules.discard[0]), (1, top), "the top stays");
}

#[test]
fn a_player_may_pass_when_no_card_is_left_to_draw() {
    let mut play = Play::new(1, 2);
    play.act(&Act::Wait(25));
    let rules = &mut play.rules;
    let first = rules.player_on_turn().expect("a hand was dealt");
    let other = rules.next_after(first);
    let rest = std::mem::take(&mut rules.pile);
    let seat = rules.seat_of(other).expect("the other one is there");
    rules.world.seats.get_mut(seat).expect("it has a row").hand.extend(rest);
    play.act(&Act::EndTurn);
    assert_eq!(play.rules.player_on_turn(), Some(first), "first they try to draw");
    play.act(&Act::Draw);
    play.act(&Act::EndTurn);
    assert_eq!(play.rules.player_on_turn(), Some(other));
    play.check();
}

#[test]
fn a_card_given_back_is_drawn_last() {
    let mut play = Play::new(1, 3);
    play.act(&Act::Wait(25));
    let seat = play.rules.seat_of(PlayerId::first(2)).expect("there are three");
    let hand = play.rules.world.seats.get(seat).expect("it has a row").hand.clone();
    play.act(&Act::Leave(2));
    assert_eq!(play.rules.pile[..3], hand);
    play.check();
}
