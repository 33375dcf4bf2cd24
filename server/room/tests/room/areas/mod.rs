//! Worlds divided into areas: who sees what, and what it costs.

mod border;
mod budget;
mod crossing;
mod hidden;
mod simulation;
mod spectators;
mod vectors;
mod world;
