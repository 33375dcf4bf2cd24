//! Hidden cards change no byte that a player is sent: two rooms in which the same is played, but whose hidden cards differ on
//! every tick, send a player the same bytes.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::sync::Arc;

use drumline::prelude::*;
use drumline::{ChatRules, GameSpec, RequestId, Room, RoomConfig};
use drumline_hands::cards::{Card, Suit, shuffle};
use drumline_hands::messages::{Command, Event, Reply};
use drumline_hands::rules::{Rules, Settings};
use drumline_hands::world::{HandsWorld, Middle, Phase, Presses, Seat, tables};
use drumline_shared::Mirror;
use drumline_shared::encoding::encode;
use drumline_shared::frame::Frame;
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};
use serde::{Deserialize, Serialize};
use serde_json::{from_value, json};

const VIEWER: PlayerId = PlayerId::first(0);
const PLAYERS: u16 = 3;
const TICKS: u32 = 1200;

/// A card that becomes visible to the viewer on a tick, and the place where it must be before: a hand, or the top of the pile.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Reveal {
    tick: u32,
    from: Option<PlayerId>,
    card: Card,
}

/// The game, with an option to shuffle all cards that the viewer does not see, before every tick.
struct Veiled {
    rules: Rules,
    /// The generator of the hidden cards, and those that come to light.
    veil: Option<(Rng, Vec<Reveal>)>,
}

#[game]
impl Game for Veiled {
    const NAME: &'static str = "veiled";
    const TICK_RATE_HZ: u32 = 5;
    type World = HandsWorld;
    type Input = Presses;
    type Event = Event;
    type Command = Command;
    type Reply = Reply;

    fn new(setup: &Setup) -> Self {
        let salt = setup.options.get("salt").and_then(serde_json::Value::as_u64);
        let reveals = setup.options.get("reveals").cloned().unwrap_or_default();
        let veil = salt.map(|salt| (Rng::seed_from_u64(salt), from_value(reveals).unwrap()));
        Self { rules: Rules::new(setup.seed, Settings { cards: 3, turn_seconds: 6 }), veil }
    }

    fn world(&self) -> &HandsWorld {
        &self.rules.world
    }

    fn join(&mut self, player: PlayerId, _: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.rules.sit(player);
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.rules.leave(player);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        if let Some((rng, reveals)) = &mut self.veil {
            let reveals = reveals.iter().filter(|reveal| reveal.tick == tick.number);
            shuffle_hidden(&mut self.rules, rng, reveals);
        }
        self.rules.tick(tick);
    }
}

/// Shuffles the cards of the pile and of the other players' hands among each other, and then puts those into their places that
/// the viewer will see.
fn shuffle_hidden<'a>(rules: &mut Rules, rng: &mut Rng, reveals: impl Iterator<Item = &'a Reveal>) {
    let others = rules.world.seats.values_mut().filter(|seat| seat.player != VIEWER);
    let (players, hands): (Vec<_>, Vec<_>) = others.map(|seat| (seat.player, &mut seat.hand)).unzip();
    let mut places: Vec<(Option<PlayerId>, &mut Card)> = Vec::new();
    for (player, hand) in players.into_iter().zip(hands) {
        places.extend(hand.iter_mut().map(|card| (Some(player), card)));
    }
    // The top of the pile first.
    places.extend(rules.pile.iter_mut().rev().map(|card| (None, card)));
    let mut cards: Vec<Card> = places.iter().map(|(_, card)| **card).collect();
    shuffle(&mut cards, rng);
    let mut taken = vec![false; cards.len()];
    for reveal in reveals {
        let place = (0..cards.len()).find(|&place| places[place].0 == reveal.from && !taken[place]);
        let from = cards.iter().position(|&card| card == reveal.card);
        // A card from a new pile is where it is in both rooms.
        let (Some(place), Some(from)) = (place, from) else { continue };
        cards.swap(place, from);
        taken[place] = true;
    }
    for ((_, place), card) in places.into_iter().zip(cards) {
        *place = card;
    }
}

/// An action of a player on a tick.
#[derive(Debug, Clone)]
enum Act {
    Press(PlayerId, Presses),
    Play(PlayerId, Card, Option<Suit>),
    Leave(PlayerId),
}

