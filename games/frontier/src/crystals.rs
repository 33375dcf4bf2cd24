//! Crystals: where they grow, and how they are mined.

use std::f32::consts::TAU;

use drumline::prelude::*;
use glam::Vec2;

use crate::game::{CRYSTALS, Frontier};
use crate::world::{Crystal, HOLD, MAP_SIZE, Mineral, RICHEST, Ship, Stack};

/// How far a ship's beam reaches, in units.
const MINE_REACH: f32 = 150.0;
/// Seconds to mine a piece.
const DIG_SECONDS: f32 = 0.3;
const DIG_ENERGY: f32 = 1.5;
/// The largest distance of a field's crystals from its middle, in units.
const FIELD_RADIUS: f32 = 420.0;
/// The share of crystals that grow anywhere on the map, outside the fields.
const LONE_SHARE: f64 = 0.25;
/// The largest distance at which dropped pieces land, in units.
const DROP_RADIUS: f32 = 45.0;

impl Ship {
    /// Pieces of crystal on board.
    #[must_use]
    pub fn laden(&self) -> u8 {
        self.cargo.iter().map(|stack| stack.amount).sum()
    }

    /// Takes a piece on board.
    fn stow(&mut self, mineral: Mineral) {
        match self.cargo.iter_mut().find(|stack| stack.mineral == mineral) {
            Some(stack) => stack.amount += 1,
            None => self.cargo.push(Stack { mineral, amount: 1 }),
        }
    }
}

impl Frontier {
    /// Each ship that mines takes a piece from the nearest crystal in reach, at intervals.
    pub(crate) fn mine_crystals(&mut self, dt: f32) {
        let Self { world, near, .. } = self;
        for ship in world.ships.values_mut().filter(|ship| ship.mining) {
            ship.mining = ship.laden() < HOLD && ship.energy >= DIG_ENERGY;
            if !ship.mining {
                continue;
            }
            ship.dig -= dt;
            if ship.dig > 0.0 {
                continue;
            }
            let left = |crystal| world.crystals.get(crystal).is_some();
            let nearest = near.crystals.nearest(ship.position, MINE_REACH, left);
            let Some((entity, crystal)) =
                nearest.and_then(|(entity, _)| Some((entity, world.crystals.get_mut(entity)?)))
            else {
                continue;
            };
            ship.dig = DIG_SECONDS;
            ship.energy -= DIG_ENERGY;
            ship.stow(crystal.mineral);
            crystal.amount -= 1;
            if crystal.amount == 0 {
                world.crystals.remove(entity);
            }
        }
    }

    /// Adds a crystal, usually in a field. All crystals of a field are of one mineral.
    pub(crate) fn grow_crystal(&mut self) {
        let lone = self.fields.is_empty() || self.rng.random_bool(LONE_SHARE);
        let (position, mineral) = if lone {
            (self.anywhere(), Mineral::Beryl)
        } else {
            let field = self.rng.random_range(0..self.fields.len());
            // Denser towards the middle.
            let position = self.fields[field] + self.away(FIELD_RADIUS);
            (position, Mineral::ALL[field % Mineral::ALL.len()])
        };
        let amount = self.rng.random_range(1..=RICHEST);
        self.insert_crystal(position, Stack { mineral, amount });
    }

    /// Replaces crystals that have been mined out, elsewhere, at most one a tick: a field that was mined out in a battle does not
    /// reappear at once.
    pub(crate) fn keep_crystals_growing(&mut self) {
        if self.world.crystals.len() < CRYSTALS {
            self.grow_crystal();
        }
    }

    /// Scatters pieces around a place.
    pub(crate) fn drop_crystals(&mut self, place: Vec2, mut pieces: Stack) {
        while pieces.amount > 0 {
            let amount = pieces.amount.min(RICHEST / 2);
            pieces.amount -= amount;
            let position = place + self.away(DROP_RADIUS);
            self.insert_crystal(position, Stack { amount, ..pieces });
        }
    }

    /// A random offset of at most `most` units; short ones are more frequent.
    fn away(&mut self, most: f32) -> Vec2 {
        Vec2::from_angle(self.rng.random_range(0.0..TAU)) * self.rng.random_range(0.0..most)
    }

    fn insert_crystal(&mut self, position: Vec2, Stack { mineral, amount }: Stack) {
        let position = position.round().clamp(Vec2::ZERO, Vec2::splat(MAP_SIZE));
        self.world.crystals.insert(Crystal { position, mineral, amount });
    }
}
