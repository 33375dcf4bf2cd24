//! The room's tests, in one program: a program each would link the whole crate again.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

mod areas;
mod author;
mod delivery;
mod generations;
mod herd;
mod messages;
mod names;
mod nested;
mod onlookers;
mod post;
mod promises;
mod replay;
mod resume;
mod rewind;
mod simulation;
mod spectators;
mod too_large;
