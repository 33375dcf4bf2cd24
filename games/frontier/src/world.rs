//! The frontier's state, as it is sent to clients, and the input.

use drumline::prelude::*;
use glam::Vec2;
use serde::{Deserialize, Serialize};

/// Width and height of the map, in units.
pub const MAP_SIZE: f32 = 12_000.0;
/// How far a pilot sees, in units. Beyond it a page draws fog.
pub const VIEW_RADIUS: f32 = 500.0;
/// What a ship can carry.
pub const HOLD: u16 = 40;
/// What a crystal holds, at the most.
pub const RICHEST: u8 = 10;

/// Whose side a pilot is on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Replicate, Serialize, Deserialize, Message)]
pub enum Faction {
    /// The orange ones.
    #[default]
    Ember,
    /// The blue ones.
    Tide,
    /// The violet ones.
    Bloom,
}

impl Faction {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Ember, Self::Tide, Self::Bloom];
}

/// Something that all players are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// A faction has banked as much as this in all.
    Milestone {
        /// Which.
        faction: Faction,
        /// How much.
        banked: u32,
    },
}

/// A ship in flight. A destroyed ship is not in the table until it respawns.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Ship {
    /// Whose it is.
    #[sync(range = 0..=1023)]
    pub player: u16,
    /// Whose side it is on.
    pub faction: Faction,
    /// Its pilot's name: there is no table of all pilots.
    #[sync(max_bytes = 24)]
    pub name: String,
    /// Its centre, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// Where its nose points, in radians.
    #[sync(angle, bits = 10)]
    pub heading: f32,
    /// Whether its engine burns.
    pub thrusting: bool,
    /// Whether its beam takes the nearest crystal in reach apart.
    pub mining: bool,
    /// Whether it cannot be hurt, as for a while after a respawn, and at a station.
    pub shielded: bool,
    /// Hit points left. Its faction's business.
    #[sync(range = 0.0..=100.0, step = 1.0, audience = team)]
    pub health: f32,
    /// Crystal on board. Its pilot's business.
    #[sync(range = 0..=40, audience = owner)]
    pub cargo: u16,
    /// What shots and the beam live on. Its pilot's business.
    #[sync(range = 0.0..=100.0, step = 2.0, audience = owner)]
    pub energy: f32,
    /// Units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it can fire again.
    #[sync(skip)]
    pub reload: f32,
    /// Seconds for which it cannot be hurt.
    #[sync(skip)]
    pub shield: f32,
    /// Seconds for which no station protects it, because it has fired.
    #[sync(skip)]
    pub hostile: f32,
    /// Seconds until the beam yields the next piece.
    #[sync(skip)]
    pub dig: f32,
}

/// A crystal. It does not move.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Crystal {
    /// Where it is, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// Pieces left in it.
    #[sync(range = 1..=10)]
    pub amount: u8,
}

/// What a creature is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum CreatureKind {
    /// Wanders slowly and flees when it is shot at.
    #[default]
    Grazer,
    /// Prowls, and chases ships that come near.
    Hunter,
}

/// A creature.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Creature {
    /// What it is.
    pub kind: CreatureKind,
    /// Its centre, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// Whether it chases a ship, or flees from one.
    pub alarmed: bool,
    /// Hit points left.
    #[sync(skip)]
    pub health: u8,
    /// Units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it wants something else.
    #[sync(skip)]
    pub mood: f32,
    /// Seconds until it can bite again.
    #[sync(skip)]
    pub bite: f32,
}

/// A shot in flight.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Shot {
    /// Who fired it.
    #[sync(range = 0..=1023)]
    pub player: u16,
    /// Whose side it is on.
    pub faction: Faction,
    /// Where it is, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// Units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds it has left.
    #[sync(skip)]
    pub life: f32,
}

/// A place where cargo is banked and ships are mended. Everybody knows all of them.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Station {
    /// Where it is, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// What it is called.
    #[sync(max_bytes = 16)]
    pub name: String,
}

