//! The [`Game`] trait and the [`Room`] that runs one: inputs in, ticks, snapshots out.
//!
//! Deterministic and sans-IO: no socket, no clock, no thread, no async. The data path, in order:
//! [`input_buffer`] feeds [`Room::tick`], which advances the [`game`] and captures a frame into the
//! [`frame_ring`]; [`Room::poll_frame`] encodes it once for all players with the same baseline.

pub mod frame_ring;
pub mod game;
pub mod input_buffer;
pub mod names;
pub mod room;

pub use game::{Game, GameSpec, PlayerId, Tick};
pub use input_buffer::{InputCounts, InputVerdict};
pub use names::{NameError, check_name};
pub use room::{Expulsion, JoinError, Room, RoomConfig, RoomStats, Snapshot};

/// A small, fast, seedable generator whose sequence is the same on every machine (PCG XSH RR 64/32, O'Neill 2014).
pub type Rng = rand_pcg::Pcg32;
/// The methods of [`Rng`], and how to seed it.
pub use rand::{RngExt, SeedableRng};
