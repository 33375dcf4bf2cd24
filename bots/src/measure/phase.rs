//! The phase of a run: the supervisor sets it, and bots wait for it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// The phase of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    /// Bots join, and play as soon as they are in.
    #[default]
    Joining,
    /// The bots are being measured.
    Measuring {
        /// When the measurement began.
        began: Instant,
    },
    /// The bots leave.
    Done {
        /// When the measurement began; `ended` if there was none.
        began: Instant,
        /// When it ended.
        ended: Instant,
    },
}

/// Follows the phase of a run.
#[derive(Debug, Clone)]
pub struct PhaseWatch(watch::Receiver<Phase>);

impl PhaseWatch {
    /// The sender that sets the phase, and a watch that follows it.
    #[must_use]
    pub fn new() -> (watch::Sender<Phase>, Self) {
        let (sender, receiver) = watch::channel(Phase::default());
        (sender, Self(receiver))
    }

    /// The time since the measurement began; zero if nothing is being measured.
    #[must_use]
    pub fn measured_for(&self) -> Duration {
        match *self.0.borrow() {
            Phase::Measuring { began } => began.elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// How much of the time from `then` to now was measured.
    #[must_use]
    pub fn measured_since(&self, then: Instant) -> Duration {
        let (began, ended) = match *self.0.borrow() {
            Phase::Joining => return Duration::ZERO,
            Phase::Measuring { began } => (began, Instant::now()),
            Phase::Done { began, ended } => (began, ended),
        };
        ended.saturating_duration_since(began.max(then))
    }

    /// Waits for the measurement to begin, and returns when it did.
    pub async fn began(&mut self) -> Instant {
        // An error means that the supervisor is gone: then the time does not matter.
        let phase = self.0.wait_for(|phase| *phase != Phase::Joining).await.map(|phase| *phase);
        match phase {
            Ok(Phase::Measuring { began } | Phase::Done { began, .. }) => began,
            _ => Instant::now(),
        }
    }

    /// Waits for the end.
    pub async fn done(&mut self) {
        // An error means that the supervisor is gone, which is an end too.
        let _ = self.0.wait_for(|phase| matches!(phase, Phase::Done { .. })).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_time_between_begin_and_end_is_measured() {
        let second = Duration::from_secs(1);
        let (sender, watch) = PhaseWatch::new();
        let came = Instant::now();
        assert_eq!(watch.measured_since(came), Duration::ZERO);
        tokio::time::advance(second).await;
        let began = Instant::now();
        sender.send_replace(Phase::Measuring { began });
        tokio::time::advance(second * 2).await;
        assert_eq!((watch.measured_for(), watch.measured_since(came)), (second * 2, second * 2));
        assert_eq!(watch.measured_since(began + second), second);
        sender.send_replace(Phase::Done { began, ended: Instant::now() });
        tokio::time::advance(second).await;
        assert_eq!((watch.measured_for(), watch.measured_since(came)), (Duration::ZERO, second * 2));
        assert_eq!(watch.measured_since(Instant::now()), Duration::ZERO, "after the end");
    }
}