/// What a marker says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum MarkerKind {
    /// Come here.
    #[default]
    Rally,
    /// Here is much to mine.
    Riches,
    /// Here is a hunter or an enemy.
    Danger,
}

/// A place that a pilot shows to their faction, wherever its ships are.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Marker {
    /// Who shows it.
    #[sync(range = 0..=1023)]
    pub player: u16,
    /// To whom.
    pub faction: Faction,
    /// What it says.
    pub kind: MarkerKind,
    /// The place, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// Seconds it has left.
    #[sync(skip)]
    pub life: f32,
}

/// How the factions stand. It changes once a second at most.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Standings {
    /// What [`Faction::Ember`] has banked.
    #[sync(range = 0..=16_777_215)]
    pub ember: u32,
    /// What [`Faction::Tide`] has banked.
    #[sync(range = 0..=16_777_215)]
    pub tide: u32,
    /// What [`Faction::Bloom`] has banked.
    #[sync(range = 0..=16_777_215)]
    pub bloom: u32,
    /// Pilots in the room.
    #[sync(range = 0..=1024)]
    pub pilots: u16,
}

/// One of the few pilots who have banked most. It changes once a second at most.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Leader {
    /// From 1.
    #[sync(range = 1..=5)]
    pub rank: u8,
    /// Their seat.
    #[sync(range = 0..=1023)]
    pub player: u16,
    /// Whose side they are on.
    pub faction: Faction,
    /// Their name.
    #[sync(max_bytes = 24)]
    pub name: String,
    /// What they have banked.
    #[sync(range = 0..=16_777_215)]
    pub banked: u32,
}

/// Everything that clients may see.
#[derive(Debug, Clone, Default, World)]
pub struct FrontierWorld {
    /// Ships in flight.
    #[sync(at = position, owner = player, team = faction)]
    pub ships: Table<Ship>,
    /// Crystals.
    #[sync(at = position)]
    pub crystals: Table<Crystal>,
    /// Creatures.
    #[sync(at = position)]
    pub creatures: Table<Creature>,
    /// Shots in flight.
    #[sync(at = position)]
    pub shots: Table<Shot>,
    /// Stations.
    pub stations: Table<Station>,
    /// Markers, for a faction's eyes only.
    #[sync(audience = team, team = faction)]
    pub markers: Table<Marker>,
    /// The factions' standings.
    pub standings: Single<Standings>,
    /// The leading pilots.
    pub leaders: Table<Leader>,
}

/// The place of each table in the schema, for clients written in Rust.
pub mod tables {
    /// [`super::FrontierWorld::ships`].
    pub const SHIPS: usize = 0;
    /// [`super::FrontierWorld::crystals`].
    pub const CRYSTALS: usize = 1;
    /// [`super::FrontierWorld::creatures`].
    pub const CREATURES: usize = 2;
    /// [`super::FrontierWorld::shots`].
    pub const SHOTS: usize = 3;
    /// [`super::FrontierWorld::stations`].
    pub const STATIONS: usize = 4;
    /// [`super::FrontierWorld::markers`].
    pub const MARKERS: usize = 5;
    /// [`super::FrontierWorld::standings`].
    pub const STANDINGS: usize = 6;
    /// [`super::FrontierWorld::leaders`].
    pub const LEADERS: usize = 7;
}

/// What a pilot does on one tick.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Controls {
    /// Where to thrust; a length above one counts as one.
    #[sync(range = -1.0..=1.0, step = 0.0625)]
    pub thrust: Vec2,
    /// Where to point the nose, in radians.
    #[sync(angle, bits = 10)]
    pub aim: f32,
    /// Whether to fire.
    pub fire: bool,
    /// Whether to mine.
    pub mine: bool,
    /// Whether to mark this place. It counts when it begins.
    pub mark: bool,
}
