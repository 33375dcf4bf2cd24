//! A room in play without sockets.

use std::sync::Arc;

use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Replicate;
use drumline_shared::frame::Frame;
use drumline_shared::layout::InputLayout;
use drumline_shared::wire::input::{InputHeader, write_input};

use crate::pilots::{ArenaPilot, DriftPilot, Pilot};

/// Seconds that a new match has been going on.
const HEAD_START_SECONDS: u32 = 10;

/// A room in play, without sockets.
pub struct Match<P = ArenaPilot> {
    /// The room.
    pub room: Room,
    /// Its players.
    pub seats: Vec<PlayerId>,
    pilots: Vec<P>,
    layout: InputLayout,
    row: Vec<u32>,
    /// Each player's next input.
    inputs: Vec<Vec<u8>>,
}

impl Match {
    /// A match of the arena with this many players.
    ///
    /// # Panics
    /// If there are more players than a room can have.
    #[must_use]
    pub fn new(players: u16) -> Self {
        Self::with_pilots((0..players).map(|seat| ArenaPilot::new(seat.into())).collect())
    }
}

impl Match<DriftPilot> {
    /// A match of [`Drift`](crate::drift::Drift) with this many steady players.
    ///
    /// # Panics
    /// If there are more players than a room can have.
    #[must_use]
    pub fn drift(players: u16) -> Self {
        Self::with_pilots((0..players).map(|seat| DriftPilot::steady(seat.into())).collect())
    }
}

impl<P: Pilot> Match<P> {
    /// A match that has been going on for ten seconds, with a player for each pilot.
    ///
    /// # Panics
    /// If there are more pilots than a room can have.
    #[must_use]
    pub fn with_pilots(pilots: Vec<P>) -> Self {
        Self::after(pilots, HEAD_START_SECONDS * P::Game::TICK_RATE_HZ)
    }

    /// A match that has been going on for this many ticks, with a player for each pilot.
    ///
    /// # Panics
    /// If there are more pilots than a room can have.
    #[must_use]
    pub fn after(pilots: Vec<P>, ticks: u32) -> Self {
        let mut new = Self::empty(pilots);
        new.join_all();
        for _ in 0..ticks {
            new.tick();
        }
        new
    }

    /// A match that nobody has joined yet.
    ///
    /// # Panics
    /// If there are more pilots than a room can have.
    #[must_use]
    pub fn empty(pilots: Vec<P>) -> Self {
        let config = RoomConfig {
            max_players: pilots.len() as u16,
            tick_rate_hz: P::Game::TICK_RATE_HZ,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            outbox_bytes: drumline_room::DEFAULT_OUTBOX_BYTES,
            chat: ChatRules::default(),
        };
        let room = Room::new(Arc::new(GameSpec::of::<P::Game>()), config);
        let layout = InputLayout::of::<<P::Game as Game>::Input>();
        let row = vec![0; layout.neutral.len()];
        let inputs = vec![Vec::new(); pilots.len()];
        Self { room, seats: Vec::new(), pilots, layout, row, inputs }
    }

    /// A player joins for each pilot.
    ///
    /// # Panics
    /// If they have joined already.
    pub fn join_all(&mut self) {
        for number in 0..self.pilots.len() {
            let seat = self.room.join(&format!("player {number}"));
            self.seats.push(seat.expect("a seat for each"));
        }
    }

    /// Runs one tick as a driver does: every player's input, the tick, every player's snapshot. Returns the snapshots' bytes.
    pub fn tick(&mut self) -> usize {
        let mut bytes = 0;
        self.tick_with(|_, snapshot| bytes += snapshot.len());
        bytes
    }

    /// As [`tick`](Self::tick), but passes each player's snapshot to `sent`.
    pub fn tick_with(&mut self, sent: impl FnMut(PlayerId, &[u8])) {
        self.steer();
        self.advance(sent);
    }

    /// As [`tick_with`](Self::tick_with), without inputs.
    pub fn advance(&mut self, sent: impl FnMut(PlayerId, &[u8])) {
        self.room.tick();
        self.take_snapshots(sent);
    }

    /// Takes every player's messages and snapshot of the last tick, and passes the snapshots to `sent`.
    pub fn take_snapshots(&mut self, mut sent: impl FnMut(PlayerId, &[u8])) {
        for &player in &self.seats {
            while self.room.poll_message(player).is_some() {}
            if let Some(snapshot) = self.room.poll_snapshot(player) {
                sent(player, snapshot);
            }
        }
    }

    /// The world after the last tick.
    ///
    /// # Panics
    /// Never: the room keeps it.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        self.room.frame(self.room.current_tick()).expect("the current tick is in the ring")
    }

    /// Hands the room every player's input for the next tick.
    ///
    /// # Panics
    /// If the room refuses one.
    pub fn steer(&mut self) {
        self.write_inputs();
        self.send_inputs();
    }

    /// Writes every player's input for the next tick, as a client sends it.
    pub fn write_inputs(&mut self) {
        let now = self.room.current_tick();
        for (pilot, message) in self.pilots.iter_mut().zip(&mut self.inputs) {
            pilot.steer().quantize(&mut self.row);
            let header = InputHeader { number: now + 1, acked_tick: now, tick: now + 1, view_eighths: 0 };
            write_input(&self.layout, header, &self.row, message);
        }
    }

    /// Hands the room the inputs that were written last.
    ///
    /// # Panics
    /// If the room refuses one.
    pub fn send_inputs(&mut self) {
        for (message, &player) in self.inputs.iter().zip(&self.seats) {
            self.room.handle_input(player, message).expect("an input of the game");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{BODIES, Ship};

    #[test]
    fn a_room_of_drift_is_alive() {
        let mut drift = Match::drift(16);
        let ships = |drift: &Match<DriftPilot>| -> Vec<Ship> {
            let frame = drift.room.frame(drift.room.current_tick()).unwrap();
            assert_eq!(frame.rows(1).len(), BODIES);
            frame.rows(0).iter().map(|(_, row)| Ship::dequantize(row)).collect()
        };
        let before = ships(&drift);
        for _ in 0..2000 {
            assert!(drift.tick() > 0);
        }
        let after = ships(&drift);
        let moved = before.iter().zip(&after).all(|(before, after)| before.position != after.position);
        let scored = after.iter().filter(|ship| ship.score > 0).count();
        let hurt = after.iter().filter(|ship| ship.hp < 100).count();
        assert!(moved && scored > 0 && hurt > 0, "{scored} scored, {hurt} hurt");
        assert_eq!(drift.room.stats().inputs.dropped(), 0);
    }
}
