//! Options that are misspelt, misplaced or incomplete.

use drumline_shared::quantize::PackedQuat;
use drumline_shared::{Entity, Replicate};
use glam::{Quat, Vec2, Vec3};

#[derive(Replicate)]
struct Ship {
    #[sync(rnage = 0.0..=100.0, step = 0.5)]
    misspelt: f32,
    #[sync(range = 0..=1)]
    flag: bool,
    #[sync(range = 0..=100, step = 5)]
    health: u8,
    #[sync(max_bytes = 24, max_bytes = 32)]
    name: String,
    text: String,
    float: f32,
    vector: Vec2,
    #[sync(range = 0.0..=100.0)]
    no_step: f32,
    #[sync(step = 0.5)]
    no_range: f64,
    #[sync(range = 0.0..100.0, step = 0.5)]
    open: f32,
    #[sync(angle)]
    no_bits: f32,
    #[sync(bits = 10)]
    no_angle: f32,
    #[sync(angle, bits = 10, range = 0.0..=1.0)]
    angle_and_range: f32,
    #[sync(angle, bits = 30)]
    too_many_bits: f32,
    rotation: Quat,
    #[sync(range = 0.0..=1.0)]
    packed: PackedQuat,
    #[sync(x(range = 0.0..=1.0, step = 0.5), y(range = 0.0..=1.0, size = 2))]
    axes: Vec2,
    #[sync(x(range = 0.0..=1.0, step = 0.5), z(range = 0.0..=1.0, step = 0.5))]
    two_axes: Vec2,
    #[sync(x(range = 0.0..=1.0, step = 0.5))]
    missing_axes: Vec3,
    #[sync(predict = fast)]
    predicted: u8,
    #[sync(interpolate = linear)]
    shown: u8,
    #[sync(audience = friends)]
    hidden: u8,
    target: Entity,
    #[sync(table = "ships")]
    quoted: Entity,
    #[sync(max_len = 4)]
    no_list: u8,
    #[sync(max_len = 300)]
    long: Vec<u8>,
    #[sync(skip, range = 0..=4)]
    skipped: u8,
    #[sync]
    bare: u8,
    #[sync(skip = true)]
    valued: u8,
    #[sync(range)]
    no_value: u8,
    id: u32,
}

fn main() {
    let _ = Ship::FIELDS;
}
