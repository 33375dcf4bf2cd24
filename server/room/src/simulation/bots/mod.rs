//! Bots: players who are no persons.

pub mod mind;
pub mod view;
