//! A pilot of the arena.

use drumline_arena::game::SHOT_SPEED;
use drumline_arena::world::{Controls, Rock, Ship, WORLD_SIZE, tables};
use drumline_room::{Rng, RngExt, SeedableRng};
use drumline_shared::{Mirror, Replicate};
use glam::Vec2;

use super::Behaviour;

/// Flies about in the arena, chases the nearest ship or rock, and fires when it is in reach.
pub struct ArenaPilot {
    rng: Rng,
    /// Whether it hunts ships rather than rocks.
    hunts_ships: bool,
    waypoint: Vec2,
    /// How far its aim is off, in radians.
    aim_error: f32,
    snapshots_until_rethink: u32,
}

impl ArenaPilot {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let hunts_ships = rng.random_bool(0.7);
        Self { rng, hunts_ships, waypoint: Vec2::ZERO, aim_error: 0.0, snapshots_until_rethink: 0 }
    }

    fn rethink(&mut self) {
        self.snapshots_until_rethink = self.rng.random_range(15..60);
        self.hunts_ships ^= self.rng.random_bool(0.1);
        self.aim_error = self.rng.random_range(-0.12..0.12);
        let margin = WORLD_SIZE * 0.1;
        let mut along = || self.rng.random_range(margin..WORLD_SIZE - margin);
        self.waypoint = Vec2::new(along(), along());
    }

    fn controls(&self, mirror: &Mirror, player: u16) -> Controls {
        let mut own = None;
        let mut prey: Vec<Vec2> = Vec::new();
        for (_, ship) in mirror.rows::<Ship>(tables::SHIPS) {
            if ship.player == player {
                own = Some(ship.position);
            } else if self.hunts_ships {
                prey.push(ship.position);
            }
        }
        let Some(own) = own else { return Controls::default() };
        if prey.is_empty() {
            prey.extend(mirror.rows::<Rock>(tables::ROCKS).map(|(_, rock)| rock.position));
        }
        let distance = |at: &Vec2| at.distance_squared(own);
        let nearest = prey.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let target = nearest.unwrap_or(self.waypoint);
        let towards = target - own;
        let in_reach = towards.length() < SHOT_SPEED * 0.8;
        let course = if towards.length() < 220.0 { self.waypoint - own } else { towards };
        Controls {
            thrust: course.normalize_or_zero(),
            aim: towards.to_angle() + self.aim_error,
            fire: nearest.is_some() && in_reach,
        }
    }
}

impl Behaviour for ArenaPilot {
    fn act(&mut self, mirror: &Mirror, player: u16, row: &mut [u32]) {
        if self.snapshots_until_rethink == 0 {
            self.rethink();
        }
        self.snapshots_until_rethink -= 1;
        self.controls(mirror, player).quantize(row);
    }
}
