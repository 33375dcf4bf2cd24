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
pub mod job;
pub mod joiner;
pub mod player_id;
pub mod players;
pub mod prelude;
pub mod record;
pub mod replication;
pub mod rng;
pub mod room;
pub mod simulation;
pub mod stats;
pub mod testing;
pub mod text;

/// All that derived code names. It is not for authors, and may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use drumline_shared::__private::*;

    pub use crate::{Nothing, Setup};
}

pub use drumline_shared::game;
pub use drumline_shared::limits::DEFAULT_OUTBOX_BYTES;
pub use drumline_shared::math;
pub use drumline_shared::schema::message::Nothing;
pub use drumline_shared::wire::control::{Channel, Refused};
pub use intake::input_buffer::{InputCounts, InputVerdict};
pub use intake::{JoinError, KickReason, MAX_SPECTATORS, ResyncVerdict};
pub use job::{Job, JobError, JobId, JobKey, JobRefused, StartedJob};
pub use joiner::{Identity, JoinRefused, Joiner};
pub use player_id::PlayerId;
pub use players::Players;
pub use record::{EndReason, Presence, Record, RequestId};
pub use room::{DEFAULT_BUDGET_BYTES, Room, RoomConfig, SessionTerms};
pub use simulation::action::{Action, MAX_METADATA_BYTES, MetadataError, Removal};
pub use simulation::bots::mind::Mind;
pub use simulation::bots::view::View;
pub use simulation::game::{ChatVerdict, Game, Sleep, Spectators};
pub use simulation::host::job_spec::{JobContext, JobSpec, RunningJob};
pub use simulation::host::spec::{GameSpec, JoinOptionsError};
pub use simulation::interest::{Interest, Sight};
pub use simulation::outgoing::{Sent, To};
pub use simulation::player_info::{Connection, PlayerInfo};
pub use simulation::request::Request;
pub use simulation::rewind::Rewound;
pub use simulation::setup::{Options, RoomRules, Setup, SetupError};
pub use simulation::tick::Tick;
pub use simulation::timers::{TimerId, Timers};
pub use stats::{ClampedCount, PlayerStats, RoomStats};
pub use text::sameness::Sameness;
pub use text::{ChatRules, NameError, TextError, check_name, repair_name};

pub use rng::{Rng, RngExt, SeedableRng};

// Derived code names the crate that it depends on by its package name: this crate, in its own tests.
extern crate self as drumline_room;
