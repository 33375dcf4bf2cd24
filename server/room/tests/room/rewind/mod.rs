//! Lag compensation: the world as players saw it.

mod divided;
mod hitscan;
mod link;
mod mirror;
