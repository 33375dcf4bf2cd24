//! What the swarm is doing, as its bots see it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// What the swarm is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Course {
    /// Bots join, and play as soon as they are in.
    #[default]
    Joining,
    /// What they see is measured, since this moment.
    Measuring(Instant),
    /// Bots say goodbye; what they saw was measured, if it was, from one moment to the other.
    Done(Instant, Instant),
}

/// A bot's view of it.
#[derive(Debug, Clone)]
pub struct CourseWatch(watch::Receiver<Course>);

impl CourseWatch {
    /// The other end, which says what the swarm is doing, and a view of it.
    #[must_use]
    pub fn new() -> (watch::Sender<Course>, Self) {
        let (sender, receiver) = watch::channel(Course::default());
        (sender, Self(receiver))
    }

    /// How long the measurement has been going on; zero if it is not.
    #[must_use]
    pub fn measured_for(&self) -> Duration {
        match *self.0.borrow() {
            Course::Measuring(began) => began.elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// How much of a time that is over now, and began then, was measured.
    #[must_use]
    pub fn measured_since(&self, then: Instant) -> Duration {
        let (began, ended) = match *self.0.borrow() {
            Course::Joining => return Duration::ZERO,
            Course::Measuring(began) => (began, Instant::now()),
            Course::Done(began, ended) => (began, ended),
        };
        ended.saturating_duration_since(began.max(then))
    }

    /// Waits for the measurement to begin, and says when it did.
    pub async fn began(&mut self) -> Instant {
        // An error means that the swarm itself is gone: what comes then is of no matter.
        let course = self.0.wait_for(|course| *course != Course::Joining).await.map(|course| *course);
        match course {
            Ok(Course::Measuring(began) | Course::Done(began, _)) => began,
            _ => Instant::now(),
        }
    }

    /// Waits for the end.
    pub async fn done(&mut self) {
        // An error is an end too.
        let _ = self.0.wait_for(|course| matches!(course, Course::Done(..))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_measured_lies_between_its_two_ends() {
        let second = Duration::from_secs(1);
        let (sender, watch) = CourseWatch::new();
        let came = Instant::now();
        assert_eq!(watch.measured_since(came), Duration::ZERO);
        tokio::time::advance(second).await;
        let began = Instant::now();
        sender.send_replace(Course::Measuring(began));
        tokio::time::advance(second * 2).await;
        assert_eq!((watch.measured_for(), watch.measured_since(came)), (second * 2, second * 2));
        assert_eq!(watch.measured_since(began + second), second);
        sender.send_replace(Course::Done(began, Instant::now()));
        tokio::time::advance(second).await;
        assert_eq!((watch.measured_for(), watch.measured_since(came)), (Duration::ZERO, second * 2));
        assert_eq!(watch.measured_since(Instant::now()), Duration::ZERO, "who comes after the end");
    }
}
