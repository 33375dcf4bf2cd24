//! The supervisor of a run: it starts the bots, measures, observes, and makes the report.
//!
//! It knows nothing about bots, nor whether threads or other processes run them: that is the [`Runner`]'s part.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::behaviour::registry::Swarm;
use crate::measure::collector::Collector;
use crate::measure::live::{Live, Stage};
use crate::measure::room_stats::WorstRooms;
use crate::measure::server_metrics::Scraper;
use crate::plan::Plan;
use crate::plan::scenario_file::ScenarioError;
use crate::report::figures::{Environment, Generator, Report};
use crate::run::error::SwarmError;
use crate::run::runner::{Runner, RunnerStatus};
use crate::run::thread_pool::{Share, ThreadPool};

/// The period in which observers see the state of a run.
pub const STEP: Duration = Duration::from_millis(200);
/// The assumed length of a tick, until a bot has joined.
const UNKNOWN_TICK: Duration = Duration::from_secs(1);

impl Swarm {
    /// Runs a plan on threads of this process. `observe` sees the state of the run about five times per second; if it breaks, the
    /// run ends early, with a report of what was measured until then.
    ///
    /// # Errors
    /// [`SwarmError`] if the bots cannot join. Later problems are in the report.
    ///
    /// # Panics
    /// If a thread of bots panics.
    pub fn run(
        &self,
        plan: &Plan,
        observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    ) -> Result<Report, SwarmError> {
        let plan = plan.settled();
        let roles = Arc::new(self.assign_roles(&plan.scenario).map_err(ScenarioError::Flags)?);
        let mut threads = ThreadPool::start(&plan, &roles, Share::WHOLE)?;
        supervise(&plan, &mut threads, observe)
    }
}

/// Supervises a run to its end, and makes its report.
pub(crate) fn supervise(
    plan: &Plan,
    runner: &mut dyn Runner,
    observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
) -> Result<Report, SwarmError> {
    let bots = plan.scenario.bots();
    let threads = runner.threads();
    let (collector, scraper) = (Collector::new(threads), Scraper::start(&plan.url));
    let mut run = Run { plan, runner, collector, scraper, observe, is_ended_by_observer: false };
    let timing = run.measure();
    let RunnerStatus { counts, problems, .. } = run.runner.status();
    let summary = run.runner.summarize()?;
    if counts.joined == 0 && counts.join_failures > 0 {
        let last = problems.into_iter().next_back().unwrap_or_default();
        return Err(SwarmError::NoneJoined { bots, last });
    }
    run.collect();
    // Where all bots had to be in, all were meant to play the whole time: one that was lost early lowers the rates.
    let bot_seconds = if plan.scenario.arrival.completes_before_measurement() {
        counts.joined as f64 * timing.seconds
    } else {
        run.collector.bot_seconds()
    };
    let report = run.collector.report(bot_seconds);
    let cpu_s = report.generator.cpu_share_mean * threads as f64 * timing.seconds;
    let memory = summary.memory.saturating_sub(summary.memory_before);
    let generator = Generator {
        threads: threads as u32,
        processes: summary.processes.len().max(1) as u32,
        cpu_ms_per_bot_second: cpu_s * 1000.0 / bot_seconds.max(f64::MIN_POSITIVE),
        memory_bytes: summary.memory,
        memory_bytes_per_bot: memory / counts.joined.max(1),
        ..report.generator
    };
    Ok(Report {
        generator,
        scenario: plan.scenario.clone(),
        command: plan.command.clone(),
        environment: timing.environment,
        processes: summary.processes,
        processes_lost: summary.lost,
        began_unix_ms: timing.began_unix_ms,
        seconds: timing.seconds,
        ended_early: timing.ended_early,
        ..report
    })
}

/// A run in progress.
struct Run<'a> {
    plan: &'a Plan,
    runner: &'a mut dyn Runner,
    collector: Collector,
    scraper: Scraper,
    observe: &'a mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    is_ended_by_observer: bool,
}

/// When and where a run was measured.
struct Timing {
    environment: Environment,
    began_unix_ms: u64,
    seconds: f64,
    ended_early: bool,
}

impl Run<'_> {
    /// Has the bots join, measures, and has them leave.
    fn measure(&mut self) -> Timing {
        let environment = Environment::here();
        let bots = self.plan.scenario.bots();
        if self.plan.scenario.arrival.completes_before_measurement() {
            while self.show(Stage::Joining, Duration::ZERO).counts.joined < bots && !self.must_end() {
                thread::sleep(STEP);
            }
        }
        let (began, began_unix) = (Instant::now(), SystemTime::now());
        self.runner.measure();
        let planned = self.planned();
        while began.elapsed() < planned && !self.must_end() {
            thread::sleep(STEP.min(planned.saturating_sub(began.elapsed())));
            self.show(Stage::Measuring, began.elapsed().min(planned));
        }
        self.runner.finish();
        let measured = began.elapsed();
        // Bots that have lost their connection may still be resuming: this takes as long as it takes.
        while !self.show(Stage::Ending, measured.min(planned)).all_ended {
            thread::sleep(STEP / 10);
        }
        Timing {
            environment,
            began_unix_ms: began_unix.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64,
            seconds: measured.as_secs_f64(),
            ended_early: measured < planned,
        }
    }

    /// The planned length of the measurement.
    fn planned(&self) -> Duration {
        Duration::from_secs(u64::from(self.plan.scenario.seconds))
    }

    /// Returns true if the run has to end before its time.
    fn must_end(&self) -> bool {
        self.is_ended_by_observer || self.runner.status().any_ended
    }

    /// Collects the measurements that have been delivered.
    fn collect(&mut self) {
        let tick = self.runner.status().tick.unwrap_or(UNKNOWN_TICK);
        let Self { runner, collector, scraper, .. } = self;
        runner.deliver(&mut |delivery| collector.add(delivery, tick, scraper.newest().as_ref()));
    }

    /// Shows the state of the run to the observer.
    fn show(&mut self, stage: Stage, measured: Duration) -> RunnerStatus {
        self.collect();
        let status = self.runner.status();
        let WorstRooms { rooms, left_out } = self.collector.rooms();
        let live = Live {
            stage,
            measured,
            planned: self.planned(),
            bots: self.plan.scenario.bots(),
            counts: status.counts,
            series: self.collector.series(),
            rooms,
            rooms_left_out: *left_out,
            problems: &status.problems,
        };
        self.is_ended_by_observer |= (self.observe)(&live).is_break();
        status
    }
}
