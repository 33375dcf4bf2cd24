//! The swarm: rooms filled with bots, a measured stretch of play, and what came of it.

use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::time::Instant;

use crate::behaviour::registry::Swarm;
use crate::collect::Collector;
use crate::connection::JoinError;
use crate::fleet::{Fleet, FleetError};
use crate::hands::{Hands, Standing};
use crate::observe::{Live, Stage};
use crate::report::{Environment, Report};
use crate::scenario::{Scenario, ScenarioError};
use crate::scrape::Scraper;
use crate::stream::Trust;
use crate::threads::{Share, Threads};

/// How often whoever watches is told where the run stands.
pub const STEP: Duration = Duration::from_millis(200);
/// How long a tick is taken to be as long as that is not known.
const UNKNOWN_TICK: Duration = Duration::from_secs(1);

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
    /// The processes that were to run the bots do not.
    #[error(transparent)]
    Fleet(#[from] FleetError),
}

/// What is run, and against what.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
}

impl Plan {
    /// The same, with what is said in two ways brought into line.
    fn settled(&self) -> Arc<Self> {
        let mut plan = self.clone();
        if plan.room.is_some() {
            plan.scenario.rooms = 1;
        }
        plan.scenario.threads = plan.scenario.threads.min(plan.scenario.rooms);
        Arc::new(plan)
    }
}

impl Swarm {
    /// Runs it on threads of this process, telling `observe` about five times a second where it stands; if that breaks off, the
    /// run ends early, with the report of what there was.
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
        let plan = plan.settled();
        let cast = Arc::new(self.cast(&plan.scenario).map_err(ScenarioError::Flags)?);
        let mut threads = Threads::start(&plan, &cast, Share::WHOLE)?;
        watch(&plan, &mut threads, observe)
    }

    /// As [`run`](Self::run), on the processes of a fleet.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if a process was lost before. One that is lost while it runs ends the run early, and the report
    /// says so.
    pub fn run_on(
        &self,
        fleet: &mut Fleet,
        plan: &Plan,
        observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    ) -> Result<Report, SwarmError> {
        let plan = plan.settled();
        // What cannot be is said here, in place of by each of them.
        self.cast(&plan.scenario).map_err(ScenarioError::Flags)?;
        fleet.begin(&plan)?;
        watch(&plan, fleet, observe)
    }
}

/// Watches over a run until all has ended; what came of it.
fn watch(
    plan: &Plan,
    hands: &mut dyn Hands,
    observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
) -> Result<Report, SwarmError> {
    let bots = plan.scenario.bots();
    let (threads, collector) = (hands.threads() as u32, Collector::new(hands.threads()));
    let mut run =
        Run { plan, hands, collector, scraper: Scraper::start(&plan.url), observe, is_broken_off: false };
    let Measured { began_unix_ms, seconds, ended_early, environment } = run.measure();
    let Standing { counts, troubles, .. } = run.hands.standing();
    let conclusion = run.hands.conclude()?;
    if counts.joined == 0 && counts.join_failures > 0 {
        let last = troubles.into_iter().next_back().unwrap_or_default();
        return Err(SwarmError::NoneJoined { bots, last });
    }
    run.collect();
    let bot_seconds = if plan.scenario.arrival.is_before_measurement() {
        counts.joined as f64 * seconds
    } else {
        run.collector.bot_seconds()
    };
    let mut report = run.collector.report(bot_seconds);
    let generator = &mut report.generator;
    generator.threads = threads;
    generator.processes = conclusion.processes.len().max(1) as u32;
    generator.memory_bytes = conclusion.memory;
    let memory = conclusion.memory.saturating_sub(conclusion.memory_before);
    generator.memory_bytes_per_bot = memory / counts.joined.max(1);
    let cpu_s = generator.cpu_share_mean * f64::from(threads) * seconds;
    generator.cpu_ms_per_bot_second = cpu_s * 1000.0 / bot_seconds.max(f64::MIN_POSITIVE);
    Ok(Report {
        scenario: plan.scenario.clone(),
        command: plan.command.clone(),
        environment,
        processes: conclusion.processes,
        processes_lost: conclusion.lost,
        began_unix_ms,
        seconds,
        ended_early,
        ..report
    })
}

/// A run that is going on.
struct Run<'a> {
    plan: &'a Plan,
    hands: &'a mut dyn Hands,
    collector: Collector,
    scraper: Scraper,
    observe: &'a mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    is_broken_off: bool,
}

/// What is known of a run without what its bots saw.
struct Measured {
    environment: Environment,
    began_unix_ms: u64,
    seconds: f64,
    ended_early: bool,
}

impl Run<'_> {
    /// Lets the bots come, measures, and lets them go.
    fn measure(&mut self) -> Measured {
        let environment = Environment::here();
        let bots = self.plan.scenario.bots();
        if self.plan.scenario.arrival.is_before_measurement() {
            while self.show(Stage::Joining, Duration::ZERO).counts.joined < bots && !self.is_to_end() {
                thread::sleep(STEP);
            }
        }
        let (began, began_unix) = (Instant::now(), SystemTime::now());
        self.hands.measure();
        let wanted = self.wanted();
        while began.elapsed() < wanted && !self.is_to_end() {
            thread::sleep(STEP.min(wanted.saturating_sub(began.elapsed())));
            self.show(Stage::Measuring, began.elapsed().min(wanted));
        }
        self.hands.finish();
        let measured = began.elapsed();
        // Whoever has lost their connection may still be coming back.
        while !self.show(Stage::Ending, measured.min(wanted)).all_ended {
            thread::sleep(STEP / 10);
        }
        Measured {
            environment,
            began_unix_ms: began_unix.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64,
            seconds: measured.as_secs_f64(),
            ended_early: measured < wanted,
        }
    }

    fn wanted(&self) -> Duration {
        Duration::from_secs(u64::from(self.plan.scenario.seconds))
    }

    /// Whether there is no use in going on.
    fn is_to_end(&self) -> bool {
        self.is_broken_off || self.hands.standing().any_ended
    }

    /// Takes what has been measured.
    fn collect(&mut self) {
        let tick = self.hands.standing().tick.unwrap_or(UNKNOWN_TICK);
        let Self { hands, collector, scraper, .. } = self;
        hands.deliver(&mut |delivery| collector.take(delivery, tick, scraper.newest().as_ref()));
    }

    /// Tells whoever watches where the run stands.
    fn show(&mut self, phase: Stage, measured: Duration) -> Standing {
        self.collect();
        let standing = self.hands.standing();
        let (rooms, rooms_left_out) = self.collector.rooms();
        let live = Live {
            phase,
            measured,
            wanted: self.wanted(),
            bots: self.plan.scenario.bots(),
            counts: standing.counts,
            series: self.collector.series(),
            rooms,
            rooms_left_out,
            troubles: &standing.troubles,
        };
        self.is_broken_off |= (self.observe)(&live).is_break();
        standing
    }
}
