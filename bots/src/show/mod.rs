//! The state of a run in a terminal, while it goes on.

pub mod dashboard;
pub mod terminal;
