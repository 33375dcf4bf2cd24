//! The [`Game`] trait and the [`Room`] that runs one: inputs in, ticks, snapshots out.
//!
//! Deterministic and sans-IO: no socket, no clock, no thread, no async. A room has three parts, each readable alone. In the order
//! of the data path:
//!
//! 1. [`intake`] takes what clients send and writes the [`record`] of the next tick;
//! 2. [`simulation`] advances the game by a record, and lends its output: the frame, what each player sees, messages;
//! 3. [`replication`] encodes the output for every client.
//!
//! [`room`] puts them together for a driver that owns the clock and the sockets.

#![deny(clippy::disallowed_methods, reason = "the same inputs give the same bits on every machine")]
#![deny(clippy::disallowed_types, reason = "only Pcg32 has the same sequence everywhere")]
#![deny(clippy::iter_over_hash_type, reason = "the order of a hash map differs from run to run")]

pub mod epoch;
pub mod intake;
pub mod joiner;
pub mod player_id;
pub mod prelude;
pub mod record;
pub mod replication;
pub mod rng;
pub mod room;
pub mod simulation;
pub mod stats;
pub mod text;

#[doc(hidden)]
pub use drumline_shared::__private;
pub use drumline_shared::limits::DEFAULT_OUTBOX_BYTES;
pub use drumline_shared::math;
pub use drumline_shared::schema::message::Nothing;
pub use drumline_shared::wire::control::Channel;
pub use intake::input_buffer::{InputCounts, InputVerdict};
pub use intake::{JoinError, KickReason, MAX_SPECTATORS, ResyncVerdict};
pub use joiner::{Identity, Joiner};
pub use player_id::PlayerId;
pub use record::{EndReason, Record, RequestId};
pub use room::{DEFAULT_BUDGET_BYTES, Room, RoomConfig, SessionTerms};
pub use simulation::game::{ChatVerdict, Game, Sleep};
pub use simulation::interest::{Interest, Sight};
pub use simulation::outgoing::Sent;
pub use simulation::request::Request;
pub use simulation::rewind::Rewound;
pub use simulation::setup::{Options, RoomRules, Setup, SetupError};
pub use simulation::spec::GameSpec;
pub use simulation::tick::Tick;
pub use stats::{ClampedCount, PlayerStats, RoomStats};
pub use text::sameness::Sameness;
pub use text::{ChatRules, NameError, TextError, check_name, repair_name};

pub use rng::{Rng, RngExt, SeedableRng};

// Derived code names the crate that it depends on by its package name: this crate, in its own tests.
extern crate self as drumline_room;
