//! Creatures: how they decide, move, bite and die.

use std::f32::consts::TAU;
use std::ops::Range;

use drumline::prelude::*;
use drumline_kit::motion::drift;
use glam::Vec2;

use crate::game::{Frontier, Near};
use crate::pilots::SHIP_RADIUS;
use crate::world::{Creature, CreatureKind, FrontierWorld, MAP_SIZE, Mineral, Stack};

/// A creature's radius, in units.
pub const CREATURE_RADIUS: f32 = 17.0;

/// A creature decides on one tick in so many, and moves straight in between: clients predict straight motion almost for free.
const THOUGHT_TICKS: u32 = 5;
const THOUGHT_SECONDS: f32 = 0.25;
/// The distances at which a hunter notices a ship, and at which it loses one, in units.
const NOTICE_RADIUS: f32 = 280.0;
const LOSE_RADIUS: f32 = 430.0;
const CHASE_SPEED: f32 = 215.0;
const CHASE_SECONDS: f32 = 7.0;
const REST_SECONDS: Range<f32> = 2.0..6.0;
const FLEE_SPEED: f32 = 130.0;
const FLEE_SECONDS: f32 = 3.0;
const BITE_DAMAGE: u8 = 12;
const BITE_SECONDS: f32 = 0.8;
/// The distance between the centres within which a hunter bites a ship: their edges almost touch.
const BITE_REACH: f32 = CREATURE_RADIUS + SHIP_RADIUS + 4.0;

impl CreatureKind {
    fn health(self) -> u8 {
        match self {
            Self::Grazer => 30,
            Self::Hunter => 60,
        }
    }

    /// The crystal that it leaves when it dies.
    fn loot(self) -> Stack {
        match self {
            Self::Grazer => Stack { mineral: Mineral::Beryl, amount: 2 },
            Self::Hunter => Stack { mineral: Mineral::Amethyst, amount: 6 },
        }
    }

    /// Its speed while it wanders, in units a second.
    fn pace(self, rng: &mut Rng) -> f32 {
        match self {
            Self::Grazer => rng.random_range(12.0..34.0),
            Self::Hunter => rng.random_range(35.0..75.0),
        }
    }
}

impl Creature {
    /// Starts to move in a random direction, or to rest, for a while.
    fn wander(&mut self, rng: &mut Rng) {
        self.alarmed = false;
        if rng.random_bool(0.3) {
            self.velocity = Vec2::ZERO;
            self.mood = rng.random_range(REST_SECONDS);
        } else {
            self.velocity = Vec2::from_angle(rng.random_range(0.0..TAU)) * self.kind.pace(rng);
            self.mood = rng.random_range(5.0..14.0);
        }
    }

    fn decide(&mut self, rng: &mut Rng, near: &Near, world: &FrontierWorld) {
        self.mood -= THOUGHT_SECONDS;
        self.bite -= THOUGHT_SECONDS;
        match self.kind {
            CreatureKind::Hunter => self.hunt(rng, near, world),
            CreatureKind::Grazer if self.mood <= 0.0 => self.wander(rng),
            CreatureKind::Grazer => {}
        }
    }

    /// Chases ships for some seconds at a time, and then rests. A hunter that rests notices no ship.
    fn hunt(&mut self, rng: &mut Rng, near: &Near, world: &FrontierWorld) {
        let (awake, tired) = (self.velocity != Vec2::ZERO, self.mood <= 0.0);
        let radius = if self.alarmed { LOSE_RADIUS } else { NOTICE_RADIUS };
        let tasty = |ship| world.ships.get(ship).is_some_and(|ship| !ship.shielded);
        let prey = near.ships.nearest(self.position, radius, tasty).filter(|_| awake);
        match prey {
            Some((_, prey)) if !(self.alarmed && tired) => {
                self.mood = if self.alarmed { self.mood } else { CHASE_SECONDS };
                self.alarmed = true;
                self.velocity = (prey - self.position).normalize_or(Vec2::X) * CHASE_SPEED;
            }
            _ if self.alarmed => {
                self.alarmed = false;
                self.velocity = Vec2::ZERO;
                self.mood = rng.random_range(REST_SECONDS);
            }
            _ if tired => self.wander(rng),
            _ => {}
        }
    }
}

impl Frontier {
    pub(crate) fn add_creature(&mut self, kind: CreatureKind) {
        let position = self.anywhere();
        let mut creature = Creature { kind, position, health: kind.health(), ..Creature::default() };
        creature.wander(&mut self.rng);
        self.world.creatures.insert(creature);
    }

    /// Lets a share of the creatures decide, another one on each tick.
    pub(crate) fn direct_creatures(&mut self, tick: u32) {
        let Self { rng, near, world, .. } = self;
        // The table is taken out so that a creature can read the rest of the world.
        let mut creatures = std::mem::take(&mut world.creatures);
        for (entity, creature) in creatures.iter_mut() {
            if (tick + entity.id().slot).is_multiple_of(THOUGHT_TICKS) {
                creature.decide(rng, near, world);
            }
        }
        world.creatures = creatures;
    }

    pub(crate) fn move_creatures(&mut self, dt: f32) {
        for creature in self.world.creatures.values_mut() {
            drift(&mut creature.position, &mut creature.velocity, CREATURE_RADIUS, MAP_SIZE, 1.0, dt);
        }
    }

    /// Lets hunters bite the ships within their reach.
    pub(crate) fn bite_ships(&mut self) {
        let mut bitten = std::mem::take(&mut self.busy);
        for creature in self.world.creatures.values_mut() {
            let hunts = creature.kind == CreatureKind::Hunter && creature.alarmed;
            if hunts && creature.bite <= 0.0 {
                let caught = self.near.ships.nearest(creature.position, BITE_REACH, |_| true);
                bitten.extend(caught.inspect(|_| creature.bite = BITE_SECONDS));
            }
        }
        for (ship, _) in bitten.drain(..) {
            self.hurt_ship(ship, BITE_DAMAGE);
        }
        self.busy = bitten;
    }

    /// Damages a creature. A grazer flees, a hunter turns on the shooter. A dead creature leaves its loot, and another appears
    /// elsewhere.
    pub(crate) fn hurt_creature(&mut self, entity: Entity, damage: u8, push: Vec2) {
        let Some(creature) = self.world.creatures.get_mut(entity) else { return };
        creature.health = creature.health.saturating_sub(damage);
        if creature.health > 0 {
            creature.alarmed = true;
            (creature.velocity, creature.mood) = match creature.kind {
                CreatureKind::Grazer => (push.normalize_or(Vec2::X) * FLEE_SPEED, FLEE_SECONDS),
                // Towards the shooter.
                CreatureKind::Hunter => (push.normalize_or(Vec2::X) * -CHASE_SPEED, CHASE_SECONDS),
            };
            return;
        }
        let (kind, position) = (creature.kind, creature.position);
        self.world.creatures.remove(entity);
        self.drop_crystals(position, kind.loot());
        self.add_creature(kind);
    }
}
