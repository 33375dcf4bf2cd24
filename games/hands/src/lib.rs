//! A shedding game for two to six players, at five ticks a second: lay a card of the rank or the suit that lies on top, or draw
//! one. Eights go on everything and name the next suit. The first player without cards wins the hand.
//!
//! It shows what a game of turns needs: lists that only their owner sees, references between tables, an enum with fields for the
//! phase, presses and commands. [`cards`] has the deck, [`world`] the state and the input, [`messages`] the events, commands and
//! replies. [`rules`] holds everything on the table, hidden or not, and [`game`] plays by the rules. `page/` is its browser side.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

pub mod cards;
pub mod game;
pub mod messages;
pub mod rules;
pub mod world;

pub use game::Hands;

/// The page that plays it: plain files, embedded in release builds and read from disk in debug builds.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct Page;
