//! A room with the game, for tests of the rules.

use drumline::prelude::*;
use drumline_hands::Hands;
use drumline_hands::cards::{Card, Suit};
use drumline_hands::messages::{Command, Reply};
use drumline_hands::world::{Middle, Phase, Presses, Seat, tables};
use serde_json::json;

use crate::watched::Watched;

/// Ticks until the first hand is dealt, and one to spare.
pub const START: u32 = 22;

/// A room, and the counts of its players' presses.
pub struct Room {
    pub watched: Watched<Hands>,
    presses: Vec<Presses>,
}

impl Room {
    pub fn new(seed: u64, others: &[&str]) -> Self {
        Self::of(Watched::new(seed, others))
    }

    fn of(watched: Watched<Hands>) -> Self {
        Self { watched, presses: vec![Presses::default(); 6] }
    }

    /// A room in which a hand was just dealt.
    pub fn dealt(seed: u64, others: &[&str], cards: u8) -> Self {
        let options = json!({ "cards": cards }).as_object().cloned().unwrap_or_default();
        let mut room = Self::of(Watched::set_up(Setup { options, ..Setup::new(seed) }, others));
        room.wait(START);
        assert!(matches!(room.phase(), Phase::Turn { .. }));
        room
    }

    pub fn wait(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.watched.tick(&[]));
    }

    pub fn press(&mut self, player: PlayerId, which: impl Fn(&mut Presses) -> &mut Press) {
        let presses = &mut self.presses[player.index()];
        let count = which(presses);
        *count = Press(count.0.wrapping_add(1));
        self.watched.tick(&[(player.seat(), presses.clone())]);
    }

    /// Asks to lay a card. Returns the reply, if the player is the viewer.
    pub fn play(&mut self, player: PlayerId, card: Card, suit: Option<Suit>) -> Option<Reply> {
        let request = self.watched.command(player.seat(), &Command::Play { card, suit });
        self.watched.tick(&[]);
        let mut replies = self.watched.replies.iter().filter(|_| player == PlayerId::first(0));
        replies.find(|(number, _)| *number == request).map(|(_, reply)| reply.clone())
    }

    pub fn middle(&self) -> Middle {
        self.watched.rows(tables::MIDDLE).remove(0)
    }

    pub fn phase(&self) -> Phase {
        self.middle().phase
    }

    pub fn on_turn(&self) -> PlayerId {
        match self.phase() {
            Phase::Turn { player, .. } | Phase::Laid { player, .. } => player,
            phase => panic!("nobody is on turn: {phase:?}"),
        }
    }

    pub fn seat(&self, player: PlayerId) -> Seat {
        let mut seats = self.watched.rows::<Seat>(tables::SEATS).into_iter();
        seats.find(|seat| seat.player == player).unwrap()
    }

    pub fn top(&self) -> Card {
        self.middle().top.last().unwrap().card
    }

    /// The cards of a player that go, or do not go, on the top.
    pub fn cards(&self, player: PlayerId, that_go: bool) -> Vec<Card> {
        let Middle { suit, .. } = self.middle();
        let goes = |card: &Card| card.goes_on(self.top(), suit.unwrap()) == that_go;
        self.seat(player).hand.into_iter().filter(goes).collect()
    }

    /// Lets players draw and lay cards until it is the turn of one who has a card that the closure accepts.
    pub fn until(&mut self, found: impl Fn(&Self, PlayerId) -> Option<Card>) -> (PlayerId, Card) {
        for _ in 0..200 {
            let player = self.on_turn();
            if let Some(card) = found(self, player) {
                return (player, card);
            }
            self.press(player, |presses| &mut presses.draw);
            self.press(player, |presses| &mut presses.end_turn);
        }
        panic!("no player ever has such a card");
    }

    /// Lets players lay what they can until one has laid their last card, which is not final yet. Returns that player.
    pub fn until_last_card(&mut self) -> PlayerId {
        for _ in 0..200 {
            let player = self.on_turn();
            if self.cards(player, true).is_empty() {
                self.press(player, |presses| &mut presses.draw);
            }
            if let Some(&card) = self.cards(player, true).first() {
                self.play(player, card, Some(card.suit));
            }
            if self.seat(player).cards == 0 {
                return player;
            }
            self.press(player, |presses| &mut presses.end_turn);
        }
        panic!("no player ever sheds their cards");
    }
}
