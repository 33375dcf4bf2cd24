//! A top-down space arena: ships thrust, turn and fire among drifting rocks, in rounds of three minutes.
//!
//! This is the game that ships with Drumline, and the one to copy: [`world`] declares the state and the input,
//! [`messages`] the events, commands and replies, [`game`] the rules. Nothing in it depends on the wire format, a client or a
//! socket. `page/` is its browser side.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

mod bots;
pub mod game;
pub mod messages;
pub mod minds;
pub mod world;

pub use bots::Refill;
pub use game::Arena;

/// The page that plays it: plain files, embedded in release builds and read from disk in debug builds.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct Page;
