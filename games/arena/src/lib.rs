//! A top-down space arena: ships thrust, turn and fire among drifting rocks, in rounds of three minutes.
//!
//! This is the game that ships with Drumline, and the one to copy: [`world`] declares the state and the input,
//! [`messages`] what is said beside them, [`game`] the rules. Nothing in it knows of a wire, a client or a socket. `page/`
//! is its browser side.

pub mod game;
pub mod messages;
pub mod world;

pub use game::Arena;

/// The page that plays it: plain files, embedded in release builds and read from disk in debug builds.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct Page;
