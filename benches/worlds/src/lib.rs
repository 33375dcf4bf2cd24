//! Rooms in play without sockets: the worlds of benchmarks, players that steer themselves, and the codec alone.
//!
//! The crate depends on neither the server nor the swarm, so that a program that needs only rooms is built in half a minute.
//! One is here: `counted` does each piece of work of the hot path once, for `cargo xtask gate` to count its instructions.

pub mod blocks;
pub mod codec;
pub mod crowd;
pub mod drift;
pub mod pilots;
pub mod playing;
pub mod prairie;

pub use crowd::Crowd;
pub use playing::Match;
