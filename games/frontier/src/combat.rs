//! Shots and the damage that they do.

use drumline::prelude::*;
use drumline_kit::motion::sweeps;
use glam::Vec2;

use crate::creatures::CREATURE_RADIUS;
use crate::game::Frontier;
use crate::pilots::SHIP_RADIUS;
use crate::world::{MAP_SIZE, Ship, Shot};

/// A shot's speed relative to its ship, in units a second.
pub const SHOT_SPEED: f32 = 640.0;

const SHOT_SECONDS: f32 = 0.75;
const SHOT_DAMAGE: u8 = 15;
const SHOT_ENERGY: f32 = 5.0;
const RELOAD_SECONDS: f32 = 0.25;
/// Seconds for which no station protects a ship that has fired.
const HOSTILE_SECONDS: f32 = 4.0;

impl Ship {
    /// Fires a shot; `None` while the weapon reloads or the energy is short.
    pub(crate) fn fire(&mut self) -> Option<Shot> {
        if self.reload > 0.0 || self.energy < SHOT_ENERGY {
            return None;
        }
        self.reload = RELOAD_SECONDS;
        self.energy -= SHOT_ENERGY;
        self.hostile = HOSTILE_SECONDS;
        self.shield = 0.0;
        self.shielded = false;
        let nose = Vec2::from_angle(self.heading);
        Some(Shot {
            player: self.player,
            faction: self.faction,
            position: self.position + nose * SHIP_RADIUS,
            velocity: self.velocity + nose * SHOT_SPEED,
            life: SHOT_SECONDS,
        })
    }
}

impl Frontier {
    pub(crate) fn move_shots(&mut self, dt: f32) {
        self.world.shots.retain(|_, shot| {
            shot.position += shot.velocity * dt;
            shot.life -= dt;
            let inside = shot.position.min_element() >= 0.0 && shot.position.max_element() <= MAP_SIZE;
            inside && shot.life > 0.0
        });
    }

    /// Each shot hits an enemy ship or a creature on its path.
    pub(crate) fn hit_with_shots(&mut self, dt: f32) {
        let mut flying = std::mem::take(&mut self.flying);
        flying.extend(self.world.shots.iter().map(|(entity, shot)| (entity, shot.clone())));
        for (entity, shot) in flying.drain(..) {
            let path = shot.velocity * dt;
            let (from, middle) = (shot.position - path, shot.position - path / 2.0);
            let hits = |centre, radius| sweeps(from, shot.position, centre, radius);
            let ship = self
                .near
                .ships
                .within(middle, path.length() / 2.0 + SHIP_RADIUS)
                .filter(|(_, centre)| hits(*centre, SHIP_RADIUS))
                .find(|(ship, _)| {
                    self.world.ships.get(*ship).is_some_and(|ship| ship.faction != shot.faction)
                });
            if let Some((ship, _)) = ship {
                self.world.shots.remove(entity);
                self.hurt_ship(ship, SHOT_DAMAGE);
                continue;
            }
            let creature = self.near.creatures.within(middle, path.length() / 2.0 + CREATURE_RADIUS).find(
                |(creature, centre)| {
                    hits(*centre, CREATURE_RADIUS) && self.world.creatures.get(*creature).is_some()
                },
            );
            if let Some((creature, _)) = creature {
                self.world.shots.remove(entity);
                self.hurt_creature(creature, SHOT_DAMAGE, shot.velocity);
            }
        }
        self.flying = flying;
    }

    /// Damages a ship, and destroys it if no hit points are left.
    pub(crate) fn hurt_ship(&mut self, entity: Entity, damage: u8) {
        let Some(ship) = self.world.ships.get_mut(entity).filter(|ship| !ship.shielded) else { return };
        ship.health -= f32::from(damage);
        if ship.health <= 0.0 {
            self.destroy_ship(entity);
        }
    }
}
