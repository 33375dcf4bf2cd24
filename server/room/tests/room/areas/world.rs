//! A world with tables of every placement and every audience.

use drumline_room::PlayerId;
use drumline_shared::{Place, Replicate, Single, Table, World};
use glam::Vec2;

pub const SIZE: f32 = 1000.0;
pub const CELL: f32 = 100.0;
pub const VIEW: f32 = 160.0;
pub const FLOORS: u32 = 3;

#[derive(Debug, Clone, Copy, Default, PartialEq, Replicate)]
pub enum Side {
    #[default]
    North,
    South,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Scout {
    pub player: PlayerId,
    pub side: Side,
    #[sync(range = 0.0..=1000.0, step = 0.125, predict = linear)]
    pub position: Vec2,
    #[sync(range = 0..=100, audience = team)]
    pub health: u8,
    #[sync(audience = owner)]
    pub ammo: u16,
    #[sync(skip)]
    pub velocity: Vec2,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Rock {
    #[sync(range = 0.0..=1000.0, step = 0.125)]
    pub position: Vec2,
    pub ore: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Plan {
    pub side: Side,
    pub text: u32,
    #[sync(audience = owner)]
    pub signature: u16,
    pub author: PlayerId,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Card {
    pub player: PlayerId,
    pub face: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Rat {
    #[sync(range = 0..=2)]
    pub floor: u32,
    pub squeaks: u16,
}

#[derive(Debug, Clone, Default, PartialEq, Replicate)]
pub struct Weather {
    pub wind: u16,
}

#[derive(Debug, Clone, Default, Replicate)]
pub struct Nudge {
    #[sync(range = -1..=1)]
    pub dx: i8,
}

#[derive(Default, World)]
pub struct BorderWorld {
    #[sync(at = position, owner = player, team = side)]
    pub scouts: Table<Scout>,
    #[sync(at = position)]
    pub rocks: Table<Rock>,
    #[sync(audience = team, team = side, owner = author)]
    pub plans: Table<Plan>,
    #[sync(audience = owner, owner = player)]
    pub cards: Table<Card>,
    #[sync(place = cellar)]
    pub rats: Table<Rat>,
    pub weather: Single<Weather>,
}

pub mod tables {
    pub const SCOUTS: usize = 0;
    pub const ROCKS: usize = 1;
    pub const PLANS: usize = 2;
    pub const CARDS: usize = 3;
    pub const RATS: usize = 4;
}

fn cellar(rat: &Rat) -> Place {
    Place::Numbered(rat.floor)
}
