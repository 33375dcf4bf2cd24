//! The swarm: rooms filled with bots, a measured stretch of play, and what came of it.

use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, atomic::Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::behaviour::registry::Swarm;
use crate::board::Board;
use crate::collect::{Collector, Delivery};
use crate::connection::JoinError;
use crate::course::{Course, CourseWatch};
use crate::environment::resident_bytes;
use crate::health;
use crate::observe::{Live, Stage};
use crate::report::{Environment, Report};
use crate::scenario::{Scenario, ScenarioError};
use crate::scrape::Scraper;
use crate::stream::Trust;
use crate::worker::ThreadPlan;

/// How often whoever watches is told where the run stands.
const STEP: Duration = Duration::from_millis(200);

/// A swarm cannot run.
#[derive(Debug, Error)]
pub enum SwarmError {
    /// The scenario asks for what there is not.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A bot could not join, and all were to; or none could.
    #[error("bot {bot} of {bots} could not join: {source}")]
    Join {
        /// Bots that had joined before it, and itself.
        bot: u64,
        /// All bots.
        bots: u64,
        /// Why.
        source: JoinError,
    },
    /// No bot could join.
    #[error("none of {bots} bots could join: {last}")]
    NoneJoined {
        /// All bots.
        bots: u64,
        /// What the last of them met with.
        last: String,
    },
    /// The operating system refused a thread or an event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// What is run, and against what.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The server: `ws://host:port` or `wss://host:port`.
    pub url: String,
    /// Who is trusted, for `wss`.
    pub trust: Option<Trust>,
    /// The room to join, in place of new ones.
    pub room: Option<String>,
    /// The address that the first bot connects from, and the others from those after it, if not from the usual one.
    pub from: Option<Ipv4Addr>,
    /// What the bots do.
    pub scenario: Scenario,
    /// The words that ask for it, for the report.
    pub command: Vec<String>,
    /// The share of its time that each thread of bots is to waste, to see whether that is noticed.
    pub burn: f64,
}

impl Swarm {
    /// Runs it, telling `observe` about five times a second where it stands; if that breaks off, the run ends early, with the
    /// report of what there was.
    ///
    /// # Errors
    /// [`SwarmError`] if it cannot be brought together; what goes wrong later is in the report.
    ///
    /// # Panics
    /// If a thread of bots does.
    pub fn run(
        &self,
        plan: &Plan,
        observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    ) -> Result<Report, SwarmError> {
        let mut plan = plan.clone();
        if plan.room.is_some() {
            plan.scenario.rooms = 1;
        }
        plan.scenario.threads = plan.scenario.threads.min(plan.scenario.rooms);
        let cast = Arc::new(self.cast(&plan.scenario).map_err(ScenarioError::Flags)?);
        let plan = Arc::new(plan);
        let memory_before = resident_bytes();
        let board = Arc::new(Board::default());
        let (course, watch) = CourseWatch::new();
        let (sender, deliveries) = channel();
        let mut threads = Vec::new();
        for thread in 0..plan.scenario.threads as usize {
            let thread_plan = ThreadPlan {
                thread,
                plan: Arc::clone(&plan),
                cast: Arc::clone(&cast),
                course: watch.clone(),
                board: Arc::clone(&board),
                deliveries: sender.clone(),
            };
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().on_thread_park(health::rests).on_thread_unpark(health::wakes);
            let runtime = runtime.build()?;
            threads.push(thread::spawn(move || LocalSet::new().block_on(&runtime, thread_plan.run())));
        }
        let collector = Collector::new(threads.len());
        let scraper = Scraper::start(&plan.url);
        let mut run = Run {
            plan,
            board,
            course,
            deliveries,
            threads,
            collector,
            scraper,
            observe,
            broken: false,
            memory: 0,
        };
        let report = run.watch();
        let Run { plan, board, threads, memory, mut collector, deliveries, .. } = run;
        let bots = plan.scenario.bots();
        let joined = board.counts(bots).joined;
        for thread in threads {
            let finished = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            finished.map_err(|source| SwarmError::Join { bot: joined + 1, bots, source })?;
        }
        if joined == 0 && board.join_failures.load(Relaxed) > 0 {
            let last = board.troubles().pop().unwrap_or_default();
            return Err(SwarmError::NoneJoined { bots, last });
        }
        for delivery in deliveries.try_iter() {
            collector.take(delivery, &board, None);
        }
        let bot_seconds = if plan.scenario.arrival.is_before_measurement() {
            joined as f64 * report.seconds
        } else {
            collector.bot_seconds()
        };
        let mut whole = collector.report(bot_seconds);
        let generator = &mut whole.generator;
        generator.memory_bytes = memory;
        generator.memory_bytes_per_bot = memory.saturating_sub(memory_before) / joined.max(1);
        let cpu_s = generator.cpu_share_mean * f64::from(generator.threads) * report.seconds;
        generator.cpu_ms_per_bot_second = cpu_s * 1000.0 / bot_seconds.max(f64::MIN_POSITIVE);
        Ok(Report {
            scenario: plan.scenario.clone(),
            command: plan.command.clone(),
            environment: report.environment,
            began_unix_ms: report.began_unix_ms,
            seconds: report.seconds,
            ended_early: report.ended_early,
            ..whole
        })
    }
}

