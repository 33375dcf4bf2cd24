//! Code shared by the games that ship with Drumline: how bodies move, and the modules that their pages import.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

pub mod motion;

/// The modules and styles that the games' pages share, served as `/kit/…`.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct PageKit;
