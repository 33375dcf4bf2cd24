//! A room with the game, for tests of the rules.

use drumline::prelude::*;
use drumline::testing::TestRoom;
use drumline_hands::Hands;
use drumline_hands::cards::{Card, Suit};
use drumline_hands::messages::{Command, Reply};
use drumline_hands::world::{Middle, Phase, Presses, Seat};
use serde_json::json;

/// Ticks until the first hand is dealt, and one to spare.
pub const START: u32 = 22;

/// A room with the viewer and others.
pub struct Room {
    pub table: TestRoom<Hands>,
}

impl Room {
    pub fn new(setup: Setup, others: &[&str]) -> Self {
        let mut table = TestRoom::with(setup);
        table.join("viewer");
        for name in others {
            table.join(name);
        }
        Self { table }
    }

    /// A room in which a hand was just dealt.
    pub fn dealt(seed: u64, others: &[&str], cards: u8) -> Self {
        let options = json!({ "cards": cards }).as_object().cloned().unwrap_or_default();
        let mut room = Self::new(Setup { options, ..Setup::new(seed) }, others);
        room.wait(START);
        assert!(matches!(room.phase(), Phase::Turn { .. }));
        room
    }

    pub fn wait(&mut self, ticks: u32) {
        self.table.ticks(ticks);
    }

    pub fn press(&mut self, player: PlayerId, which: impl Fn(&mut Presses) -> &mut Press) {
        let mut presses = Presses::default();
        *which(&mut presses) = Press(1);
        self.table.input(player, &presses);
        self.table.tick();
    }

    /// Asks to lay a card, and returns the reply.
    pub fn play(&mut self, player: PlayerId, card: Card, suit: Option<Suit>) -> Option<Reply> {
        let request = self.table.command(player, &Command::Play { card, suit });
        self.table.tick();
        let mut replies = self.table.replies(player).into_iter();
        replies.find(|(number, _)| *number == request).map(|(_, reply)| reply.unwrap())
    }

    pub fn middle(&self) -> Middle {
        self.table.all_rows("middle").remove(0).1
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
        let mut seats = self.table.all_rows::<Seat>("seats").into_iter();
        seats.find(|(_, seat)| seat.player == player).unwrap().1
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
