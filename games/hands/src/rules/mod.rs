//! The rules: everything on the table, seen and unseen, and the course of a hand from the deal to its end.

#[cfg(test)]
mod tests;
mod turn;

use drumline::prelude::*;

use crate::cards::{Card, Suit, deck, shuffle};
use crate::messages::{Command, Event, Reply, State, Summary};
use crate::world::{Emote, HandsWorld, Laid, Phase, Presses, SHOWN, Seat, Shown};

/// Players that a hand needs.
const FEWEST: usize = 2;
/// The wait for more players before the first hand, from when the last of them came.
const START_SECONDS: f32 = 4.0;
/// The time in which a card can be taken back.
const UNDO_SECONDS: f32 = 4.0;
const PAUSE_SECONDS: f32 = 7.0;
const EMOTE_SECONDS: f32 = 3.0;
/// The time for which the others wait on the turn of a player who is away.
const AWAY_SECONDS: f32 = 5.0;

/// The decisions of a room's options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Cards dealt to each player.
    pub cards: u8,
    /// Seconds for a turn.
    pub turn_seconds: u16,
}

/// The card that can be taken back.
#[derive(Debug, Clone, Copy)]
struct LastPlay {
    /// Its place in the hand.
    index: usize,
    /// The suit that was asked for before it.
    suit: Option<Suit>,
}

/// A table of players with their cards.
pub struct Rules {
    /// The state that clients receive.
    pub world: HandsWorld,
    /// The cards that nobody has or sees. The last one is drawn next.
    pub pile: Vec<Card>,
    /// The cards that were laid; the last one is on top.
    discard: Vec<Laid>,
    last_play: Option<LastPlay>,
    settings: Settings,
    rng: Rng,
    /// The tick.
    now: u32,
    ticks_per_second: f32,
    /// When the turn ends, also while a card lies that can be taken back.
    turn_ends: u32,
    /// True if the player has drawn a card on this turn.
    drew: bool,
    /// Events of this tick.
    events: Vec<Event>,
}

impl Rules {
    /// An empty table.
    #[must_use]
    pub fn new(seed: u64, settings: Settings) -> Self {
        Self {
            world: HandsWorld::default(),
            pile: Vec::new(),
            discard: Vec::new(),
            last_play: None,
            settings,
            rng: Rng::seed_from_u64(seed),
            now: 0,
            ticks_per_second: 1.0,
            turn_ends: 0,
            drew: false,
            events: Vec::new(),
        }
    }

    /// Seats a player, who plays from the next hand on.
    pub fn sit(&mut self, player: PlayerId) {
        let seat = Seat { player, hand: Vec::new(), cards: 0, plays: false, points: 0, emote: None };
        self.world.seats.insert(seat);
        // Friends who come together play together.
        if let Phase::Starting { .. } = self.world.middle.phase {
            self.start_soon();
        }
    }

    /// Takes a player's seat away. Their cards go under the pile.
    pub fn leave(&mut self, player: PlayerId) {
        let Some(seat) = self.seat_of(player) else { return };
        let on_turn = self.player_on_turn() == Some(player);
        if on_turn {
            self.undo();
        }
        let hand = self.world.seats.remove(seat).map(|seat| seat.hand).unwrap_or_default();
        self.pile.splice(0..0, hand);
        for laid in self.discard.iter_mut().filter(|laid| laid.by == Some(seat)) {
            laid.by = None;
        }
        let middle = &mut self.world.middle;
        middle.first = middle.first.filter(|&first| first != seat);
        if self.player_on_turn().is_none() {
            return;
        }
        if self.world.seats.values().filter(|seat| seat.plays).count() < FEWEST {
            self.clear();
        } else if on_turn {
            self.begin_turn(self.next_after(player));
        }
    }

    /// One tick, of a game that is played by these rules.
    pub fn tick<G>(&mut self, tick: &mut Tick<G>)
    where
        G: Game<Input = Presses, Event = Event, Command = Command, Reply = Reply>,
    {
        self.now = tick.number;
        self.ticks_per_second = 1.0 / tick.dt;
        for (player, Command::Play { card, suit }, request) in tick.commands() {
            let reply = match self.play(player, card, suit) {
                Ok(()) => Reply::Done,
                Err(reason) => Reply::Refused { reason },
            };
            tick.reply(request, &reply);
        }
        // Two ends of turns on one tick would be a press of a player who has not seen that it is their turn.
        let on_turn = self.player_on_turn();
        for (player, presses) in tick.inputs() {
            self.show_emotes(player, presses);
            if on_turn == Some(player) {
                self.press(presses);
            }
        }
        if let Some(info) = self.player_on_turn().and_then(|player| tick.players().get(player)) {
            self.hurry(info.is_away().then_some(info.connection.since_tick));
        }
        if self.advance(tick.draining().is_some()) {
            tick.end_room();
        }
        self.show();
        for event in self.events.drain(..) {
            tick.broadcast(&event);
        }
    }

