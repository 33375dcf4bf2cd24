//! The frontier's state, as it is sent to clients, and the input.

use drumline::prelude::*;
use glam::Vec2;
use serde::{Deserialize, Serialize};

/// Width and height of the map, in units.
pub const MAP_SIZE: f32 = 12_000.0;
/// A pilot's view radius, in units. Beyond it the page draws fog.
pub const VIEW_RADIUS: f32 = 500.0;
/// The cargo that a ship can carry, in pieces of crystal.
pub const HOLD: u8 = 40;
/// The most pieces that a crystal can hold.
pub const RICHEST: u8 = 10;

/// One of the three teams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Replicate, Serialize, Deserialize, Message)]
pub enum Faction {
    /// Orange.
    #[default]
    Ember,
    /// Blue.
    Tide,
    /// Violet.
    Bloom,
}

impl Faction {
    /// All factions, in order.
    pub const ALL: [Self; 3] = [Self::Ember, Self::Tide, Self::Bloom];
}

/// The substance of a crystal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum Mineral {
    /// Green and common.
    #[default]
    Beryl,
    /// Yellow.
    Citrine,
    /// Violet and precious.
    Amethyst,
}

impl Mineral {
    /// All minerals, from the cheapest.
    pub const ALL: [Self; 3] = [Self::Beryl, Self::Citrine, Self::Amethyst];

    /// The points that a piece brings at a station.
    #[must_use]
    pub fn worth(self) -> u32 {
        match self {
            Self::Beryl => 1,
            Self::Citrine => 2,
            Self::Amethyst => 3,
        }
    }
}

/// The pieces of a mineral that a ship carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Replicate)]
pub struct Stack {
    /// The mineral.
    pub mineral: Mineral,
    /// Its pieces.
    #[sync(range = 1..=40)]
    pub amount: u8,
}

/// Something that happened. It is broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A faction's total has passed another thousand.
    Milestone {
        /// The faction.
        faction: Faction,
        /// The thousand, in points.
        banked: u32,
    },
}

/// A ship in flight. A destroyed ship is not in the table until it respawns.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Ship {
    /// Its pilot.
    pub player: PlayerId,
    /// Its faction.
    pub faction: Faction,
    /// Its pilot's name. It is here since there is no table of all pilots.
    #[sync(max_bytes = 24)]
    pub name: String,
    /// Its centre, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// The direction of its nose, in radians.
    #[sync(angle, bits = 10)]
    pub heading: f32,
    /// True while its engine burns.
    pub thrusting: bool,
    /// True while it mines the nearest crystal in reach.
    pub mining: bool,
    /// True while it cannot be damaged: for a few seconds after a launch, and at a station.
    pub shielded: bool,
    /// Hit points left. Only its faction sees them.
    #[sync(range = 0.0..=100.0, step = 1.0, audience = team)]
    pub health: f32,
    /// The crystal on board: a stack of each mineral, in the order in which they came. Only its pilot sees it.
    #[sync(max_len = Mineral::ALL.len(), audience = owner)]
    pub cargo: Vec<Stack>,
    /// Energy left for shots and mining. Only its pilot sees it.
    #[sync(range = 0.0..=100.0, step = 2.0, audience = owner)]
    pub energy: f32,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it can fire again.
    #[sync(skip)]
    pub reload: f32,
    /// Seconds for which it cannot be damaged.
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
    /// Its position, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// Its substance.
    pub mineral: Mineral,
    /// Pieces left in it.
    #[sync(range = 1..=10)]
    pub amount: u8,
}

/// The kind of a creature.
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
    /// Its kind.
    pub kind: CreatureKind,
    /// Its centre, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// True while it chases a ship or flees from one.
    pub alarmed: bool,
    /// Hit points left.
    #[sync(skip)]
    pub health: u8,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until its present behaviour ends.
    #[sync(skip)]
    pub mood: f32,
    /// Seconds until it can bite again.
    #[sync(skip)]
    pub bite: f32,
}

/// A shot in flight.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Shot {
    /// The pilot that fired it.
    pub player: PlayerId,
    /// Its faction.
    pub faction: Faction,
    /// Its position, in units.
    #[sync(range = 0.0..=12_000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it expires.
    #[sync(skip)]
    pub life: f32,
}

/// A place where cargo is banked and ships are repaired. All stations are sent to everybody.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Station {
    /// Its position, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// Its name.
    #[sync(max_bytes = 16)]
    pub name: String,
}

/// The meaning of a marker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum MarkerKind {
    /// Come here.
    #[default]
    Rally,
    /// Many crystals are near.
    Riches,
    /// A hunter or an enemy ship is near.
    Danger,
}

/// A place that a pilot shows to their faction. Its members see it from anywhere on the map.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Marker {
    /// The pilot that set it.
    pub player: PlayerId,
    /// The faction that sees it.
    pub faction: Faction,
    /// Its meaning.
    pub kind: MarkerKind,
    /// Its position, in units.
    #[sync(range = 0.0..=12_000.0, step = 1.0)]
    pub position: Vec2,
    /// Seconds until it expires.
    #[sync(skip)]
    pub life: f32,
}

/// The factions' totals. They change at most once a second.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Standings {
    /// Points of [`Faction::Ember`].
    #[sync(range = 0..=16_777_215)]
    pub ember: u32,
    /// Points of [`Faction::Tide`].
    #[sync(range = 0..=16_777_215)]
    pub tide: u32,
    /// Points of [`Faction::Bloom`].
    #[sync(range = 0..=16_777_215)]
    pub bloom: u32,
    /// Pilots in the room.
    #[sync(range = 0..=1024)]
    pub pilots: u16,
}

/// One of the five pilots that have banked the most. It changes at most once a second.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Leader {
    /// Their rank, from 1.
    #[sync(range = 1..=5)]
    pub rank: u8,
    /// The player.
    pub player: PlayerId,
    /// Their faction.
    pub faction: Faction,
    /// Their name.
    #[sync(max_bytes = 24)]
    pub name: String,
    /// Points that they have banked.
    #[sync(range = 0..=16_777_215)]
    pub banked: u32,
}

/// All state that may be sent to clients.
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
    /// Markers. Only their faction sees them.
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

/// A pilot's input for one tick.
#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Controls {
    /// The direction and strength of the thrust; lengths above 1 count as 1.
    #[sync(range = -1.0..=1.0, step = 0.0625)]
    pub thrust: Vec2,
    /// The direction to turn the nose to, in radians.
    #[sync(angle, bits = 10)]
    pub aim: f32,
    /// True to fire.
    pub fire: bool,
    /// True to mine.
    pub mine: bool,
    /// True to set a marker at the ship's position. A marker is set when this changes from false to true.
    pub mark: bool,
}
