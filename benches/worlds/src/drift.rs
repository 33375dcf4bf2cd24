//! The workload: players and bodies adrift in a square, all of them always in motion.

use std::f32::consts::TAU;

use drumline_room::{Game, JoinRefused, PlayerId, Rng, RngExt, SeedableRng, Setup, Tick, game};
use drumline_shared::{Entity, Replicate, Table, World};
use glam::Vec2;

/// Width and height of the world, in units.
pub const WORLD_SIZE: f32 = 2000.0;
/// Bodies in a room.
pub const BODIES: usize = 20;
/// Ticks a second.
pub const TICK_RATE_HZ: u32 = 20;

/// A player's speed, in units a second.
const SPEED: f32 = 200.0;
/// How far a shot goes, in units.
const REACH: f32 = 100.0;
/// Hit points that a shot takes.
const DAMAGE: u8 = 10;
const FULL_HP: u8 = 100;

/// A player.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Ship {
    /// The player's seat.
    #[sync(range = 0..=1023)]
    pub player: u16,
    /// The player's name, which never changes.
    #[sync(max_bytes = 16)]
    pub name: String,
    /// Position in units.
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    /// The angle that it faces, in radians.
    #[sync(angle, bits = 10)]
    pub angle: f32,
    /// Hit points left.
    #[sync(range = 0..=100)]
    pub hp: u8,
    /// Shots that have hit.
    pub score: u32,
}

/// A body that drifts and bounces off the walls.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Body {
    /// Position in units.
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    /// Units a second.
    #[sync(skip)]
    pub velocity: Vec2,
}

/// The world as clients see it.
#[derive(Debug, Clone, Default, World)]
pub struct DriftWorld {
    /// The players.
    pub ships: Table<Ship>,
    /// The bodies.
    pub bodies: Table<Body>,
}

/// A player's input for one tick.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Controls {
    /// Left, none or right.
    #[sync(range = -1..=1)]
    pub dx: i8,
    /// Up, none or down.
    #[sync(range = -1..=1)]
    pub dy: i8,
    /// The angle to face, in radians.
    #[sync(angle, bits = 10)]
    pub angle: f32,
    /// True to fire.
    pub fire: bool,
}

/// The game.
#[derive(Debug)]
pub struct Drift {
    rng: Rng,
    world: DriftWorld,
    /// Each seat's ship.
    seats: Vec<Option<Entity>>,
}

