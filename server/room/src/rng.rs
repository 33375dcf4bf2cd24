//! The only generator of random numbers in rooms and games.

/// A small, fast, seedable generator whose sequence is the same on every machine (PCG XSH RR 64/32, O'Neill 2014).
pub type Rng = rand_pcg::Pcg32;
/// The methods of [`Rng`], and how to seed it.
pub use rand::{RngExt, SeedableRng};
