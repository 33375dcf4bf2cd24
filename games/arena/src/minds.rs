//! Minds of bots: those that the arena seats itself, and those of a swarm.

use drumline::prelude::*;

use crate::world::{Controls, Rock, SHOT_SPEED, Ship, WORLD_SIZE, tables};

/// The distance at which a waypoint counts as reached, in units.
const ARRIVED: f32 = 60.0;

/// Chases the nearest ship or rock, and fires when it is in range.
pub struct Chase {
    rng: Rng,
    /// True if it hunts ships rather than rocks.
    hunts_ships: bool,
    waypoint: Vec2,
    /// Error of its aim, in radians.
    aim_error: f32,
    snapshots_until_rethink: u32,
}

impl Chase {
    /// A bot with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let hunts_ships = rng.random_bool(0.7);
        Self { rng, hunts_ships, waypoint: Vec2::ZERO, aim_error: 0.0, snapshots_until_rethink: 0 }
    }

    fn rethink(&mut self) {
        self.snapshots_until_rethink = self.rng.random_range(15..60);
        self.hunts_ships ^= self.rng.random_bool(0.1);
        self.aim_error = self.rng.random_range(-0.12..0.12);
        self.waypoint = somewhere(&mut self.rng);
    }
}

impl<G: Game<Input = Controls>> Mind<G> for Chase {
    fn act(&mut self, view: &View<'_>) -> Controls {
        if self.snapshots_until_rethink == 0 {
            self.rethink();
        }
        self.snapshots_until_rethink -= 1;
        let Some(own) = own_position(view) else { return Controls::default() };
        let ships = view.rows::<Ship>(tables::SHIPS).filter(|(_, ship)| ship.player != view.player());
        let ship = self.hunts_ships.then(|| nearest(own, ships.map(|(_, ship)| ship.position))).flatten();
        let rocks = || view.rows::<Rock>(tables::ROCKS).map(|(_, rock)| rock.position);
        let prey = ship.or_else(|| nearest(own, rocks()));
        let target = prey.unwrap_or(self.waypoint);
        let towards = target - own;
        let in_reach = towards.length() < SHOT_SPEED * 0.8;
        let course = if towards.length() < 220.0 { self.waypoint - own } else { towards };
        Controls {
            thrust: course.normalize_or_zero(),
            aim: towards.to_angle() + self.aim_error,
            fire: prey.is_some() && in_reach,
        }
    }
}

/// Flies from one place to another without firing.
pub struct Wander {
    rng: Rng,
    waypoint: Vec2,
}

impl Wander {
    /// A bot with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let waypoint = somewhere(&mut rng);
        Self { rng, waypoint }
    }
}

impl<G: Game<Input = Controls>> Mind<G> for Wander {
    fn act(&mut self, view: &View<'_>) -> Controls {
        let Some(own) = own_position(view) else { return Controls::default() };
        if own.distance(self.waypoint) < ARRIVED {
            self.waypoint = somewhere(&mut self.rng);
        }
        let course = self.waypoint - own;
        Controls { thrust: (course / 200.0).clamp_length_max(1.0), aim: course.to_angle(), fire: false }
    }
}

fn somewhere(rng: &mut Rng) -> Vec2 {
    let margin = WORLD_SIZE * 0.1;
    let mut along = || rng.random_range(margin..WORLD_SIZE - margin);
    Vec2::new(along(), along())
}

fn own_position(view: &View<'_>) -> Option<Vec2> {
    let mut ships = view.rows::<Ship>(tables::SHIPS);
    ships.find(|(_, ship)| ship.player == view.player()).map(|(_, ship)| ship.position)
}

fn nearest(from: Vec2, places: impl Iterator<Item = Vec2>) -> Option<Vec2> {
    let distance = |place: &Vec2| place.distance_squared(from);
    places.min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

#[cfg(test)]
mod tests {
    use drumline::testing::TestRoom;

    use super::*;
    use crate::Arena;
    use crate::world::Shot;

    /// The positions of a bot's ship over some seconds, and the shots in flight, added up over all ticks.
    fn fly(mind: &mut dyn Mind<Arena>, seconds: u32) -> (Vec<Vec2>, usize) {
        let mut room = TestRoom::<Arena>::new();
        let (bot, _other) = (room.join("bot"), room.join("other"));
        let (mut places, mut shots) = (Vec::new(), 0);
        for _ in 0..30 * seconds {
            room.tick();
            let view = room.view(bot);
            let controls = mind.act(&view);
            places.extend(own_position(&view));
            shots += view.rows::<Shot>(tables::SHOTS).filter(|(_, shot)| shot.player == bot).count();
            room.input(bot, &controls);
        }
        (places, shots)
    }

    #[test]
    fn a_wanderer_flies_far_and_does_not_fire() {
        let (places, shots) = fly(&mut Wander::new(1), 30);
        let farthest = places.iter().map(|place| place.distance(places[0])).fold(0.0, f32::max);
        assert!(farthest > 500.0 && shots == 0, "{farthest} units, {shots} shots");
    }

    #[test]
    fn a_chaser_fires() {
        let (_, shots) = fly(&mut Chase::new(1), 20);
        assert!(shots > 0);
    }
}
