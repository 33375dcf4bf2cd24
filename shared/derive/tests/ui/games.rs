//! `#[game]` has no arguments, and stands above an implementation.

use drumline_shared::game;

#[game(name = "pushing")]
impl Game for Pushing {}

#[game]
struct Pushing;

#[game]
fn tick() {}

fn main() {}
