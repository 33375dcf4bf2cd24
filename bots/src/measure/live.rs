//! The state of a run while it goes on, for observers.

use std::ops::AddAssign;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::report::figures::RoomFigures;
use crate::report::series::Second;

/// The state of a run, given to its observer five times per second.
#[derive(Debug)]
pub struct Live<'a> {
    /// The stage of the run.
    pub stage: Stage,
    /// Time measured so far; zero before the measurement.
    pub measured: Duration,
    /// Planned length of the measurement.
    pub planned: Duration,
    /// Number of bots in the scenario, whenever they arrive.
    pub bots: u64,
    /// Counts so far.
    pub counts: Counts,
    /// The completed seconds, in order. The last one holds the current percentiles.
    pub series: &'a [Second],
    /// The rooms in the newest second, worst first; at most 50.
    pub rooms: &'a [RoomFigures],
    /// Number of rooms that are not among them.
    pub rooms_left_out: u64,
    /// Recent problems, newest last; at most 20.
    pub problems: &'a [String],
}

/// The stage of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bots join; the measurement has not begun.
    Joining,
    /// The bots are being measured.
    Measuring,
    /// The bots leave.
    Ending,
}

/// Counts since the beginning of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Bots that have joined.
    pub joined: u64,
    /// Bots that are in a room now.
    pub present: u64,
    /// Snapshots applied.
    pub updates: u64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: u64,
    /// Connections that ended for good before their time.
    pub closes: u64,
    /// Connections that were lost and resumed.
    pub resumes: u64,
    /// Connections that were lost and not resumed.
    pub resume_failures: u64,
    /// Joins that failed.
    pub join_failures: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.joined += other.joined;
        self.present += other.present;
        self.updates += other.updates;
        self.mismatches += other.mismatches;
        self.closes += other.closes;
        self.resumes += other.resumes;
        self.resume_failures += other.resume_failures;
        self.join_failures += other.join_failures;
    }
}
