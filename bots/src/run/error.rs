//! Why a run fails: the errors of a swarm, and of a fleet's processes.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::client::join_error::JoinError;
use crate::plan::scenario_file::ScenarioError;

/// A swarm cannot run.
#[derive(Debug, Error)]
pub enum SwarmError {
    /// The scenario is not valid.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A bot could not join, and all had to.
    #[error("bot {bot} of {bots} could not join: {source}")]
    Join {
        /// The number of bots that had joined before, plus one.
        bot: u64,
        /// Number of bots.
        bots: u64,
        /// The cause.
        source: JoinError,
    },
    /// No bot could join.
    #[error("none of {bots} bots could join: {last}")]
    NoneJoined {
        /// Number of bots.
        bots: u64,
        /// The last bot's problem.
        last: String,
    },
    /// The operating system refused a thread or an event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// The processes that were to run the bots failed.
    #[error(transparent)]
    Fleet(#[from] FleetError),
}

/// A fleet cannot be formed, or has lost a process.
#[derive(Debug, Error)]
pub enum FleetError {
    /// Listening failed.
    #[error("cannot listen at {address} for processes: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
    /// Connecting failed.
    #[error("cannot connect to {address}: {source}; is `drumline-bots --listen` running there?")]
    Connect {
        /// The address.
        address: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// A process cannot be started, or its connection failed.
    #[error("cannot communicate with a process of the swarm: {0}")]
    Io(#[from] io::Error),
    /// The fleet would have no process.
    #[error("a fleet needs at least one process")]
    Empty,
    /// A process of a fleet tried to start a fleet.
    #[error("a process of a swarm must not start others; call `Swarm::main` first of all in the program")]
    Nested,
    /// The coordinator refused this process.
    #[error("the swarm refused this process: {0}")]
    Refused(String),
    /// A process has another version.
    #[error("{name} has version {theirs:?}, and this program {ours:?}: run the same program everywhere")]
    Version {
        /// The process's name.
        name: String,
        /// The process's version.
        theirs: String,
        /// The coordinator's version.
        ours: String,
    },
    /// A process could not begin a run.
    #[error("{name} could not begin: {cause}")]
    CannotBegin {
        /// The process's name.
        name: String,
        /// The cause.
        cause: String,
    },
    /// A process was lost.
    #[error("a process of the swarm was lost: {0}")]
    Lost(String),
}
