//! Counters that all threads of a process share, for observers of the run.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::measure::live::Counts;

/// Number of problems that are kept.
const PROBLEMS: usize = 20;
/// Longest text of one, in characters.
const PROBLEM_CHARS: usize = 200;

/// Counts since the beginning of a run, and recent problems.
#[derive(Debug, Default)]
pub struct LiveCounters {
    /// Bots that have joined.
    pub joined: AtomicU64,
    /// Bots that are in a room now.
    pub present: AtomicU64,
    /// Snapshots applied.
    pub updates: AtomicU64,
    /// Snapshots whose hash or encoding was wrong.
    pub mismatches: AtomicU64,
    /// Connections that ended for good before their time.
    pub closes: AtomicU64,
    /// Connections that were lost and resumed.
    pub resumes: AtomicU64,
    /// Connections that were lost and not resumed.
    pub resume_failures: AtomicU64,
    /// Joins that failed.
    pub join_failures: AtomicU64,
    /// The shortest tick of the rooms, in nanoseconds; 0 if unknown.
    tick_ns: AtomicU64,
    problems: Mutex<VecDeque<String>>,
}

impl LiveCounters {
    /// Adds one to a counter.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    /// The current counts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            joined: self.joined.load(Relaxed),
            present: self.present.load(Relaxed),
            updates: self.updates.load(Relaxed),
            mismatches: self.mismatches.load(Relaxed),
            closes: self.closes.load(Relaxed),
            resumes: self.resumes.load(Relaxed),
            resume_failures: self.resume_failures.load(Relaxed),
            join_failures: self.join_failures.load(Relaxed),
        }
    }

    /// Records the length of a room's tick.
    pub fn note_tick(&self, tick: Duration) {
        let ns = tick.as_nanos() as u64;
        let shorter = |known: u64| (known == 0 || ns < known).then_some(ns);
        // An error means that a shorter tick is already known.
        let _ = self.tick_ns.fetch_update(Relaxed, Relaxed, shorter);
    }

    /// The length of a tick; `None` if no bot has joined yet.
    #[must_use]
    pub fn tick(&self) -> Option<Duration> {
        let ns = self.tick_ns.load(Relaxed);
        (ns > 0).then(|| Duration::from_nanos(ns))
    }

    /// Records a problem.
    pub fn problem(&self, problem: &str) {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        if problems.len() == PROBLEMS {
            problems.pop_front();
        }
        problems.push_back(problem.chars().take(PROBLEM_CHARS).collect());
    }

    /// Recent problems, newest last.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_bounded_and_ticks_the_shortest() {
        let counters = LiveCounters::default();
        for index in 0..30 {
            counters.problem(&format!("{index} {}", "é".repeat(500)));
        }
        let problems = counters.problems();
        assert_eq!(problems.len(), PROBLEMS);
        assert!(problems[0].starts_with("10 ") && problems[0].chars().count() == PROBLEM_CHARS);
        assert_eq!(counters.tick(), None);
        for ms in [50, 33, 40] {
            counters.note_tick(Duration::from_millis(ms));
        }
        assert_eq!(counters.tick(), Some(Duration::from_millis(33)));
    }
}
