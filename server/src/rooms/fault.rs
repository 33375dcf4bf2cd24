//! Faults that tests inject, to find out which of a swarm's figures show them.
//!
//! No configuration can ask for one: this module, and each line elsewhere that leads here, is behind the feature `faults`,
//! which only the bots' tests enable.

use std::time::Duration;

/// A fault that begins once a player of a certain name has joined, in that player's room alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The player's name.
    pub player: String,
    /// The kind of fault.
    pub kind: FaultKind,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Once, one field of one entity is sent with a wrong value.
    WrongField {
        /// Ticks after the player has joined.
        after_ticks: u32,
    },
    /// Some of the room's ticks are delayed. Other rooms of the shard are not.
    LateTicks {
        /// One tick in this many is delayed.
        one_in: u32,
        /// The delay.
        wait: Duration,
    },
    /// All messages of the player are discarded.
    Deafness,
}
