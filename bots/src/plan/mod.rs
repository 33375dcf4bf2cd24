//! The plan of a run: which scenario runs against which server. `run` and `fleet` carry it out.

pub mod check;
pub mod scenario_file;

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::net::transport::TrustedRoots;
use crate::scenario::Scenario;

/// A scenario and the server that it runs against.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The server's address: `ws://host:port` or `wss://host:port`.
    pub url: String,
    /// The root certificates to trust; required for `wss`.
    pub trust: Option<TrustedRoots>,
    /// An existing room to join, instead of opening new ones.
    pub room: Option<String>,
    /// The first bot's local address; the others use those after it. `None`: the system chooses.
    pub from: Option<Ipv4Addr>,
    /// The scenario that the bots play.
    pub scenario: Scenario,
    /// The command line, for the report.
    pub command: Vec<String>,
}

impl Plan {
    /// The same plan with redundant settings made consistent.
    pub(crate) fn settled(&self) -> Arc<Self> {
        let mut plan = self.clone();
        if plan.room.is_some() {
            plan.scenario.rooms = 1;
        }
        plan.scenario.threads = plan.scenario.threads.min(plan.scenario.rooms);
        Arc::new(plan)
    }
}
