//! An open world in space: a thousand pilots of three factions mine crystals on one large map, bring them to stations,
//! and fight over them, among creatures that graze and creatures that hunt.
//!
//! [`world`] declares the state and the input; [`game`] is what a tick does, in order, and each of the other modules one
//! part of it. `page/` is its browser side.

mod combat;
mod creatures;
mod crystals;
pub mod game;
mod grid;
mod pilots;
mod standings;
pub mod world;

pub use game::Frontier;

/// The page that plays it: plain files, embedded in release builds and read from disk in debug builds.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct Page;
