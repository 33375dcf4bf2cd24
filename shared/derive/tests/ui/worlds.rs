//! Worlds with mistakes.

use drumline_shared::{Replicate, Single, Table, World};
use glam::Vec2;

#[derive(Default, Replicate)]
struct Ship {
    #[sync(range = 0.0..=100.0, step = 0.5)]
    position: Vec2,
    #[sync(range = 0.0..=100.0, step = 0.5)]
    floor: f32,
    player: u16,
}

#[derive(World)]
struct Options {
    #[sync(att = position)]
    misspelt: Table<Ship>,
    #[sync(at = position, place = somewhere)]
    both: Table<Ship>,
    #[sync(level = floor)]
    level: Table<Ship>,
    #[sync(owner = player, owner = player)]
    twice: Table<Ship>,
    #[sync(skip, at = position)]
    kept: u32,
    #[sync(owner = player)]
    score: Single<Ship>,
    ticks: u32,
}

#[derive(World)]
struct Names(Table<Ship>);

#[derive(World)]
struct Generic<T: Replicate> {
    rows: Table<T>,
}

#[derive(World)]
enum Kinds {
    One,
}

fn main() {
    fn world<T: World>() {}
    world::<Options>();
    world::<Names>();
}
