//! Worlds divided into areas: who sees what, and what it costs.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

mod border;
mod budget;
mod crossing;
mod hidden;
#[path = "../common/onlookers.rs"]
mod onlookers;
mod simulation;
mod spectators;
mod vectors;
mod world;
