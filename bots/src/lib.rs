//! The bot swarm: real WebSocket clients, each with a [`Mirror`](drumline_shared::Mirror), that play a game by
//! seeded behaviours, check every hash and measure what a player would feel.
//!
//! [`run`] is the whole of it; the `drumline-bots` program adds a progress bar and a table. Read `swarm`, then
//! `bot`.

mod arrival;
mod behaviour;
mod bot;
mod connection;
mod inputs;
mod lead;
mod link;
mod net;
mod observe;
mod options;
mod path;
mod report;
mod resume;
mod scenario;
mod series;
mod stats;
mod swarm;

pub use arrival::Arrival;
pub use behaviour::Behaviour;
pub use connection::JoinError;
pub use net::{NetError, NetProfile, Stall};
pub use observe::{Counts, Live, Stage};
pub use options::Options;
pub use report::{Curve, Environment, Generator, Quantile, Quantiles, Report, RoomFigures};
pub use scenario::{Flapper, Scenario, Slow, Spam};
pub use series::{Second, ServerSecond};
pub use stats::FINISHED;
pub use swarm::{Progress, SwarmError, run};
