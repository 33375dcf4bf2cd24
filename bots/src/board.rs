//! What all threads write up for whoever watches the run.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::observe::Counts;

/// Troubles that are remembered.
const TROUBLES: usize = 20;
/// Characters of one.
const TROUBLE_CHARS: usize = 200;

/// Counts up to now, and what went wrong lately.
#[derive(Debug, Default)]
pub struct Board {
    /// Bots that have got a seat.
    pub joined: AtomicU64,
    /// Bots that are in a room now.
    pub present: AtomicU64,
    /// Snapshots applied.
    pub updates: AtomicU64,
    /// Snapshots that were wrong.
    pub mismatches: AtomicU64,
    /// Connections that ended for good before their time.
    pub closes: AtomicU64,
    /// Connections that were lost and resumed.
    pub resumes: AtomicU64,
    /// Connections that were lost and not resumed.
    pub resume_failures: AtomicU64,
    /// Joins that failed.
    pub join_failures: AtomicU64,
    /// A tick of the rooms, in nanoseconds: the shortest.
    tick_ns: AtomicU64,
    troubles: Mutex<VecDeque<String>>,
}

impl Board {
    /// Counts one.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    /// What has been counted.
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

    /// Notes how long a tick of a room is.
    pub fn note_tick(&self, tick: Duration) {
        let ns = tick.as_nanos() as u64;
        let shorter = |known: u64| (known == 0 || ns < known).then_some(ns);
        // An error says that it is known.
        let _ = self.tick_ns.fetch_update(Relaxed, Relaxed, shorter);
    }

    /// How long a tick is; none as long as that is not known.
    #[must_use]
    pub fn tick(&self) -> Option<Duration> {
        let ns = self.tick_ns.load(Relaxed);
        (ns > 0).then(|| Duration::from_nanos(ns))
    }

    /// Notes what went wrong.
    pub fn trouble(&self, trouble: &str) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.len() == TROUBLES {
            troubles.pop_front();
        }
        troubles.push_back(trouble.chars().take(TROUBLE_CHARS).collect());
    }

    /// What went wrong lately, the newest last.
    #[must_use]
    pub fn troubles(&self) -> Vec<String> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_bounded_and_ticks_the_shortest() {
        let board = Board::default();
        for index in 0..30 {
            board.trouble(&format!("{index} {}", "é".repeat(500)));
        }
        let troubles = board.troubles();
        assert_eq!(troubles.len(), TROUBLES);
        assert!(troubles[0].starts_with("10 ") && troubles[0].chars().count() == TROUBLE_CHARS);
        assert_eq!(board.tick(), None);
        for ms in [50, 33, 40] {
            board.note_tick(Duration::from_millis(ms));
        }
        assert_eq!(board.tick(), Some(Duration::from_millis(33)));
    }
}
