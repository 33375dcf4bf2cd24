//! The same for constants, which only the compiler evaluates: its messages name the field.

use drumline_shared::Replicate;

const SPEED: f32 = 1.0;
const SIZE: f32 = 2000.0;
const LONG: usize = 300;
const LEVELS: i32 = 1;

#[derive(Replicate)]
struct Ship {
    #[sync(range = -SPEED..=SPEED, step = 0.3)]
    throttle: f32,
    #[sync(range = 0.0..=SIZE, step = 0.0001)]
    position: f32,
    #[sync(range = SIZE..=SPEED, step = 0.5)]
    backwards: f32,
    #[sync(range = 0.0..=SPEED, step = SIZE)]
    wide: f32,
    #[sync(max_len = LONG)]
    list: Vec<u8>,
    #[sync(range = LEVELS..=0)]
    level: i32,
}

fn main() {}
