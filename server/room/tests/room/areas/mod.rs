//! Worlds divided into areas: visibility, budgets and bytes.

mod border;
mod budget;
mod crossing;
mod far;
mod hidden;
mod simulation;
mod spectators;
mod vectors;
mod world;
