//! The deck: 52 cards, and what they are worth.

use drumline::prelude::*;
use serde::{Deserialize, Serialize};

/// Cards in the deck.
pub const DECK: usize = 52;

/// The rank that goes on everything.
pub const EIGHT: u8 = 8;

/// The suit of a card.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Message, Replicate,
)]
pub enum Suit {
    /// ♣
    #[default]
    Clubs,
    /// ♦
    Diamonds,
    /// ♥
    Hearts,
    /// ♠
    Spades,
}

impl Suit {
    /// All suits.
    pub const ALL: [Self; 4] = [Self::Clubs, Self::Diamonds, Self::Hearts, Self::Spades];
}

/// A card.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Message, Replicate,
)]
pub struct Card {
    /// 1 for the ace, 11 to 13 for jack, queen and king.
    #[sync(range = 1..=13)]
    pub rank: u8,
    /// The suit.
    pub suit: Suit,
}

impl Card {
    /// Returns true for an eight.
    #[must_use]
    pub fn is_wild(self) -> bool {
        self.rank == EIGHT
    }

    /// Returns true if the card may be laid on another one while a suit is asked for.
    #[must_use]
    pub fn goes_on(self, top: Self, suit: Suit) -> bool {
        // After an eight only the suit counts that it named.
        self.is_wild() || self.suit == suit || (self.rank == top.rank && !top.is_wild())
    }

    /// The points that it brings the winner, in another player's hand.
    #[must_use]
    pub fn points(self) -> u16 {
        match self.rank {
            EIGHT => 50,
            rank => u16::from(rank.min(10)),
        }
    }
}

/// All cards, in order.
#[must_use]
pub fn deck() -> Vec<Card> {
    let of_suit = |suit| (1..=13).map(move |rank| Card { rank, suit });
    Suit::ALL.into_iter().flat_map(of_suit).collect()
}

/// Shuffles cards (Fisher and Yates).
pub fn shuffle(cards: &mut [Card], rng: &mut Rng) {
    for last in (1..cards.len()).rev() {
        cards.swap(last, rng.random_range(0..=last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(rank: u8, suit: Suit) -> Card {
        Card { rank, suit }
    }

    #[test]
    fn a_card_goes_on_its_rank_and_on_the_suit_asked_for() {
        let top = card(5, Suit::Hearts);
        let goes = |rank, suit| card(rank, suit).goes_on(top, Suit::Hearts);
        assert!(goes(5, Suit::Clubs) && goes(9, Suit::Hearts) && goes(8, Suit::Spades));
        assert!(!goes(9, Suit::Clubs));
        // An eight of hearts that asks for spades.
        let goes = |rank, suit| card(rank, suit).goes_on(card(8, Suit::Hearts), Suit::Spades);
        assert!(goes(2, Suit::Spades) && goes(8, Suit::Clubs) && !goes(2, Suit::Hearts));
    }

    #[test]
    fn a_shuffled_deck_has_every_card_once() {
        let mut cards = deck();
        shuffle(&mut cards, &mut Rng::seed_from_u64(1));
        assert_ne!(cards, deck());
        cards.sort_unstable_by_key(|card| (card.suit, card.rank));
        assert_eq!(cards, deck());
        assert_eq!(cards.len(), DECK);
    }
}