/// A run that is going on.
struct Run<'a> {
    plan: Arc<Plan>,
    board: Arc<Board>,
    course: watch::Sender<Course>,
    deliveries: Receiver<Delivery>,
    threads: Vec<JoinHandle<Result<(), JoinError>>>,
    collector: Collector,
    scraper: Scraper,
    observe: &'a mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    /// Whether it is to end early.
    broken: bool,
    /// The memory of the process while all bots were there.
    memory: u64,
}

impl Run<'_> {
    /// Watches over the run until all threads have ended; what is known of it without them.
    fn watch(&mut self) -> Report {
        let environment = Environment::here();
        let bots = self.plan.scenario.bots();
        if self.plan.scenario.arrival.is_before_measurement() {
            while self.board.joined.load(Relaxed) < bots && !self.has_ended() {
                self.show(Stage::Joining, Duration::ZERO);
                thread::sleep(STEP);
            }
            self.show(Stage::Joining, Duration::ZERO);
        }
        let (began, began_unix) = (Instant::now(), SystemTime::now());
        self.course.send_replace(Course::Measuring(began));
        let wanted = self.wanted();
        while began.elapsed() < wanted && !self.has_ended() {
            thread::sleep(STEP.min(wanted.saturating_sub(began.elapsed())));
            self.show(Stage::Measuring, began.elapsed().min(wanted));
        }
        self.memory = resident_bytes();
        let ended = Instant::now();
        self.course.send_replace(Course::Done(began, ended));
        let measured = ended.duration_since(began);
        // Whoever has lost their connection may still be coming back.
        while !self.threads.iter().all(JoinHandle::is_finished) && !self.has_failed() {
            thread::sleep(STEP / 10);
            self.show(Stage::Ending, measured.min(wanted));
        }
        Report {
            environment,
            began_unix_ms: began_unix.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64,
            seconds: measured.as_secs_f64(),
            ended_early: measured < wanted,
            ..Report::default()
        }
    }

    fn wanted(&self) -> Duration {
        Duration::from_secs(u64::from(self.plan.scenario.seconds))
    }

    fn has_ended(&self) -> bool {
        self.broken || self.threads.iter().any(JoinHandle::is_finished)
    }

    /// A thread that ends while others go on has failed only before the end.
    fn has_failed(&self) -> bool {
        self.board.present.load(Relaxed) == 0 && self.threads.iter().any(JoinHandle::is_finished)
    }

    fn show(&mut self, phase: Stage, measured: Duration) {
        for delivery in self.deliveries.try_iter() {
            self.collector.take(delivery, &self.board, self.scraper.newest().as_ref());
        }
        let (rooms, rooms_left_out) = self.collector.rooms();
        let live = Live {
            phase,
            measured,
            wanted: self.wanted(),
            counts: self.board.counts(self.plan.scenario.bots()),
            series: self.collector.series(),
            rooms,
            rooms_left_out,
            troubles: &self.board.troubles(),
        };
        self.broken |= (self.observe)(&live).is_break();
    }
}
