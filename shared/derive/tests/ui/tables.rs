//! Tables whose rows do not have what the world's options need.

use drumline_shared::{Entity, Press, Replicate, Table, World};
use glam::Vec2;

#[derive(Default, Replicate)]
struct Ship {
    #[sync(range = 0.0..=100.0, step = 0.5)]
    position: Vec2,
    #[sync(range = 0.0..=100.0, step = 0.5)]
    floor: f32,
    name: bool,
    #[sync(table = planes)]
    target: Option<Entity>,
    #[sync(audience = owner)]
    cargo: u8,
}

#[derive(Replicate)]
struct Button {
    pressed: Press,
}

#[derive(World)]
struct Space {
    #[sync(at = position, level = floor, team = name)]
    ships: Table<Ship>,
    #[sync(at = positon, owner = name)]
    others: Table<Ship>,
    #[sync(at = floor)]
    flat: Table<Ship>,
    buttons: Table<Button>,
}

fn main() {}
