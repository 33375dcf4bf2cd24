//! What the games that ship with Drumline have in common: how bodies move, and the modules that their pages import.

pub mod motion;

/// The modules and styles that the games' pages share, served as `/kit/…`.
#[derive(rust_embed::RustEmbed)]
#[folder = "page/"]
#[exclude = "jsconfig.json"]
pub struct PageKit;