impl Drift {
    /// A world of `bodies` bodies, without players.
    #[must_use]
    pub fn with_bodies(seed: u64, bodies: usize) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let mut world = DriftWorld::default();
        for _ in 0..bodies {
            let position = somewhere(&mut rng);
            let course = Vec2::from_angle(rng.random_range(0.0..TAU));
            let velocity = course * rng.random_range(30.0..150.0);
            world.bodies.insert(Body { position, velocity });
        }
        Self { rng, world, seats: Vec::new() }
    }

    /// Adds the ship of a seat. A crowd may have more of them than a room has seats.
    pub fn enter(&mut self, seat: usize, name: String) {
        let ship = Ship {
            player: seat as u16,
            name,
            position: somewhere(&mut self.rng),
            hp: FULL_HP,
            ..Ship::default()
        };
        if self.seats.len() <= seat {
            self.seats.resize(seat + 1, None);
        }
        self.seats[seat] = Some(self.world.ships.insert(ship));
    }

    /// Removes the ship of a seat.
    pub fn exit(&mut self, seat: usize) {
        if let Some(entity) = self.seats[seat].take() {
            self.world.ships.remove(entity);
        }
    }

    /// Advances the world by `dt` seconds, by inputs of seats: the rules without the room, for servers that are compared with it.
    pub fn advance<'a>(&mut self, inputs: impl Iterator<Item = (usize, &'a Controls)>, dt: f32) {
        for (seat, controls) in inputs {
            let Some(entity) = self.seats.get(seat).copied().flatten() else { continue };
            let Some(ship) = self.world.ships.get_mut(entity) else { continue };
            let course = Vec2::new(f32::from(controls.dx), f32::from(controls.dy)).normalize_or_zero();
            let walls = Vec2::splat(WORLD_SIZE);
            ship.position = (ship.position + course * (SPEED * dt)).clamp(Vec2::ZERO, walls);
            ship.angle = controls.angle;
            if controls.fire {
                let (from, towards) = (ship.position, Vec2::from_angle(ship.angle));
                self.fire(entity, from, towards);
            }
        }
        for body in self.world.bodies.values_mut() {
            body.position += body.velocity * dt;
            for axis in 0..2 {
                if !(0.0..=WORLD_SIZE).contains(&body.position[axis]) {
                    body.position[axis] = body.position[axis].clamp(0.0, WORLD_SIZE);
                    body.velocity[axis] = -body.velocity[axis];
                }
            }
        }
    }

    /// The nearest other ship in front and in reach is hit. A ship without hit points starts again with all.
    fn fire(&mut self, shooter: Entity, from: Vec2, towards: Vec2) {
        let others = self.world.ships.iter().filter(|(entity, _)| *entity != shooter);
        let in_front = others.filter_map(|(entity, ship)| {
            let distance = ship.position.distance(from);
            (distance <= REACH && (ship.position - from).dot(towards) > 0.0).then_some((distance, entity))
        });
        let Some((_, hit)) = in_front.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        if let Some(ship) = self.world.ships.get_mut(hit) {
            ship.hp = if ship.hp <= DAMAGE { FULL_HP } else { ship.hp - DAMAGE };
        }
        if let Some(ship) = self.world.ships.get_mut(shooter) {
            ship.score += 1;
        }
    }
}

#[game]
impl Game for Drift {
    const NAME: &'static str = "drift";
    const TICK_RATE_HZ: u32 = TICK_RATE_HZ;
    const MAX_PLAYERS: u16 = 16;
    type World = DriftWorld;
    type Input = Controls;

    fn new(setup: &Setup) -> Self {
        Self::with_bodies(setup.seed, BODIES)
    }

    fn world(&self) -> &DriftWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.enter(player.index(), tick.players()[player].name.clone());
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.exit(player.index());
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.advance(tick.inputs().map(|(player, controls)| (player.index(), controls)), tick.dt);
    }
}

fn somewhere(rng: &mut Rng) -> Vec2 {
    Vec2::new(rng.random_range(0.0..WORLD_SIZE), rng.random_range(0.0..WORLD_SIZE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shot_hits_the_nearest_in_front() {
        let mut drift = Drift::new(&Setup::new(1));
        for (seat, x) in [(0, 500.0), (1, 560.0), (2, 590.0), (3, 450.0)] {
            drift.enter(seat, "ada".into());
            let entity = drift.seats[seat].unwrap();
            drift.world.ships.get_mut(entity).unwrap().position = Vec2::new(x, 500.0);
        }
        let shot = Controls { fire: true, ..Controls::default() };
        drift.advance([(0, &shot)].into_iter(), 0.05);
        let state: Vec<_> = drift.world.ships.values().map(|ship| (ship.hp, ship.score)).collect();
        assert_eq!(state, [(100, 1), (90, 0), (100, 0), (100, 0)]);
    }

    #[test]
    fn everything_stays_within_the_walls() {
        let mut drift = Drift::new(&Setup::new(2));
        drift.enter(0, "ada".into());
        let course = Controls { dx: 1, dy: -1, ..Controls::default() };
        for _ in 0..1000 {
            drift.advance([(0, &course)].into_iter(), 0.05);
        }
        let ship = drift.world.ships.values().next().unwrap();
        assert_eq!(ship.position, Vec2::new(WORLD_SIZE, 0.0));
        let bounds = 0.0..=WORLD_SIZE;
        let inside = |body: &Body| bounds.contains(&body.position.x) && bounds.contains(&body.position.y);
        assert!(drift.world.bodies.values().all(inside));
    }
}
