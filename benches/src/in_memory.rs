//! A room in play without sockets, for benches and for counting bytes.

use std::sync::Arc;

use drumline_room::{ChatRules, DEFAULT_BUDGET_BYTES, Game, GameSpec, PlayerId, Room, RoomConfig, Setup};
use drumline_shared::Replicate;
use drumline_shared::frame::Frame;
use drumline_shared::input::{InputHeader, write_input};
use drumline_shared::layout::RowLayout;

use crate::pilot::{ArenaPilot, DriftPilot, Pilot};

/// Seconds that a match has been going on when it is handed out.
const HEAD_START_SECONDS: u32 = 10;

/// A room in play, without sockets.
pub struct Match<P = ArenaPilot> {
    /// The room.
    pub room: Room,
    /// Its players.
    pub seats: Vec<PlayerId>,
    pilots: Vec<P>,
    layout: RowLayout,
    row: Vec<u32>,
    message: Vec<u8>,
}

impl Match {
    /// A match of the arena with so many players.
    ///
    /// # Panics
    /// If there are more players than a room can have.
    #[must_use]
    pub fn new(players: u16) -> Self {
        Self::with_pilots((0..players).map(|seat| ArenaPilot::new(seat.into())).collect())
    }
}

impl Match<DriftPilot> {
    /// A match of [`Drift`](crate::drift::Drift) with so many steady players.
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
        let tick_rate_hz = P::Game::TICK_RATE_HZ;
        let config = RoomConfig {
            id: "bench".into(),
            max_players: pilots.len() as u16,
            tick_rate_hz,
            setup: Setup::new(1),
            budget_bytes: DEFAULT_BUDGET_BYTES,
            chat: ChatRules::default(),
        };
        let mut room = Room::new(Arc::new(GameSpec::of::<P::Game>()), config);
        let names = (0..pilots.len()).map(|number| format!("player {number}"));
        let seats = names.map(|name| room.join(&name).expect("a seat for each")).collect();
        let layout = RowLayout::new(<P::Game as Game>::Input::FIELDS).expect("a game is within the limits");
        let row = vec![0; layout.columns.len()];
        let message = Vec::new();
        let mut new = Self { room, seats, pilots, layout, row, message };
        for _ in 0..HEAD_START_SECONDS * tick_rate_hz {
            new.tick();
        }
        new
    }

    /// One tick as a driver runs it: every player's input, the tick, every player's snapshot. Returns the snapshots' bytes.
    pub fn tick(&mut self) -> usize {
        let mut bytes = 0;
        self.tick_into(|snapshot| bytes += snapshot);
        bytes
    }

    /// As [`tick`](Self::tick), telling each snapshot's bytes.
    pub fn tick_into(&mut self, mut sent: impl FnMut(usize)) {
        self.tick_giving(|_, snapshot| sent(snapshot.len()));
    }

    /// As [`tick`](Self::tick), giving each player's snapshot.
    pub fn tick_giving(&mut self, mut given: impl FnMut(PlayerId, &[u8])) {
        self.steer();
        self.room.tick();
        for &player in &self.seats {
            while self.room.poll_message(player).is_some() {}
            if let Some(snapshot) = self.room.poll_snapshot(player) {
                given(player, snapshot);
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

    /// Gives the room every player's input for the next tick.
    ///
    /// # Panics
    /// If the room refuses one.
    pub fn steer(&mut self) {
        let now = self.room.current_tick();
        for (pilot, &player) in self.pilots.iter_mut().zip(&self.seats) {
            pilot.steer().quantize(&mut self.row);
            let header = InputHeader { number: now + 1, acked_tick: now, tick: now + 1, view_eighths: 0 };
            write_input(&self.layout, header, &self.row, &mut self.message);
            self.room.handle_input(player, &self.message).expect("an input of the game");
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
