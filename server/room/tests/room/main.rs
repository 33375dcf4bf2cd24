//! The tests of the room, in one program: each links the whole crate.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

mod areas;
mod herd;
mod messages;
mod onlookers;
mod promises;
mod replay;
mod resume;
mod rewind;
mod simulation;
mod spectators;
