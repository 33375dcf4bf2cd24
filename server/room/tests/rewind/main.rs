//! Lag compensation: the world as players saw it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod divided;
mod hitscan;
mod link;
mod mirror;
