//! The [`Game`] trait and the [`Room`] that runs one: inputs in, ticks, snapshots out.
//!
//! Deterministic and sans-IO: no socket, no clock, no thread, no async. The data path, in order:
//! [`input_buffer`] feeds [`Room::tick`], which advances the [`game`] and captures a frame into the
//! [`frame_ring`], in areas by the [`division`] (over the [`grid`]). [`Room::poll_snapshot`] asks a player's [`view`] which areas
//! are in their [sight](interest) and, by the [`choices`] among them, fit their [`budget`]; the [`blocks`] encode
//! each once for all who see it. A game that wants to know what a player was looking at has the world [`rewind`]ed.

pub mod blocks;
pub mod budget;
pub mod chat;
pub mod choices;
pub mod commands;
pub mod control;
pub mod division;
pub mod frame_ring;
pub mod game;
pub mod grid;
pub mod input_buffer;
pub mod interest;
pub mod names;
pub mod outbox;
pub mod player;
pub mod rewind;
pub mod room;
pub mod setup;
pub mod spec;
pub mod tick;
pub mod told;
pub mod view;

pub use chat::{ChatRules, Verdict};
pub use commands::Request;
pub use control::EndReason;
pub use drumline_shared::message::Nothing;
pub use drumline_shared::messages::Channel;
pub use game::{Game, PlayerId};
pub use input_buffer::{InputCounts, InputVerdict};
pub use interest::{Interest, Sight};
pub use names::{NameError, check_name};
pub use player::{Expulsion, PlayerStats};
pub use rewind::Rewound;
pub use room::{DEFAULT_BUDGET_BYTES, JoinError, MAX_SPECTATORS, Room, RoomConfig, RoomStats};
pub use setup::{Identity, Joiner, Options, RoomRules, Setup, SetupError};
pub use spec::GameSpec;
pub use tick::Tick;

/// A small, fast, seedable generator whose sequence is the same on every machine (PCG XSH RR 64/32, O'Neill 2014).
pub type Rng = rand_pcg::Pcg32;
/// The methods of [`Rng`], and how to seed it.
pub use rand::{RngExt, SeedableRng};
