//! What a run shows of itself while it goes on.

use std::ops::AddAssign;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::report::RoomFigures;
use crate::series::Second;

/// Where a run stands, five times a second, for whoever shows it.
#[derive(Debug)]
pub struct Live<'a> {
    /// What it is doing.
    pub phase: Stage,
    /// How much of the measurement is over; zero before it.
    pub measured: Duration,
    /// How long it is to be.
    pub wanted: Duration,
    /// Bots in all, whenever they come.
    pub bots: u64,
    /// What has been counted.
    pub counts: Counts,
    /// The seconds that are over, in order. The newest one's percentiles are the ones to show as current.
    pub series: &'a [Second],
    /// The rooms as of the newest of these seconds, the worst first, and at most 50.
    pub rooms: &'a [RoomFigures],
    /// Rooms that are not among them.
    pub rooms_left_out: u64,
    /// What went wrong lately, in words, the newest last, and at most 20.
    pub troubles: &'a [String],
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// All bots join; the measurement has not begun.
    Joining,
    /// What they see is measured.
    Measuring,
    /// Bots say goodbye.
    Ending,
}

/// What has been counted up to now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Bots that have got a seat.
    pub joined: u64,
    /// Bots that are in a room now.
    pub present: u64,
    /// Snapshots applied.
    pub updates: u64,
    /// Snapshots whose hash, or whose bytes, were wrong.
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
