//! The interface between a run's supervisor and what runs its bots: the threads of this process, or other processes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measure::collector::Delivery;
use crate::measure::live::Counts;
use crate::report::figures::Environment;
use crate::run::error::SwarmError;

/// Runs the bots of a run.
pub trait Runner {
    /// Number of threads that run bots.
    fn threads(&self) -> usize;

    /// Passes on all measurements since the previous call.
    fn deliver(&mut self, take: &mut dyn FnMut(Delivery));

    /// The current status.
    fn status(&self) -> RunnerStatus;

    /// Starts the measurement.
    fn measure(&mut self);

    /// Ends the measurement, and has the bots leave.
    fn finish(&mut self);

    /// Waits until everything has ended. Measurements that were not passed on yet still can be afterwards.
    ///
    /// # Errors
    /// [`SwarmError`] if the bots could not join.
    fn summarize(&mut self) -> Result<RunnerSummary, SwarmError>;
}

/// The status of a runner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerStatus {
    /// Counts so far.
    pub counts: Counts,
    /// The shortest tick of the rooms; `None` if no bot has joined yet.
    pub tick: Option<Duration>,
    /// Recent problems, newest last.
    pub problems: Vec<String>,
    /// True if any part has ended. Before the run's time, that ends the run.
    pub any_ended: bool,
    /// True if all parts have ended.
    pub all_ended: bool,
}

/// A runner's summary, once everything has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunnerSummary {
    /// Memory of the processes before there were bots, in bytes.
    pub memory_before: u64,
    /// Memory of the processes at the end of the measurement, in bytes.
    pub memory: u64,
    /// The machines of other processes, if they ran the bots.
    pub processes: Vec<Environment>,
    /// Processes that were lost, and why, as far as known.
    pub lost: Vec<String>,
}
