//! Spectators: who sees everything and does nothing. To the game they are not there.

use std::ops::Range;

use super::Room;
use crate::budget::Budget;
use crate::game::PlayerId;
use crate::input_buffer::InputBuffer;
use crate::player::{Player, Role};
use crate::view::View;

/// How many can look on at once.
pub const MAX_SPECTATORS: u16 = 4;

/// Bytes that a spectator's snapshot may have at the least: they see all of the world.
const LEAST_BUDGET_BYTES: u32 = 16 * 1024;

impl Room {
    /// Gives a spectator a place, if one is free. They are given snapshots as players are, in which nothing is hidden, and may
    /// [`leave`](Self::leave), acknowledge and ask for keyframes; an input of theirs is an error. Their ids lie above all seats.
    ///
    /// What players are given is the same with them and without.
    pub fn watch(&mut self) -> Option<PlayerId> {
        let seats = self.config.max_players;
        let budget_bytes = self.config.budget_bytes.max(LEAST_BUDGET_BYTES);
        self.sit(Role::Spectator, seats..seats + MAX_SPECTATORS, String::new(), budget_bytes)
    }

    /// Gives somebody the lowest free of some places, if there is one.
    pub(super) fn sit(
        &mut self,
        role: Role,
        mut places: Range<u16>,
        name: String,
        budget_bytes: u32,
    ) -> Option<PlayerId> {
        let place = places.find(|&place| self.seats[usize::from(place)].is_none())?;
        let inputs = InputBuffer::new(self.neutral_input.clone());
        let view = (View::new(&self.division), Budget::new(budget_bytes));
        self.connections += 1;
        let player = Player::new(role, inputs, view, self.tick, name, self.connections);
        self.seats[usize::from(place)] = Some(player);
        Some(PlayerId(place))
    }

    /// Whether an id is a spectator's.
    #[must_use]
    pub fn is_spectator(&self, viewer: PlayerId) -> bool {
        viewer.0 >= self.config.max_players
    }

    /// How many look on.
    #[must_use]
    pub fn spectators(&self) -> u16 {
        let places = self.seats.iter().skip(self.config.max_players.into());
        places.flatten().count() as u16
    }
}
