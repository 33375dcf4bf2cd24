//! Minds of a swarm's bots.

use drumline::prelude::*;

use crate::game::Frontier;
use crate::world::{Controls, Creature, CreatureKind, Crystal, HOLD, MAP_SIZE, Ship, Station, tables};

/// Snapshots between two surveys of the surroundings: they change slowly, and may hold much.
const SURVEY_PERIOD: u32 = 5;
/// Distance at which it shoots at ships and hunters, in units.
const GUN_REACH: f32 = 380.0;
/// Longest detour for a crystal, in units.
const DETOUR: f32 = 260.0;
/// The distance at which a place counts as reached, in units.
const ARRIVED: f32 = 90.0;
/// Surveys during which it mines before it flies on.
const PATIENCE: u32 = 30;

/// Wanders all over the map, mines what lies on its way, shoots at dangers, and brings its cargo home.
pub struct Wander {
    rng: Rng,
    waypoint: Vec2,
    /// Its ship, as of the last survey.
    ship: Option<EntityId>,
    foe: Option<Vec2>,
    crystal: Option<Vec2>,
    /// Error of its aim, in radians.
    aim_error: f32,
    snapshots_until_survey: u32,
    patience: u32,
}

impl Wander {
    /// A bot with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut pilot = Self {
            rng: Rng::seed_from_u64(seed),
            waypoint: Vec2::ZERO,
            ship: None,
            foe: None,
            crystal: None,
            aim_error: 0.0,
            snapshots_until_survey: 0,
            patience: 0,
        };
        pilot.set_out();
        pilot
    }

    /// Chooses a new place to fly to.
    fn set_out(&mut self) {
        let mut along = || self.rng.random_range(0.0..MAP_SIZE);
        self.waypoint = Vec2::new(along(), along());
        self.patience = PATIENCE;
    }

    /// Surveys the surroundings.
    fn survey(&mut self, view: &View<'_>) {
        self.snapshots_until_survey = SURVEY_PERIOD;
        self.aim_error = self.rng.random_range(-0.1..0.1);
        let own = view.rows::<Ship>(tables::SHIPS).find(|(_, ship)| ship.player == view.player());
        self.ship = own.as_ref().map(|(entity, _)| *entity);
        let Some((_, own)) = own else { return };
        let enemies = view.rows::<Ship>(tables::SHIPS).filter(|(_, ship)| ship.faction != own.faction);
        let enemies = enemies.filter(|(_, ship)| !ship.shielded).map(|(_, ship)| ship.position);
        let hunters = view.rows::<Creature>(tables::CREATURES);
        let hunters = hunters.filter(|(_, it)| it.kind == CreatureKind::Hunter).map(|(_, it)| it.position);
        self.foe = nearest(own.position, enemies.chain(hunters), GUN_REACH);
        let crystals = view.rows::<Crystal>(tables::CRYSTALS).map(|(_, crystal)| crystal.position);
        let room = own.laden() < HOLD;
        self.crystal = room.then(|| nearest(own.position, crystals, DETOUR)).flatten();
        self.patience = self.patience.saturating_sub(u32::from(self.crystal.is_some()));
        if !room {
            let stations = view.rows::<Station>(tables::STATIONS).map(|(_, station)| station.position);
            self.waypoint = nearest(own.position, stations, f32::INFINITY).unwrap_or(self.waypoint);
        } else if own.position.distance(self.waypoint) < ARRIVED {
            self.set_out();
        }
    }

    fn controls(&self, own: &Ship) -> Controls {
        let detour = self.crystal.filter(|_| self.patience > 0);
        let course = detour.unwrap_or(self.waypoint) - own.position;
        let aim = self.foe.unwrap_or(self.waypoint) - own.position;
        Controls {
            thrust: (course / ARRIVED).clamp_length_max(1.0),
            aim: aim.to_angle() + self.aim_error,
            fire: self.foe.is_some(),
            mine: self.crystal.is_some(),
            mark: false,
        }
    }
}

impl Mind<Frontier> for Wander {
    fn act(&mut self, view: &View<'_>) -> Controls {
        if self.snapshots_until_survey == 0 {
            self.survey(view);
        }
        self.snapshots_until_survey -= 1;
        let own = self.ship.and_then(|ship| view.get(tables::SHIPS, ship));
        own.map(|own| self.controls(&own)).unwrap_or_default()
    }
}

/// Wanders like [`Wander`] without mining, and pursues anything hostile while it is in view.
pub struct Chase {
    wanderer: Wander,
}

impl Chase {
    /// A bot with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { wanderer: Wander::new(seed) }
    }
}

impl Mind<Frontier> for Chase {
    fn act(&mut self, view: &View<'_>) -> Controls {
        let controls = self.wanderer.act(view);
        let own = self.wanderer.ship.and_then(|ship| view.get::<Ship>(tables::SHIPS, ship));
        let (Some(own), Some(foe)) = (own, self.wanderer.foe) else {
            return Controls { mine: false, ..controls };
        };
        let course = foe - own.position;
        Controls { thrust: (course / ARRIVED).clamp_length_max(1.0), mine: false, ..controls }
    }
}

/// The nearest place within reach.
fn nearest(from: Vec2, places: impl Iterator<Item = Vec2>, reach: f32) -> Option<Vec2> {
    let distance = |place: &Vec2| place.distance(from);
    places.filter(|place| distance(place) <= reach).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

#[cfg(test)]
mod tests {
    use drumline::testing::TestRoom;

    use super::*;

    #[test]
    fn a_wanderer_flies_far_and_mines_on_its_way() {
        let mut room = TestRoom::<Frontier>::new();
        let mut pilots = [1, 2].map(|seed| (room.join("pilot"), Wander::new(seed)));
        let mut starts = Vec::new();
        let (mut mined, mut farthest) = (0, 0.0_f32);
        for _ in 0..20 * 40 {
            room.tick();
            for (player, pilot) in &mut pilots {
                let controls = pilot.act(&room.view(*player));
                room.input(*player, &controls);
            }
            let ships = &room.game().world().ships;
            if starts.is_empty() {
                starts.extend(ships.values().map(|ship| ship.position));
            }
            for (ship, start) in ships.values().zip(&starts) {
                mined = mined.max(ship.laden());
                farthest = farthest.max(ship.position.distance(*start));
            }
        }
        assert!(mined >= 5, "{mined} mined");
        assert!(farthest > 1500.0, "{farthest} units flown");
    }
}
