//! Types that no field can have, each with a way out.

use std::collections::{BTreeMap, HashMap, HashSet};

use drumline_shared::{Press, Replicate};

#[derive(Replicate)]
struct Ship {
    slots: usize,
    offset: isize,
    seed: u128,
    letter: char,
    name: &'static str,
    hits: HashMap<u16, u8>,
    scores: BTreeMap<u16, u8>,
    seen: HashSet<u16>,
    place: (u8, u8),
    parent: Box<Parent>,
    history: Vec<u16>,
    #[sync(max_len = 8)]
    grid: Vec<Vec<u8>>,
    #[sync(max_len = 2)]
    wing: Vec<Ship>,
    dash: Option<Press>,
    unit: (),
    bytes: [usize; 4],
}

#[derive(Replicate)]
struct Parent {
    health: u8,
}

/// No follow-up: the struct can be used.
fn main() {
    fn replicate<T: Replicate>() {}
    replicate::<Ship>();
    assert_eq!(Ship::FIELDS.len(), 0);
}
