//! Pilots and their ships: seats, steering, stations, markers.

use drumline::prelude::*;
use drumline_kit::motion::{drift, turn_towards};
use glam::Vec2;

use crate::game::Frontier;
use crate::world::{Controls, CreatureKind, Faction, MAP_SIZE, Marker, MarkerKind, Ship, Stack};

/// A ship's radius, in units.
pub const SHIP_RADIUS: f32 = 18.0;

const THRUST: f32 = 480.0;
/// The share of its speed that a ship loses in a second, roughly.
const DRAG: f32 = 1.5;
const TURN_RATE: f32 = 9.0;
const RESPAWN_SECONDS: f32 = 4.0;
const SHIELD_SECONDS: f32 = 3.0;
const RECHARGE: f32 = 10.0;
/// The distance within which a station serves a ship, in units.
const DOCK_RADIUS: f32 = 170.0;
const DOCK_RECHARGE: f32 = 60.0;
const DOCK_REPAIR: f32 = 30.0;
/// Seconds for which a station's protection lasts after the ship has left.
const DOCK_SHIELD_SECONDS: f32 = 0.5;
/// Seconds for which a ship is protected after its pilot, who was away, is back.
const BACK_SHIELD_SECONDS: f32 = 0.5;
const MARKER_SECONDS: f32 = 15.0;
/// The radius around a marker whose contents decide its kind, in units.
const MARK_RADIUS: f32 = 350.0;
/// Crystals that make a place worth a marker.
const RICH_PLACE: usize = 5;

/// A player, with or without a ship in flight. The list of all pilots is not sent to clients.
#[derive(Debug)]
pub(crate) struct Pilot {
    pub(crate) player: PlayerId,
    pub(crate) name: String,
    pub(crate) faction: Faction,
    /// Their ship; `None` while they wait for the next one.
    pub(crate) ship: Option<Entity>,
    /// The centre of their view while no ship flies: where the last one was destroyed, a random place before the first one.
    pub(crate) last_seen: Vec2,
    /// Seconds until the next ship is launched, while `ship` is `None`.
    respawn: f32,
    /// Points for the crystal that they have brought to stations.
    pub(crate) banked: u32,
    /// True if their last input asked for a marker.
    marking: bool,
}

impl Frontier {
    pub(crate) fn pilot(&self, player: PlayerId) -> Option<&Pilot> {
        self.pilots.get(player.index())?.as_ref().filter(|pilot| pilot.player == player)
    }

    pub(crate) fn pilot_mut(&mut self, player: PlayerId) -> Option<&mut Pilot> {
        self.pilots.get_mut(player.index())?.as_mut().filter(|pilot| pilot.player == player)
    }

    /// Seats a pilot, in the faction with the fewest pilots.
    pub(crate) fn seat(&mut self, player: PlayerId, name: &str) {
        let members =
            |faction: &Faction| self.pilots.iter().flatten().filter(|p| p.faction == *faction).count();
        let faction = Faction::ALL.into_iter().min_by_key(members).unwrap_or_default();
        let pilot = Pilot {
            player,
            name: name.to_owned(),
            faction,
            ship: None,
            last_seen: self.anywhere(),
            respawn: 0.0,
            banked: 0,
            marking: false,
        };
        let seat = player.index();
        if self.pilots.len() <= seat {
            self.pilots.resize_with(seat + 1, || None);
        }
        self.pilots[seat] = Some(pilot);
    }

    /// Removes a pilot, and all that was theirs.
    pub(crate) fn unseat(&mut self, player: PlayerId) {
        let Some(pilot) = self.pilots.get_mut(player.index()).and_then(Option::take) else { return };
        if let Some(ship) = pilot.ship {
            self.world.ships.remove(ship);
        }
        self.world.shots.retain(|_, shot| shot.player != player);
        self.world.markers.retain(|_, marker| marker.player != player);
    }

    /// Launches a new ship for each pilot whose respawn time is over.
    pub(crate) fn launch_ships(&mut self, dt: f32) {
        for seat in 0..self.pilots.len() {
            let Some(pilot) = self.pilots[seat].as_mut().filter(|pilot| pilot.ship.is_none()) else {
                continue;
            };
            pilot.respawn -= dt;
            if pilot.respawn <= 0.0 {
                self.launch(seat);
            }
        }
    }

    fn launch(&mut self, seat: usize) {
        let position = self.anywhere();
        let Some(pilot) = &mut self.pilots[seat] else { return };
        pilot.ship = Some(self.world.ships.insert(Ship {
            player: pilot.player,
            faction: pilot.faction,
            name: pilot.name.clone(),
            position,
            health: 100.0,
            energy: 100.0,
            shield: SHIELD_SECONDS,
            shielded: true,
            ..Ship::default()
        }));
    }