    fn show_emotes(&mut self, player: PlayerId, presses: &Presses) {
        let Presses { hello, nice, oops, hurry, .. } = presses;
        let ends_tick = self.ticks_from_now(EMOTE_SECONDS);
        let Some(seat) = self.seat_of(player).and_then(|seat| self.world.seats.get_mut(seat)) else { return };
        seat.emote = seat.emote.filter(|shown| shown.ends_tick > self.now);
        let emotes = [(hello, Emote::Hello), (nice, Emote::Nice), (oops, Emote::Oops), (hurry, Emote::Hurry)];
        if let Some((press, emote)) = emotes.into_iter().find(|(press, _)| press.pressed()) {
            let before = seat.emote.filter(|shown| shown.emote == emote).map_or(0, |shown| shown.times);
            seat.emote = Some(Shown { emote, times: before.saturating_add(press.0), ends_tick });
        }
    }

    /// The state of play, for lists of rooms.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let state = match self.world.middle.phase {
            Phase::Waiting | Phase::Starting { .. } => State::Waiting,
            Phase::Turn { .. } | Phase::Laid { .. } => State::Playing,
            Phase::Over { .. } => State::Over,
        };
        Summary { state, cards_left: self.pile.len() as u8 }
    }

    /// Begins and ends what is due. Returns true if the room is to end, which a draining server wants soon.
    fn advance(&mut self, draining: bool) -> bool {
        let enough = self.world.seats.len() >= FEWEST;
        match self.world.middle.phase {
            Phase::Waiting | Phase::Starting { .. } if draining => return true,
            Phase::Waiting if enough => self.start_soon(),
            Phase::Starting { .. } if !enough => self.world.middle.phase = Phase::Waiting,
            Phase::Starting { deals_tick } if self.now >= deals_tick => self.deal(),
            Phase::Turn { ends_tick, .. } if self.now >= ends_tick => self.time_out(),
            Phase::Laid { ends_tick, .. } if self.now >= ends_tick => self.end_turn(),
            Phase::Over { ends_tick, .. } if self.now >= ends_tick => {
                if draining {
                    return true;
                }
                if enough {
                    self.deal();
                } else {
                    self.clear();
                }
            }
            _ => {}
        }
        false
    }

    fn start_soon(&mut self) {
        let deals_tick = self.ticks_from_now(START_SECONDS);
        self.world.middle.phase = Phase::Starting { deals_tick };
    }

    /// Deals a hand to all players.
    fn deal(&mut self) {
        let Some(first) = self.next_first() else { return };
        self.clear();
        let mut cards = deck();
        shuffle(&mut cards, &mut self.rng);
        for seat in self.world.seats.values_mut() {
            seat.hand = cards.split_off(cards.len() - usize::from(self.settings.cards));
            seat.plays = true;
        }
        let top = cards.pop().expect("six players do not hold a whole deck");
        self.pile = cards;
        self.discard.push(Laid { card: top, by: None });
        let first_seat = self.seat_of(first);
        let middle = &mut self.world.middle;
        middle.hand = middle.hand.wrapping_add(1);
        middle.suit = Some(top.suit);
        middle.first = first_seat;
        self.begin_turn(first);
    }

    /// The player who begins the next hand: each time another one.
    fn next_first(&self) -> Option<PlayerId> {
        let first = self.world.middle.first.and_then(|first| self.world.seats.get(first));
        let after = first.map(|seat| seat.player);
        let players = || self.world.seats.values().map(|seat| seat.player);
        let next = players().filter(|&player| Some(player) > after).min();
        next.or_else(|| players().min())
    }

    /// Takes all cards off the table.
    fn clear(&mut self) {
        for seat in self.world.seats.values_mut() {
            seat.hand.clear();
            seat.plays = false;
        }
        self.pile.clear();
        self.discard.clear();
        self.last_play = None;
        let middle = &mut self.world.middle;
        middle.suit = None;
        middle.phase = Phase::Waiting;
    }

    /// The winner of the hand gets the points of all cards that the others hold.
    fn win(&mut self, winner: Entity) {
        let points = self.world.seats.values().flat_map(|seat| &seat.hand).map(|card| card.points()).sum();
        let Some(seat) = self.world.seats.get_mut(winner) else { return };
        seat.points = seat.points.saturating_add(points);
        self.events.push(Event::Won { player: seat.player, points });
        let ends_tick = self.ticks_from_now(PAUSE_SECONDS);
        self.world.middle.phase = Phase::Over { winner, points, ends_tick };
    }

    /// Updates the counts that players see of hidden cards.
    fn show(&mut self) {
        for seat in self.world.seats.values_mut() {
            seat.cards = seat.hand.len() as u8;
        }
        let turn_ticks = self.ticks_of(f32::from(self.settings.turn_seconds)) as u16;
        let middle = &mut self.world.middle;
        middle.turn_ticks = turn_ticks;
        middle.pile = self.pile.len() as u8;
        middle.discarded = self.discard.len() as u8;
        middle.top.clear();
        middle.top.extend_from_slice(&self.discard[self.discard.len().saturating_sub(SHOWN)..]);
    }

    fn seat_of(&self, player: PlayerId) -> Option<Entity> {
        self.world.seats.iter().find(|(_, seat)| seat.player == player).map(|(entity, _)| entity)
    }

    fn ticks_of(&self, seconds: f32) -> u32 {
        (seconds * self.ticks_per_second).round() as u32
    }

    fn ticks_from_now(&self, seconds: f32) -> u32 {
        self.now + self.ticks_of(seconds)
    }
}
