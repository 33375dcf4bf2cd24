//! A turn: lay a card and perhaps take it back, or draw one, and end it.

use drumline::prelude::*;

use super::{AWAY_SECONDS, LastPlay, Rules, UNDO_SECONDS};
use crate::cards::{Card, Suit, shuffle};
use crate::messages::{Event, Refusal};
use crate::world::{Laid, Phase, Presses};

impl Rules {
    /// The player whose turn it is.
    #[must_use]
    pub fn player_on_turn(&self) -> Option<PlayerId> {
        match self.world.middle.phase {
            Phase::Turn { player, .. } | Phase::Laid { player, .. } => Some(player),
            Phase::Waiting | Phase::Starting { .. } | Phase::Over { .. } => None,
        }
    }

    /// Lays a card of a player.
    ///
    /// # Errors
    /// [`Refusal`] if the rules do not allow it.
    pub fn play(&mut self, player: PlayerId, card: Card, suit: Option<Suit>) -> Result<(), Refusal> {
        if !matches!(self.world.middle.phase, Phase::Turn { player: on_turn, .. } if on_turn == player) {
            return Err(Refusal::NotYourTurn);
        }
        let (Some(by), Some(top)) = (self.seat_of(player), self.discard.last()) else {
            return Err(Refusal::NotYourTurn);
        };
        let hand = &mut self.world.seats.get_mut(by).ok_or(Refusal::NotYourTurn)?.hand;
        let index = hand.iter().position(|&other| other == card).ok_or(Refusal::NotYours)?;
        let middle = &mut self.world.middle;
        let asked = middle.suit.unwrap_or(top.card.suit);
        if !card.goes_on(top.card, asked) {
            return Err(Refusal::NoMatch);
        }
        let next = if card.is_wild() { suit.ok_or(Refusal::NoSuit)? } else { card.suit };
        hand.remove(index);
        self.last_play = Some(LastPlay { index, suit: middle.suit });
        middle.suit = Some(next);
        self.discard.push(Laid { card, by: Some(by) });
        let ends_tick = self.ticks_from_now(UNDO_SECONDS);
        self.world.middle.phase = Phase::Laid { player, ends_tick };
        Ok(())
    }

    /// Does what the player on turn presses.
    pub(super) fn press(&mut self, presses: &Presses) {
        if presses.draw.pressed() {
            self.draw();
        }
        if presses.undo.pressed() {
            self.undo();
        }
        let may_end = matches!(self.world.middle.phase, Phase::Turn { drew: true, .. } | Phase::Laid { .. });
        if presses.end_turn.pressed() && may_end {
            self.end_turn();
        }
    }

    /// Draws a card for the player on turn: one on each turn. If there is none left anywhere, they may still pass.
    fn draw(&mut self) {
        let Phase::Turn { player, drew: false, .. } = self.world.middle.phase else { return };
        if self.pile.is_empty() && self.discard.len() > 1 {
            let top = self.discard.split_off(self.discard.len() - 1);
            self.pile.extend(self.discard.drain(..).map(|laid| laid.card));
            self.discard = top;
            shuffle(&mut self.pile, &mut self.rng);
            self.events.push(Event::Reshuffled);
        }
        let seat = self.seat_of(player).and_then(|seat| self.world.seats.get_mut(seat));
        if let (Some(seat), Some(card)) = (seat, self.pile.pop()) {
            seat.hand.push(card);
            self.events.push(Event::Drew { player });
        }
        self.drew = true;
        self.world.middle.phase = Phase::Turn { player, drew: true, ends_tick: self.turn_ends };
    }

    /// Takes back the card that was laid on this turn.
    pub(super) fn undo(&mut self) {
        let Phase::Laid { player, .. } = self.world.middle.phase else { return };
        let seat = self.seat_of(player).and_then(|seat| self.world.seats.get_mut(seat));
        let (Some(seat), Some(last)) = (seat, self.last_play.take()) else { return };
        let Some(laid) = self.discard.pop() else { return };
        seat.hand.insert(last.index, laid.card);
        let middle = &mut self.world.middle;
        middle.suit = last.suit;
        middle.phase = Phase::Turn { player, drew: self.drew, ends_tick: self.turn_ends };
        self.events.push(Event::TookBack { player });
    }

    /// Gives the player on turn the whole time or, if they are away since some tick, a short one.
    pub(super) fn hurry(&mut self, away_since: Option<u32>) {
        let whole = self.turn_ends;
        let began = whole - self.ticks_of(f32::from(self.settings.turn_seconds));
        let short = self.ticks_of(AWAY_SECONDS);
        let Phase::Turn { ends_tick, .. } = &mut self.world.middle.phase else { return };
        *ends_tick = away_since.map_or(whole, |since| whole.min(since.max(began) + short));
    }

    /// Draws for a player who was too slow, and passes.
    pub(super) fn time_out(&mut self) {
        let Some(player) = self.player_on_turn() else { return };
        self.events.push(Event::TimedOut { player });
        self.draw();
        self.end_turn();
    }

    /// Ends the turn, and the hand if the player has no cards left.
    pub(super) fn end_turn(&mut self) {
        let Some(player) = self.player_on_turn() else { return };
        let seat = self.seat_of(player);
        let has_shed = |seat: &Entity| self.world.seats.get(*seat).is_some_and(|seat| seat.hand.is_empty());
        match seat.filter(has_shed) {
            Some(winner) => self.win(winner),
            None => self.begin_turn(self.next_after(player)),
        }
    }

    /// Begins the turn of a player.
    pub(super) fn begin_turn(&mut self, player: PlayerId) {
        self.last_play = None;
        self.drew = false;
        self.turn_ends = self.ticks_from_now(f32::from(self.settings.turn_seconds));
        self.world.middle.phase = Phase::Turn { player, drew: false, ends_tick: self.turn_ends };
    }

    /// The player in this hand whose turn is after that of another one, who may have left.
    pub(super) fn next_after(&self, player: PlayerId) -> PlayerId {
        let players = || self.world.seats.values().filter(|seat| seat.plays).map(|seat| seat.player);
        let next = players().filter(|&other| other > player).min();
        next.or_else(|| players().min()).unwrap_or(player)
    }
}
