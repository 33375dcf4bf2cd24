//! Structs and enums that cannot be replicated.

use drumline_shared::Replicate;

#[derive(Replicate)]
struct Pair(u8, u8);

#[derive(Replicate)]
struct Nothing;

#[derive(Replicate)]
struct Generic<T> {
    value: T,
}

#[derive(Replicate)]
union Bits {
    whole: u32,
    half: u16,
}

#[derive(Replicate)]
enum Only {
    One,
}

#[derive(Replicate)]
enum Order {
    Wait,
    Go(u8, u8),
    Carry {
        #[sync(audience = team)]
        what: u8,
        r#type: u8,
        weight: f32,
    },
}

#[derive(Replicate)]
struct Velocities {
    #[sync(range = 0.0..=1.0, step = 0.5, velocity = speed)]
    height: f32,
    #[sync(range = 0.0..=1.0, step = 0.5, velocity = wind, interpolate = step)]
    depth: f32,
    #[sync(range = 0.0..=1.0, step = 0.5, velocity = wind)]
    width: f32,
    #[sync(range = 0.0..=1.0, step = 0.5, velocity = height, audience = owner)]
    secret: f32,
    #[sync(range = 0.0..=1.0, step = 0.5)]
    wind: glam::Vec2,
}

/// No follow-up: the types can be used.
#[derive(Replicate)]
struct All {
    only: Only,
    order: Option<Order>,
    nothing: Nothing,
}

fn main() {
    let _ = (Velocities::FIELDS, All::FIELDS);
}
