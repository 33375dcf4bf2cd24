//! The arena's state, as it is sent to clients, and the input.

use drumline::prelude::*;
use glam::Vec2;

/// Width and height of the world, in units.
pub const WORLD_SIZE: f32 = 2000.0;
/// A shot's speed relative to its ship, in units a second.
pub const SHOT_SPEED: f32 = 760.0;

/// A ship in flight. A destroyed ship is not in the table until it respawns.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Ship {
    /// Its pilot.
    pub player: PlayerId,
    /// Its centre, in units.
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    /// The direction of its nose, in radians.
    #[sync(angle, bits = 10)]
    pub heading: f32,
    /// Its shield or its hit points.
    pub hull: Hull,
    /// True while its engine burns.
    pub thrusting: bool,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it can fire again.
    #[sync(skip)]
    pub reload: f32,
    /// Seconds until its shield is spent.
    #[sync(skip)]
    pub shield: f32,
}

/// The condition of a ship.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum Hull {
    /// Nothing can damage it: for a few seconds after a launch, or until it fires.
    #[default]
    Shielded,
    /// It can be damaged.
    Bare {
        /// Hit points left.
        #[sync(range = 0..=100)]
        health: u8,
    },
}

/// The size of a rock. A hit splits it into two of the next smaller size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Replicate)]
pub enum RockSize {
    /// The smallest: a hit destroys it.
    #[default]
    Small,
    /// Splits into small ones.
    Medium,
    /// Splits into medium ones.
    Large,
}

impl RockSize {
    /// Its radius, in units.
    #[must_use]
    pub fn radius(self) -> f32 {
        match self {
            Self::Small => 16.0,
            Self::Medium => 30.0,
            Self::Large => 52.0,
        }
    }

    /// The next smaller size; `None` if a hit destroys the rock.
    #[must_use]
    pub fn smaller(self) -> Option<Self> {
        match self {
            Self::Small => None,
            Self::Medium => Some(Self::Small),
            Self::Large => Some(Self::Medium),
        }
    }
}

/// A drifting rock.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Rock {
    /// Its centre, in units.
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    /// Its size.
    pub size: RockSize,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
}

/// A shot in flight.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Shot {
    /// The pilot that fired it.
    pub player: PlayerId,
    /// Its position, in units.
    #[sync(range = 0.0..=2000.0, step = 0.0625, predict = linear)]
    pub position: Vec2,
    /// Velocity, in units a second.
    #[sync(skip)]
    pub velocity: Vec2,
    /// Seconds until it expires.
    #[sync(skip)]
    pub life: f32,
}

/// A player, with or without a ship in flight: a row of the score board.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Pilot {
    /// The player.
    pub player: PlayerId,
    /// Their name.
    #[sync(max_bytes = 24)]
    pub name: String,
    /// Points in this round.
    #[sync(range = 0..=65_535)]
    pub score: u32,
    /// Ships they destroyed in this round.
    #[sync(range = 0..=1023)]
    pub kills: u16,
    /// Ships they lost in this round.
    #[sync(range = 0..=1023)]
    pub deaths: u16,
    /// Their ship; `None` while they wait for the next one.
    #[sync(skip)]
    pub ship: Option<Entity>,
    /// Seconds until the next ship is launched, while `ship` is `None`.
    #[sync(skip)]
    pub respawn: f32,
    /// Seconds until they can show another emote.
    #[sync(skip)]
    pub emote_wait: f32,
}

/// The phase of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Replicate)]
pub enum Phase {
    /// Points count.
    Playing {
        /// Seconds left of the round, rounded up.
        #[sync(range = 0..=1023)]
        seconds_left: u16,
    },
    /// The winner is shown until the next round begins.
    Finished {
        /// The winner; `None` if nobody scored.
        winner: Option<PlayerId>,
        /// Seconds until the next round, rounded up.
        #[sync(range = 0..=1023)]
        seconds_left: u16,
    },
}

impl Default for Phase {
    fn default() -> Self {
        Self::Playing { seconds_left: 0 }
    }
}

/// The round.
#[derive(Debug, Clone, Default, Replicate)]
pub struct Round {
    /// Counts rounds, from 1.
    #[sync(range = 0..=65_535)]
    pub number: u32,
    /// Its phase.
    pub phase: Phase,
    /// Seconds left of the phase.
    #[sync(skip)]
    pub time_left: f32,
}

/// All state that is sent to clients.
#[derive(Debug, Clone, Default, World)]
pub struct ArenaWorld {
    /// Ships in flight.
    pub ships: Table<Ship>,
    /// Rocks.
    pub rocks: Table<Rock>,
    /// Shots in flight.
    pub shots: Table<Shot>,
    /// The score board.
    pub pilots: Table<Pilot>,
    /// The round.
    pub round: Single<Round>,
}

/// The place of each table in the schema, for clients written in Rust.
pub mod tables {
    /// [`super::ArenaWorld::ships`].
    pub const SHIPS: usize = 0;
    /// [`super::ArenaWorld::rocks`].
    pub const ROCKS: usize = 1;
    /// [`super::ArenaWorld::shots`].
    pub const SHOTS: usize = 2;
    /// [`super::ArenaWorld::pilots`].
    pub const PILOTS: usize = 3;
    /// [`super::ArenaWorld::round`].
    pub const ROUND: usize = 4;
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
}