    /// Applies the pilots' inputs: turns, thrusts, fires, mines and marks. The ship of a pilot who is away drifts, shielded.
    pub(crate) fn steer_ships(&mut self, tick: &Tick<Self>) {
        for (player, controls) in tick.inputs() {
            let is_away = tick.players().get(player).is_some_and(PlayerInfo::is_away);
            let Some(pilot) = self.pilot_mut(player) else { continue };
            if is_away {
                if let Some(ship) = pilot.ship.and_then(|ship| self.world.ships.get_mut(ship)) {
                    ship.drift(tick.dt);
                }
                continue;
            }
            let marks = controls.mark && !pilot.marking;
            pilot.marking = controls.mark;
            let Some(ship) = pilot.ship.and_then(|ship| self.world.ships.get_mut(ship)) else { continue };
            ship.steer(controls, tick.dt);
            let place = ship.position;
            if controls.fire
                && let Some(shot) = ship.fire()
            {
                self.world.shots.insert(shot);
            }
            if marks {
                self.mark(player, place);
            }
        }
    }

    pub(crate) fn move_ships(&mut self, dt: f32) {
        for ship in self.world.ships.values_mut() {
            drift(&mut ship.position, &mut ship.velocity, SHIP_RADIUS, MAP_SIZE, 0.4, dt);
        }
    }

    /// Stations take the cargo of the ships around them, and charge, repair and protect them.
    pub(crate) fn serve_ships(&mut self, tick: &mut Tick<Self>) {
        let mut guests = std::mem::take(&mut self.busy);
        for station in self.world.stations.values() {
            guests.extend(self.near.ships.within(station.position, DOCK_RADIUS));
        }
        for (entity, _) in guests.drain(..) {
            // A ship that was destroyed on this tick is still in the grid.
            let Some(ship) = self.world.ships.get_mut(entity) else { continue };
            ship.energy = (ship.energy + DOCK_RECHARGE * tick.dt).min(100.0);
            ship.health = (ship.health + DOCK_REPAIR * tick.dt).min(100.0);
            if ship.hostile <= 0.0 {
                ship.shield = ship.shield.max(DOCK_SHIELD_SECONDS);
            }
            let (player, cargo) = (ship.player, std::mem::take(&mut ship.cargo));
            if !cargo.is_empty() {
                self.bank(player, &cargo, tick);
            }
        }
        self.busy = guests;
    }

    /// Removes a ship that has no hit points left. Half of each stack of its cargo is dropped.
    pub(crate) fn destroy_ship(&mut self, entity: Entity) {
        let Some(ship) = self.world.ships.remove(entity) else { return };
        if let Some(pilot) = self.pilot_mut(ship.player) {
            pilot.ship = None;
            pilot.last_seen = ship.position;
            pilot.respawn = RESPAWN_SECONDS;
        }
        for stack in ship.cargo {
            self.drop_crystals(ship.position, Stack { amount: stack.amount / 2, ..stack });
        }
    }

    /// Shows a place to a pilot's faction. The marker's kind follows from what is near it.
    fn mark(&mut self, player: PlayerId, position: Vec2) {
        let Some(faction) = self.pilot(player).map(|pilot| pilot.faction) else { return };
        let world = &self.world;
        let enemy = |ship| world.ships.get(ship).is_some_and(|ship| ship.faction != faction);
        let hunter =
            |creature| world.creatures.get(creature).is_some_and(|it| it.kind == CreatureKind::Hunter);
        let danger = self.near.ships.nearest(position, MARK_RADIUS, enemy).is_some()
            || self.near.creatures.nearest(position, MARK_RADIUS, hunter).is_some();
        let kind = if danger {
            MarkerKind::Danger
        } else if self.near.crystals.within(position, MARK_RADIUS).count() >= RICH_PLACE {
            MarkerKind::Riches
        } else {
            MarkerKind::Rally
        };
        self.world.markers.retain(|_, marker| marker.player != player);
        self.world.markers.insert(Marker { player, faction, kind, position, life: MARKER_SECONDS });
    }

    pub(crate) fn age_markers(&mut self, dt: f32) {
        self.world.markers.retain(|_, marker| {
            marker.life -= dt;
            marker.life > 0.0
        });
    }
}

impl Ship {
    /// Does nothing, and nothing can hit it.
    fn drift(&mut self, dt: f32) {
        self.shield = self.shield.max(BACK_SHIELD_SECONDS + dt);
        self.steer(&Controls { aim: self.heading, ..Controls::default() }, dt);
    }

    fn steer(&mut self, controls: &Controls, dt: f32) {
        self.heading = turn_towards(self.heading, controls.aim, TURN_RATE * dt);
        let thrust = controls.thrust.clamp_length_max(1.0);
        self.thrusting = thrust.length_squared() > 0.01;
        self.velocity += thrust * THRUST * dt;
        self.velocity *= 1.0 - DRAG * dt;
        self.mining = controls.mine;
        self.energy = (self.energy + RECHARGE * dt).min(100.0);
        self.reload -= dt;
        self.hostile -= dt;
        self.shield = (self.shield - dt).max(0.0);
        self.shielded = self.shield > 0.0;
    }
}
