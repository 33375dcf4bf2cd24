//! Ranges and steps that do not work, with better ones.

use drumline_shared::Replicate;
use glam::Vec2;

#[derive(Replicate)]
struct Ship {
    #[sync(range = -1.0..=1.0, step = 2.0 / 255.0)]
    steering: Vec2,
    #[sync(range = -1.0..=1.0, step = 0.3)]
    throttle: f32,
    #[sync(range = -0.1..=10.0, step = 0.25)]
    height: f32,
    #[sync(range = 0.0..=2000.0, step = 0.0001)]
    position: Vec2,
    #[sync(x(range = 0.0..=1.0, step = 0.5), y(range = -(1_f32)..=1.0, step = 0.3_f32))]
    aim: Vec2,
    #[sync(range = 1.0..=0.0, step = 0.5)]
    backwards: f32,
    #[sync(range = 0.0..=1.0, step = 2.0)]
    wide: f32,
    #[sync(range = 0.0..=1.0, step = 1 / 512)]
    integer_division: f32,
    #[sync(range = 0..=1000)]
    health: u8,
    #[sync(range = 9..=1)]
    level: i32,
}

fn main() {}
