//! Types that the macro does not know, and that are not replicated.

use drumline_shared::{Replicate, Table, World};

type Metres = f32;

#[derive(Default)]
struct Plain;

#[derive(Replicate)]
struct Ship {
    height: Metres,
    plain: Plain,
    #[sync(max_len = 4)]
    plains: Vec<Option<Plain>>,
    #[sync(skip)]
    kept: NoDefault,
}

struct NoDefault;

#[derive(World)]
struct Space {
    plains: Table<Plain>,
}

fn main() {}
