//! An open world in space: a thousand pilots of three factions mine crystals on one large map, bring them to stations,
//! and fight over them, among creatures that graze and creatures that hunt.
//!
//! [`world`] declares the state, the input and the events; [`game`] lists the steps of a tick in order, and each of the other
//! modules holds the rules of one subject. `page/` is its browser side.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

mod combat;
mod creatures;
mod crystals;
pub mod game;
mod grid;
pub mod minds;
mod pilots;
mod standings;
pub mod world;

pub use game::Frontier;

/// The page that plays it: plain files, embedded in release builds and read from disk in debug builds.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct Page;
