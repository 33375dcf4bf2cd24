//! The bot swarm: real WebSocket clients, each with a [`Mirror`](drumline_shared::Mirror), that play a game by
//! seeded behaviours, check every hash and measure what a player would feel.
//!
//! [`Swarm::run`] is the whole of it, and [`Swarm::main`] the program around it: a game author's own has their own
//! [`Behaviour`]s. Read `swarm`, then `worker`, then `bot` and `sight`.

mod arrival;
mod behaviour;
mod board;
mod bot;
mod capacity;
mod cast;
mod collect;
mod compare;
mod condition;
mod conduct;
mod connection;
mod course;
mod crew;
mod csv;
mod dashboard;
mod environment;
mod fleet;
mod hands;
mod health;
pub mod hostile;
mod inputs;
mod lead;
mod link;
mod net;
mod observe;
mod options;
mod page;
mod path;
mod plot;
mod program;
mod report;
mod resume;
mod room;
mod scenario;
mod scrape;
mod series;
mod show;
mod sight;
mod stats;
mod stream;
mod swarm;
mod table;
mod threads;
mod timeline;
mod units;
mod verdict;
mod worker;

pub use arrival::{Arrival, Visit};
pub use behaviour::registry::{GameSwarm, KnownGame, MakeMind, Swarm};
pub use behaviour::{Behaviour, Idle, Mind, View, arena, frontier};
pub use capacity::{Capacity, GaveWay, Probe, Search};
pub use cast::{Cast, Part};
pub use compare::{Change, Difference, compare};
pub use condition::{Condition, ConditionError};
pub use conduct::Conduct;
pub use connection::JoinError;
pub use fleet::{Fleet, FleetError, Gathering};
pub use net::{NetError, NetProfile, Stall};
pub use observe::{Counts, Live, Stage};
pub use options::{CapacityOptions, Command, Flags, Grow, Options, Output};
pub use page::page;
pub use report::{Curve, Environment, Generator, Quantile, Quantiles, Report, RoomFigures};
pub use scenario::{Fault, Flapper, Scenario, ScenarioError, Slow, Spam};
pub use series::{Second, ServerSecond};
pub use stats::FINISHED;
pub use stream::{Trust, TrustError};
pub use swarm::{Plan, SwarmError};
pub use verdict::Verdict;

/// The guide's own swarm is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/LOAD_TESTING.md")]
struct Guide;
