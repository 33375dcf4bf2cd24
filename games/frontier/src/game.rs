//! The rules: what a tick does, in the order in which it does it.

use drumline::prelude::*;
use glam::Vec2;

use crate::grid::Grid;
use crate::pilots::Pilot;
use crate::world::{
    Controls, CreatureKind, Event, Faction, FrontierWorld, MAP_SIZE, Shot, Station, VIEW_RADIUS,
};

/// Crystals on the map, without those that ships and creatures have dropped.
pub const CRYSTALS: usize = 3500;
const GRAZERS: usize = 1180;
const HUNTERS: usize = 320;
/// The side of an interest cell, in units.
const CELL_SIZE: f32 = 400.0;
/// Fields of crystals on the map.
const FIELDS: usize = 150;
/// One station in the middle, the others around it.
const STATIONS: [&str; 7] = ["Hearth", "Anvil", "Lantern", "Cairn", "Mooring", "Beacon", "Quarry"];
const STATION_CIRCLE: f32 = 4200.0;

/// The frontier.
pub struct Frontier {
    pub(crate) rng: Rng,
    pub(crate) world: FrontierWorld,
    /// Indexed by seat.
    pub(crate) pilots: Vec<Option<Pilot>>,
    /// Points that each faction has banked, up to this tick.
    pub(crate) totals: [u32; Faction::ALL.len()],
    /// The middles of the fields in which most crystals grow.
    pub(crate) fields: Vec<Vec2>,
    pub(crate) near: Near,
    /// Scratch lists of the entities that a rule visits while it changes their tables. They are kept so that a tick does not
    /// allocate.
    pub(crate) flying: Vec<(Entity, Shot)>,
    pub(crate) busy: Vec<(Entity, Vec2)>,
}

/// The positions of entities after this tick's moves, for neighbour searches.
pub(crate) struct Near {
    pub(crate) ships: Grid,
    pub(crate) crystals: Grid,
    pub(crate) creatures: Grid,
}

#[game]
impl Game for Frontier {
    const NAME: &'static str = "frontier";
    const TICK_RATE_HZ: u32 = 20;
    const MAX_PLAYERS: u16 = 1000;
    const SLEEP: Sleep = Sleep::Unplayed;
    const INTEREST: Interest = Interest::Grid { cell: CELL_SIZE, view: VIEW_RADIUS };
    type World = FrontierWorld;
    type Input = Controls;
    type Event = Event;

    fn new(setup: &Setup) -> Self {
        let mut frontier = Self {
            rng: Rng::seed_from_u64(setup.seed),
            world: FrontierWorld::default(),
            pilots: Vec::new(),
            totals: [0; Faction::ALL.len()],
            fields: Vec::new(),
            near: Near { ships: Grid::new(), crystals: Grid::new(), creatures: Grid::new() },
            flying: Vec::new(),
            busy: Vec::new(),
        };
        frontier.place_stations();
        frontier.fields = (0..FIELDS).map(|_| frontier.anywhere()).collect();
        (0..CRYSTALS).for_each(|_| frontier.grow_crystal());
        (0..GRAZERS).for_each(|_| frontier.add_creature(CreatureKind::Grazer));
        (0..HUNTERS).for_each(|_| frontier.add_creature(CreatureKind::Hunter));
        frontier
    }

    fn world(&self) -> &FrontierWorld {
        &self.world
    }

    fn join(&mut self, player: PlayerId, tick: &mut Tick<Self>) -> Result<(), JoinRefused> {
        self.seat(player, &tick.players()[player].name);
        Ok(())
    }

    fn leave(&mut self, player: PlayerId, _: &mut Tick<Self>) {
        self.unseat(player);
    }

    fn tick(&mut self, tick: &mut Tick<Self>) {
        self.launch_ships(tick.dt);
        self.steer_ships(tick);
        self.direct_creatures(tick.number);
        self.move_everything(tick.dt);
        self.find_neighbours();
        self.mine_crystals(tick.dt);
        self.hit_with_shots(tick.dt);
        self.bite_ships();
        self.serve_ships(tick);
        self.age_markers(tick.dt);
        self.keep_crystals_growing();
        self.update_standings(tick.number);
    }

    fn sight(&self, player: PlayerId, sight: &mut Sight) {
        let Some(pilot) = self.pilot(player) else { return };
        let ship = pilot.ship.and_then(|ship| self.world.ships.get(ship));
        sight.point = Some(ship.map_or(pilot.last_seen, |ship| ship.position));
        sight.team = Some(pilot.faction as u32);
    }
}

impl Frontier {
    /// A random place on the map, away from its edges.
    pub(crate) fn anywhere(&mut self) -> Vec2 {
        let margin = 150.0;
        let mut along = || self.rng.random_range(margin..MAP_SIZE - margin);
        Vec2::new(along(), along())
    }

    fn place_stations(&mut self) {
        let middle = Vec2::splat(MAP_SIZE / 2.0);
        for (index, name) in STATIONS.iter().enumerate() {
            let angle = index as f32 * std::f32::consts::TAU / (STATIONS.len() - 1) as f32;
            let away = if index == 0 { Vec2::ZERO } else { Vec2::from_angle(angle) * STATION_CIRCLE };
            let position = (middle + away).round();
            self.world.stations.insert(Station { position, name: (*name).to_owned() });
        }
    }

    fn move_everything(&mut self, dt: f32) {
        self.move_ships(dt);
        self.move_creatures(dt);
        self.move_shots(dt);
    }

    fn find_neighbours(&mut self) {
        let Self { near, world, .. } = self;
        near.ships.fill(world.ships.iter().map(|(entity, ship)| (entity, ship.position)));
        near.crystals.fill(world.crystals.iter().map(|(entity, crystal)| (entity, crystal.position)));
        near.creatures.fill(world.creatures.iter().map(|(entity, creature)| (entity, creature.position)));
    }
}
