//! Finds how many clients a server sustains: the largest load whose runs meet some conditions.
//!
//! The load is doubled until a run fails, then the gap is halved until it is small. Near the limit a single run is a
//! coin toss, so from there the load goes up a small step after each run that holds, and down one after each that
//! fails (the up-and-down staircase of Dixon and Mood, 1948). It hovers around the load that holds half of the time:
//! the mean of its turning points is the answer, and their spread its uncertainty.
//!
//! A run that the swarm itself could not keep up with says nothing about the server. It may have been a hiccup, so it
//! is repeated; after that the search treats it like one that failed. If most failures are of this kind, the answer
//! is a lower bound: the server sustains at least this many.

pub mod judge;
pub mod search;

use crate::report::condition::Condition;

/// The parameters of a search. Loads are counted in units of `unit` bots: a room, or one bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Conditions that each run has to meet.
    pub limits: Vec<Condition>,
    /// The first load, in units.
    pub first: u32,
    /// The largest load to try, in units.
    pub most: u32,
    /// Bots in a unit.
    pub unit: u32,
    /// The step of the staircase, as a share of the load.
    pub step: f64,
    /// Number of turning points of the staircase.
    pub turns: usize,
}

/// The result of one run of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Number of bots.
    pub bots: u32,
    /// The limits that it missed, with their values; empty if it held.
    pub missed: Vec<String>,
    /// False if the swarm itself could not keep up.
    pub valid: bool,
    /// The likely bottleneck, if the run did not hold.
    pub bottleneck: Option<Bottleneck>,
}

/// The part of the system that limits the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bottleneck {
    /// The server's CPU: its shards had no time to spare.
    ServerCpu,
    /// The swarm.
    Generator,
    /// Neither was busy: the network between them, or the server waits for something else.
    Network,
    /// The server refused some of the bots.
    Refused,
    /// The server does not publish how busy it is.
    Unknown,
}

impl Bottleneck {
    /// A description for people.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::ServerCpu => "the server's CPU: its shards had no time to spare",
            Self::Generator => {
                "the swarm itself: use more threads, processes or machines to load the server further"
            }
            Self::Network => "neither the server's shards nor the swarm: look at the network between them",
            Self::Refused => "the server, which refused some of the bots",
            Self::Unknown => "unknown: the server does not publish how busy it is",
        }
    }
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum Capacity {
    /// The server sustains this many clients; at least this many, if the swarm is the bottleneck.
    Found {
        /// The load that holds half of the time.
        bots: f64,
        /// The standard deviation of the turning points.
        deviation: f64,
        /// Half-width of the 95 % interval of `bots`.
        error: f64,
        /// The bottleneck in most of the runs that failed.
        bottleneck: Bottleneck,
    },
    /// The largest allowed load held: the server sustains at least this many.
    AtLeast {
        /// That load, in bots.
        bots: u32,
    },
    /// Not even the first load held.
    LessThan {
        /// The first load, in bots.
        bots: u32,
        /// The bottleneck in most of the runs that failed.
        bottleneck: Bottleneck,
    },
}
