//! The only generator of random numbers in rooms and games.

/// A small, fast, seedable generator whose sequence is the same on every machine (PCG XSH RR 64/32, O'Neill 2014).
///
/// Seed it in `Game::new` with `Rng::seed_from_u64(setup.seed)`, keep it in the game's state, and draw with
/// `rng.random_range(0.0..100.0)`.
pub type Rng = rand_pcg::Pcg32;
/// The traits of [`Rng`]: `RngExt` draws numbers, `SeedableRng` seeds.
pub use rand::{RngExt, SeedableRng};
