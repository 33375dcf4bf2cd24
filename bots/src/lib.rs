//! The bot swarm: real WebSocket clients, each with a [`Mirror`](drumline_shared::Mirror), that play a game by
//! seeded behaviours, check every hash and measure what a player would feel.
//!
//! [`run`] is the whole of it; the `drumline-bots` program adds a progress bar and a table. Read `swarm`, then
//! `bot`.

mod behaviour;
mod bot;
mod connection;
pub mod hostile;
mod inputs;
mod lead;
mod link;
mod net;
mod options;
mod path;
mod resume;
mod stats;
mod stream;
mod swarm;

pub use behaviour::Behaviour;
pub use connection::JoinError;
pub use net::{NetError, NetProfile, Stall};
pub use options::Options;
pub use stats::{FINISHED, Report};
pub use stream::{Trust, TrustError};
pub use swarm::{Progress, SwarmError, run};
