//! Structs that cannot be fields of others.

use drumline_shared::{Press, Replicate};

#[derive(Replicate)]
struct Hidden {
    #[sync(audience = owner)]
    face: u8,
}

#[derive(Replicate)]
struct Buttons {
    dash: Press,
}

#[derive(Replicate)]
struct Empty {}

#[derive(Replicate)]
struct Ship {
    card: Hidden,
    #[sync(max_len = 4)]
    buttons: Vec<Buttons>,
    empty: Option<Empty>,
}

#[derive(Replicate)]
struct Large {
    heights: [u64; 600],
}

fn main() {}
