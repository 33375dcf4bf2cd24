//! The bot swarm: real WebSocket clients, each with a [`Mirror`](drumline_shared::Mirror), that play a game by seeded behaviours,
//! check every hash, and measure what players would experience.
//!
//! [`Swarm::run`] makes a run, and [`Swarm::main`] is the program around it, for swarms with a [`Mind`] of their own.
//!
//! The modules, each of which imports only from those above it:
//!
//! | module | what it holds |
//! |---|---|
//! | `net` | the byte stream of a bot: TCP, TLS, or a simulated network |
//! | `scenario` | what a run does, as data |
//! | `report` | the figures of a run, as data; conditions, the verdict, and comparisons of reports |
//! | `capacity` | the search for the largest load that a server sustains |
//! | `plan` | a scenario and its server; scenario files, and which values are allowed |
//! | `behaviour` | what bots do: the games' behaviours, connection habits, and which bot has which role |
//! | `measure` | everything that is measured: input latency, intervals, staleness, the swarm's own health |
//! | `client` | one bot: connect, receive, answer, resume |
//! | `run` | the threads of this process, each bot's visits, and the supervisor of a run |
//! | `fleet` | the same on several processes |
//! | `output` | the report as a table, a page, and comma-separated values |
//! | `show` | progress in the terminal |
//! | `hostile` | clients that attack a server, for tests of its guards |
//! | `program` | the command line and its commands |
//!
//! To follow a bot, read `run/visits.rs`, `client/listen.rs`, `client/receive.rs` and `client/record.rs`, in this order.

mod behaviour;
mod capacity;
mod client;
mod fleet;
pub mod hostile;
mod measure;
mod net;
mod output;
mod plan;
mod program;
mod report;
mod run;
mod scenario;
mod show;

pub use behaviour::connection_habit::ConnectionHabit;
pub use behaviour::registry::{GameSwarm, KnownGame, MakeBehaviour, Swarm};
pub use behaviour::roles::{Role, RoleAssignment};
pub use behaviour::{DynBehaviour, Idle};
pub use capacity::{Bottleneck, Capacity, Probe, Search};
pub use client::join_error::JoinError;
pub use drumline_room::{Mind, View};
pub use fleet::coordinator::Fleet;
pub use fleet::listener::FleetListener;
pub use measure::live::{Counts, Live, Stage};
pub use net::profile::{NetError, NetProfile, Stall};
pub use net::transport::{Transport, TrustError, TrustedRoots};
pub use output::page::page;
pub use plan::Plan;
pub use plan::scenario_file::ScenarioError;
pub use program::command_line::{CapacityOptions, Command, Flags, Grow, Options, Output};
pub use report::compare::{Change, Difference, compare};
pub use report::condition::{Condition, ConditionError};
pub use report::figures::{
    Curve, Environment, FINISHED, Generator, Quantile, Quantiles, Report, RoomFigures,
};
pub use report::series::{Second, ServerSecond};
pub use report::verdict::Verdict;
pub use run::error::{FleetError, SwarmError};
pub use scenario::arrival_pattern::{Arrival, Visit};
pub use scenario::invalid_value::InvalidValue;
pub use scenario::{Flapper, Scenario, Slow, Spam};

/// Compiles the swarm in the guide.
#[cfg(doctest)]
#[doc = include_str!("../../docs/LOAD_TESTING.md")]
struct Guide;
