//! What runs a swarm's bots, for whoever watches over the run: the threads of this process, or other processes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::collect::Delivery;
use crate::observe::Counts;
use crate::report::Environment;
use crate::swarm::SwarmError;

/// What runs a swarm's bots.
pub trait Hands {
    /// Threads of bots, in all.
    fn threads(&self) -> usize;

    /// Hands over what has been measured since this was asked last.
    fn deliver(&mut self, take: &mut dyn FnMut(Delivery));

    /// How they stand.
    fn standing(&self) -> Standing;

    /// Has the measurement begin.
    fn measure(&mut self);

    /// Has it end, and the bots say goodbye.
    fn finish(&mut self);

    /// Waits until all has ended, and says what is known of it; all is delivered then.
    ///
    /// # Errors
    /// [`SwarmError`] if the bots could not be brought together.
    fn conclude(&mut self) -> Result<Conclusion, SwarmError>;
}

/// How what runs the bots stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What has been counted.
    pub counts: Counts,
    /// A tick of the rooms, the shortest; none if that is not known yet.
    pub tick: Option<Duration>,
    /// What went wrong lately, the newest last.
    pub troubles: Vec<String>,
    /// Whether any part has ended: before its time, nothing goes on without it.
    pub any_ended: bool,
    /// Whether all parts have.
    pub all_ended: bool,
}

/// What is known once all has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Conclusion {
    /// The memory of the processes before there were bots, …
    pub memory_before: u64,
    /// … and at the end of the measurement.
    pub memory: u64,
    /// Where other processes ran, if the bots were spread over some.
    pub processes: Vec<Environment>,
    /// Those that were lost, with what is known of why.
    pub lost: Vec<String>,
}
