//! Creatures: what they want, and what they do about it.

use std::f32::consts::TAU;
use std::ops::Range;

use drumline::prelude::*;
use drumline_kit::motion::drift;
use glam::Vec2;

use crate::game::{Frontier, Near};
use crate::pilots::SHIP_RADIUS;
use crate::world::{Creature, CreatureKind, FrontierWorld, MAP_SIZE};

/// A creature's radius, in units.
pub const CREATURE_RADIUS: f32 = 17.0;

/// A creature decides on one tick in so many, and goes straight on between: that costs clients next to nothing.
const THOUGHT_TICKS: u32 = 5;
const THOUGHT_SECONDS: f32 = 0.25;
/// How near a hunter notices a ship, and how far off it loses it, in units.
const NOTICE_RADIUS: f32 = 280.0;
const LOSE_RADIUS: f32 = 430.0;
const CHASE_SPEED: f32 = 215.0;
const CHASE_SECONDS: f32 = 7.0;
const REST_SECONDS: Range<f32> = 2.0..6.0;
const FLEE_SPEED: f32 = 130.0;
const FLEE_SECONDS: f32 = 3.0;
const BITE_DAMAGE: u8 = 12;
const BITE_SECONDS: f32 = 0.8;
/// A hunter's bite gets to ships whose edge it all but touches.
const BITE_REACH: f32 = CREATURE_RADIUS + SHIP_RADIUS + 4.0;

impl CreatureKind {
    fn health(self) -> u8 {
        match self {
            Self::Grazer => 30,
            Self::Hunter => 60,
        }
    }

    /// Crystals in its belly.
    fn loot(self) -> u32 {
        match self {
            Self::Grazer => 2,
            Self::Hunter => 6,
        }
    }

    /// How fast it goes about, in units a second.
    fn pace(self, rng: &mut Rng) -> f32 {
        match self {
            Self::Grazer => rng.random_range(12.0..34.0),
            Self::Hunter => rng.random_range(35.0..75.0),
        }
    }
}

impl Creature {
    /// Goes somewhere else for a while, or rests.
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

    /// Chases until it is out of breath, and then rests. One that rests notices nobody.
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

    /// Lets each creature decide when it is its turn.
    pub(crate) fn direct_creatures(&mut self, tick: u32) {
        let Self { rng, near, world, .. } = self;
        // The table is set aside so that a creature can look at the rest of the world.
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

    /// Hunters bite what they have caught.
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

    /// Takes hit points from a creature. A grazer flees, a hunter turns on whoever shot; a dead one leaves its loot, and
    /// another comes elsewhere.
    pub(crate) fn hurt_creature(&mut self, entity: Entity, damage: u8, push: Vec2) {
        let Some(creature) = self.world.creatures.get_mut(entity) else { return };
        creature.health = creature.health.saturating_sub(damage);
        if creature.health > 0 {
            creature.alarmed = true;
            (creature.velocity, creature.mood) = match creature.kind {
                CreatureKind::Grazer => (push.normalize_or(Vec2::X) * FLEE_SPEED, FLEE_SECONDS),
                // Back to where that came from.
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