/// A room, and all that two of its players are sent.
struct Stage {
    room: Room,
    mirror: Mirror,
    input: InputLayout,
    numbers: [u32; PLAYERS as usize],
    requests: [u32; PLAYERS as usize],
    sent: [Vec<u8>; 2],
}

impl Stage {
    fn new(seed: u64, options: &serde_json::Value) -> Self {
        let spec = Arc::new(GameSpec::of::<Veiled>());
        let mirror = Mirror::new(spec.layout.clone(), 30);
        let config = RoomConfig {
            max_players: PLAYERS,
            tick_rate_hz: 5,
            setup: Setup { options: options.as_object().unwrap().clone(), ..Setup::new(seed) },
            budget_bytes: 4096,
            outbox_bytes: drumline::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(spec, config);
        for _ in 0..PLAYERS {
            room.join("p").unwrap();
        }
        let input = InputLayout::of::<Presses>();
        let none = [0; PLAYERS as usize];
        Self { room, mirror, input, numbers: none, requests: none, sent: [Vec::new(), Vec::new()] }
    }

    fn tick(&mut self, act: Option<&Act>) {
        match act {
            Some(Act::Leave(player)) => self.room.leave(*player),
            Some(Act::Play(player, card, suit)) => {
                let command = encode(&Command::Play { card: *card, suit: *suit });
                let number = &mut self.requests[player.index()];
                *number += 1;
                let request = RequestId { player: *player, number: *number, reply: true };
                self.room.handle_command(request, &command).unwrap();
            }
            Some(Act::Press(player, presses)) => self.press(*player, presses),
            None => {}
        }
        self.room.tick();
        let now = self.room.current_tick();
        for (player, sent) in self.sent.iter_mut().enumerate() {
            let player = PlayerId::first(player as u16);
            while let Some(message) = self.room.poll_message(player) {
                sent.extend_from_slice(&message);
            }
            let message = self.room.poll_snapshot(player).unwrap();
            sent.extend_from_slice(message);
            if player == VIEWER {
                self.mirror.apply(message).unwrap();
            }
            self.room.handle_ack(player, now);
        }
    }

    fn press(&mut self, player: PlayerId, presses: &Presses) {
        let mut row = vec![0; self.input.row.columns.len()];
        presses.quantize(&mut row);
        let number = &mut self.numbers[player.index()];
        *number += 1;
        let now = self.room.current_tick();
        let header = InputHeader { number: *number, acked_tick: now, tick: now + 1, view_eighths: 0 };
        let mut message = Vec::new();
        write_input(&self.input, header, &row, &mut message);
        self.room.handle_input(player, &message).unwrap();
    }

    /// All rows of a table, with what is hidden.
    fn rows<T: Replicate>(&self, table: usize) -> Vec<T> {
        let layout = self.mirror.layout();
        let frame: &Frame = self.room.frame(self.room.current_tick()).unwrap();
        let (parts, width) = (layout.tables[table].parts.clone(), layout.tables[table].width);
        let whole = |entity| {
            let mut whole = vec![0; width];
            for part in parts.clone() {
                layout.parts[part].put(frame.rows(part).get(entity).unwrap(), &mut whole);
            }
            T::dequantize(&whole)
        };
        frame.rows(parts.start).iter().map(|(entity, _)| whole(entity)).collect()
    }

    fn seats(&self) -> Vec<Seat> {
        self.rows(tables::SEATS)
    }

    fn middle(&self) -> Middle {
        self.rows(tables::MIDDLE).remove(0)
    }
}

/// Players who draw, lay cards, take them back, pass and sleep at random. One leaves.
struct Players {
    rng: Rng,
    presses: Vec<Presses>,
    asleep_until: u32,
    /// How often, of ten times, they draw although they could lay a card: with many draws a pile is soon empty.
    draws: u32,
}

impl Players {
    fn choose(&mut self, stage: &Stage) -> Option<Act> {
        let now = stage.room.current_tick();
        if now == TICKS * 2 / 3 {
            return Some(Act::Leave(PlayerId::first(PLAYERS - 1)));
        }
        if self.rng.random_bool(0.01) {
            self.asleep_until = now + 40;
        }
        let middle = stage.middle();
        let (Phase::Turn { player, .. } | Phase::Laid { player, .. }) = middle.phase else { return None };
        if now < self.asleep_until {
            return None;
        }
        let which: fn(&mut Presses) -> &mut Press = match (middle.phase, self.rng.random_range(0..10)) {
            (Phase::Turn { drew: false, .. }, roll) if roll < self.draws => |presses| &mut presses.draw,
            (Phase::Turn { .. }, _) => {
                let seat = stage.seats().into_iter().find(|seat| seat.player == player).unwrap();
                let (top, suit) = (middle.top.last().unwrap().card, middle.suit.unwrap());
                match seat.hand.into_iter().find(|card| card.goes_on(top, suit)) {
                    Some(card) => return Some(Act::Play(player, card, Some(Suit::ALL[now as usize % 4]))),
                    None => |presses| &mut presses.end_turn,
                }
            }
            (_, 0..3) => |presses| &mut presses.undo,
            _ => |presses| &mut presses.end_turn,
        };
        let presses = &mut self.presses[player.index()];
        let count = which(presses);
        *count = Press(count.0.wrapping_add(1));
        Some(Act::Press(player, presses.clone()))
    }
}

/// The cards that came to light for the viewer on a tick.
fn reveals(
    before: (&[Seat], &Middle),
    after: (&[Seat], &Middle),
    act: Option<&Act>,
    tick: u32,
) -> Vec<Reveal> {
    let mut reveals = Vec::new();
    if let Some(&Act::Play(player, card, _)) = act
        && player != VIEWER
    {
        reveals.push(Reveal { tick, from: Some(player), card });
    }
    let known = |card: &Card| {
        let laid = before.1.top.iter().any(|laid| laid.card == *card);
        laid || before.0[0].hand.contains(card)
    };
    let drawn = after.0[0].hand.iter().filter(|card| !known(card));
    reveals.extend(drawn.map(|&card| Reveal { tick, from: None, card }));
    let is_over = |middle: &Middle| matches!(middle.phase, Phase::Over { .. });
    if is_over(after.1) && !is_over(before.1) {
        // The points say what the others' cards are worth.
        for seat in &after.0[1..] {
            let from = Some(seat.player);
            reveals.extend(seat.hand.iter().map(|&card| Reveal { tick, from, card }));
        }
    }
    reveals
}

#[test]
fn hidden_cards_change_no_byte() {
    let (mut reshuffles, mut hands) = (0, 0);
    for (seed, draws) in [(0, 2), (1, 2), (2, 9), (3, 9)] {
        let rng = Rng::seed_from_u64(seed);
        let mut players = Players { rng, presses: vec![Presses::default(); 3], asleep_until: 0, draws };
        let (mut first, mut acts, mut revealed) = (Stage::new(seed, &json!({})), Vec::new(), Vec::new());
        first.tick(None);
        for tick in 2..=TICKS {
            let act = players.choose(&first);
            let (seats, middle) = (first.seats(), first.middle());
            first.tick(act.as_ref());
            let (seats_after, after) = (first.seats(), first.middle());
            revealed.extend(reveals((&seats, &middle), (&seats_after, &after), act.as_ref(), tick));
            let same_hand = middle.hand == after.hand && seats.len() == seats_after.len();
            reshuffles += u32::from(same_hand && after.pile > middle.pile);
            acts.push(act);
        }
        hands += first.middle().hand;
        for salt in 1..=3 {
            let mut other = Stage::new(seed, &json!({ "salt": salt, "reveals": revealed }));
            other.tick(None);
            for act in &acts {
                other.tick(act.as_ref());
            }
            assert!(first.sent[0] == other.sent[0], "the viewer's bytes do not depend on hidden cards");
            assert!(first.sent[1] != other.sent[1], "the hidden cards did differ");
        }
        assert!(first.sent[0].len() > 5000, "{}", first.sent[0].len());
    }
    println!("{hands} hands, {reshuffles} new piles");
    assert!(hands > 6 && reshuffles > 0, "hands came to an end, and piles");
}
