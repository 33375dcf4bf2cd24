//! The threads of this process that run bots.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, atomic::Ordering::Relaxed};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::behaviour::roles::RoleAssignment;
use crate::client::join_error::JoinError;
use crate::measure::collector::Delivery;
use crate::measure::environment::resident_bytes;
use crate::measure::generator_health;
use crate::measure::live_counters::LiveCounters;
use crate::measure::phase::{Phase, PhaseWatch};
use crate::plan::Plan;
use crate::run::error::SwarmError;
use crate::run::runner::{Runner, RunnerStatus, RunnerSummary};
use crate::run::worker::ThreadPlan;
use crate::scenario::Scenario;

/// The share of a run that one process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The process's number, from 0.
    pub process: u32,
    /// Number of processes.
    pub processes: u32,
}

impl Share {
    /// The whole run.
    pub const WHOLE: Self = Self { process: 0, processes: 1 };

    /// Number of threads of all processes. A room belongs to one thread, so there are no more threads than rooms.
    #[must_use]
    pub fn threads(self, scenario: &Scenario) -> u32 {
        scenario.threads.saturating_mul(self.processes).min(scenario.rooms)
    }

    /// The numbers of this process's threads.
    fn own_threads(self, scenario: &Scenario) -> impl Iterator<Item = u32> {
        (self.process..self.threads(scenario)).step_by(self.processes as usize)
    }
}

/// The threads of this process that run bots.
#[derive(Debug)]
pub struct ThreadPool {
    /// Number of bots in the whole run.
    bots: u64,
    counters: Arc<LiveCounters>,
    phase: watch::Sender<Phase>,
    deliveries: Receiver<Delivery>,
    handles: Vec<JoinHandle<Result<(), JoinError>>>,
    summary: RunnerSummary,
}

impl ThreadPool {
    /// Starts the threads of a share. Their bots begin to join at once.
    ///
    /// # Errors
    /// If the operating system refuses a thread or an event queue.
    pub fn start(plan: &Arc<Plan>, roles: &Arc<RoleAssignment>, share: Share) -> std::io::Result<Self> {
        let summary = RunnerSummary { memory_before: resident_bytes(), ..RunnerSummary::default() };
        let counters = Arc::new(LiveCounters::default());
        let (phase, watch) = PhaseWatch::new();
        let (sender, deliveries) = channel();
        let mut handles = Vec::new();
        for thread in share.own_threads(&plan.scenario) {
            let thread_plan = ThreadPlan {
                thread,
                threads: share.threads(&plan.scenario),
                plan: Arc::clone(plan),
                roles: Arc::clone(roles),
                phase: watch.clone(),
                counters: Arc::clone(&counters),
                deliveries: sender.clone(),
            };
            // One runtime for each thread: a bot never moves, so its state needs no locks.
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all();
            runtime.on_thread_park(generator_health::thread_sleeps);
            runtime.on_thread_unpark(generator_health::thread_wakes);
            let runtime = runtime.build()?;
            handles.push(thread::spawn(move || LocalSet::new().block_on(&runtime, thread_plan.run())));
        }
        Ok(Self { bots: plan.scenario.bots(), counters, phase, deliveries, handles, summary })
    }
}

impl Runner for ThreadPool {
    fn threads(&self) -> usize {
        self.handles.len()
    }

    fn deliver(&mut self, take: &mut dyn FnMut(Delivery)) {
        self.deliveries.try_iter().for_each(take);
    }

    fn status(&self) -> RunnerStatus {
        let has_ended = JoinHandle::is_finished;
        RunnerStatus {
            counts: self.counters.counts(),
            tick: self.counters.tick(),
            problems: self.counters.problems(),
            any_ended: self.handles.iter().any(has_ended),
            all_ended: self.handles.iter().all(has_ended),
        }
    }

    fn measure(&mut self) {
        self.phase.send_replace(Phase::Measuring { began: Instant::now() });
    }

    fn finish(&mut self) {
        self.summary.memory = resident_bytes();
        let ended = Instant::now();
        self.phase.send_modify(|phase| {
            let began = if let Phase::Measuring { began } = *phase { began } else { ended };
            *phase = Phase::Done { began, ended };
        });
    }

    fn summarize(&mut self) -> Result<RunnerSummary, SwarmError> {
        let bot = self.counters.joined.load(Relaxed) + 1;
        for thread in self.handles.drain(..) {
            let ended = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            ended.map_err(|source| SwarmError::Join { bot, bots: self.bots, source })?;
        }
        Ok(std::mem::take(&mut self.summary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_belongs_to_one_process_and_there_are_no_more_than_rooms() {
        for (threads, processes, rooms, expected) in
            [(2, 3, 100, 6), (4, 2, 5, 5), (1, 3, 2, 2), (3, 1, 3, 3)]
        {
            let scenario = Scenario { rooms, threads, ..Scenario::default() };
            let shares = (0..processes).map(|process| Share { process, processes });
            let mut all: Vec<u32> = shares.flat_map(|share| share.own_threads(&scenario)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..expected).collect::<Vec<_>>());
        }
    }
}
