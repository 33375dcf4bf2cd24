//! The threads of this process that run bots.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, atomic::Ordering::Relaxed};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::board::Board;
use crate::cast::Cast;
use crate::collect::Delivery;
use crate::connection::JoinError;
use crate::course::{Course, CourseWatch};
use crate::environment::resident_bytes;
use crate::hands::{Conclusion, Hands, Standing};
use crate::health;
use crate::scenario::Scenario;
use crate::swarm::{Plan, SwarmError};
use crate::worker::ThreadPlan;

/// The part of a run that a process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which process: 0 is the first.
    pub process: u32,
    /// Of so many.
    pub processes: u32,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { process: 0, processes: 1 };

    /// Threads of all processes together. A room is one thread's, so there are no more than rooms.
    #[must_use]
    pub fn threads(self, scenario: &Scenario) -> u32 {
        scenario.threads.saturating_mul(self.processes).min(scenario.rooms)
    }

    /// The numbers of the process's own.
    fn mine(self, scenario: &Scenario) -> impl Iterator<Item = u32> {
        (self.process..self.threads(scenario)).step_by(self.processes as usize)
    }
}

/// The threads of this process that run bots.
#[derive(Debug)]
pub struct Threads {
    bots: u64,
    board: Arc<Board>,
    course: watch::Sender<Course>,
    deliveries: Receiver<Delivery>,
    handles: Vec<JoinHandle<Result<(), JoinError>>>,
    conclusion: Conclusion,
}

impl Threads {
    /// Starts those of a share; their bots begin to join at once.
    ///
    /// # Errors
    /// If the operating system refuses a thread or an event queue.
    pub fn start(plan: &Arc<Plan>, cast: &Arc<Cast>, share: Share) -> std::io::Result<Self> {
        let conclusion = Conclusion { memory_before: resident_bytes(), ..Conclusion::default() };
        let board = Arc::new(Board::default());
        let (course, watch) = CourseWatch::new();
        let (sender, deliveries) = channel();
        let mut handles = Vec::new();
        for thread in share.mine(&plan.scenario) {
            let thread_plan = ThreadPlan {
                thread,
                threads: share.threads(&plan.scenario),
                plan: Arc::clone(plan),
                cast: Arc::clone(cast),
                course: watch.clone(),
                board: Arc::clone(&board),
                deliveries: sender.clone(),
            };
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().on_thread_park(health::rests).on_thread_unpark(health::wakes);
            let runtime = runtime.build()?;
            handles.push(thread::spawn(move || LocalSet::new().block_on(&runtime, thread_plan.run())));
        }
        Ok(Self { bots: plan.scenario.bots(), board, course, deliveries, handles, conclusion })
    }
}

impl Hands for Threads {
    fn threads(&self) -> usize {
        self.handles.len()
    }

    fn deliver(&mut self, take: &mut dyn FnMut(Delivery)) {
        self.deliveries.try_iter().for_each(take);
    }

    fn standing(&self) -> Standing {
        let has_ended = JoinHandle::is_finished;
        Standing {
            counts: self.board.counts(),
            tick: self.board.tick(),
            troubles: self.board.troubles(),
            any_ended: self.handles.iter().any(has_ended),
            all_ended: self.handles.iter().all(has_ended),
        }
    }

    fn measure(&mut self) {
        self.course.send_replace(Course::Measuring(Instant::now()));
    }

    fn finish(&mut self) {
        self.conclusion.memory = resident_bytes();
        let ended = Instant::now();
        self.course.send_modify(|course| {
            let began = if let Course::Measuring(began) = *course { began } else { ended };
            *course = Course::Done(began, ended);
        });
    }

    fn conclude(&mut self) -> Result<Conclusion, SwarmError> {
        let bot = self.board.joined.load(Relaxed) + 1;
        for thread in self.handles.drain(..) {
            let ended = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            ended.map_err(|source| SwarmError::Join { bot, bots: self.bots, source })?;
        }
        Ok(std::mem::take(&mut self.conclusion))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_is_one_processs_and_no_more_than_rooms() {
        for (threads, processes, rooms, expected) in
            [(2, 3, 100, 6), (4, 2, 5, 5), (1, 3, 2, 2), (3, 1, 3, 3)]
        {
            let scenario = Scenario { rooms, threads, ..Scenario::default() };
            let shares = (0..processes).map(|process| Share { process, processes });
            let mut all: Vec<u32> = shares.flat_map(|share| share.mine(&scenario)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..expected).collect::<Vec<_>>());
        }
    }
}
