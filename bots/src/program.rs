//! The program: runs a swarm, shows how far it is, prints a table, and fails if the server did.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::behaviour::registry::Swarm;
use crate::observe::{Live, Stage};
use crate::options::{Options, Output};
use crate::report::Report;
use crate::scenario::Scenario;
use crate::swarm::{Plan, SwarmError};
use crate::table::table;

/// Time between two lines of progress where there is no terminal.
const LINE_PERIOD: Duration = Duration::from_secs(5);
/// The exit code if what was asked for cannot be understood, …
const MISUSED: u8 = 2;
/// … and if the swarm itself could not keep up, so that its figures say nothing of the server.
const INVALID: u8 = 3;

impl Swarm {
    /// The whole program: does what the command line asks for. A program of one's own ends with this.
    #[must_use]
    pub fn main(self) -> ExitCode {
        let options = Options::parse();
        // Each bot is a socket; a refusal here shows up as a failed connection with its own message.
        let _ = rlimit::increase_nofile_limit(1 << 20);
        let words = std::env::args().collect();
        let (plan, output) = match options.plan(words) {
            Ok(Some(plan)) => plan,
            Ok(None) => {
                self.list();
                return ExitCode::SUCCESS;
            }
            Err(error) => {
                eprintln!("drumline-bots: {error}");
                return ExitCode::from(MISUSED);
            }
        };
        match self.run_and_show(&plan, &output) {
            Ok(report) => judge(&report),
            Err(error) => {
                eprintln!("drumline-bots: {error}");
                let misused =
                    error.downcast_ref().is_some_and(|error| matches!(error, SwarmError::Scenario(_)));
                if misused { ExitCode::from(MISUSED) } else { ExitCode::FAILURE }
            }
        }
    }

    fn run_and_show(&self, plan: &Plan, output: &Output) -> Result<Report, Box<dyn std::error::Error>> {
        let report = if std::io::stderr().is_terminal() {
            self.run_with_bar(plan)?
        } else {
            self.run_with_lines(plan)?
        };
        println!("{}", table(&report));
        if let Some(path) = &output.json {
            std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        Ok(report)
    }

    /// Shows progress as a bar: first the bots that have joined, then the seconds measured.
    fn run_with_bar(&self, plan: &Plan) -> Result<Report, Box<dyn std::error::Error>> {
        let bar = ProgressBar::new(plan.scenario.bots());
        bar.set_style(
            ProgressStyle::with_template("{msg:>10} [{bar:40}] {pos}/{len}")?.progress_chars("=> "),
        );
        let report = self.run(plan, &mut |live| {
            if live.phase == Stage::Joining {
                bar.set_message("joining");
                bar.set_position(live.counts.joined);
            } else {
                bar.set_message("seconds");
                bar.set_length(live.wanted.as_secs());
                bar.set_position(live.measured.as_secs());
            }
            ControlFlow::Continue(())
        });
        bar.finish_and_clear();
        Ok(report?)
    }

    /// Shows progress as a line now and then, for logs.
    fn run_with_lines(&self, plan: &Plan) -> Result<Report, SwarmError> {
        let mut next = Instant::now();
        self.run(plan, &mut |live| {
            if Instant::now() >= next {
                next = Instant::now() + LINE_PERIOD;
                eprintln!("{}", line(live));
            }
            ControlFlow::Continue(())
        })
    }

    /// Prints the scenarios that come along, and what bots of each game can do.
    fn list(&self) {
        println!("Scenarios (drumline-bots run NAME):");
        for Scenario { name, about, .. } in Scenario::named() {
            println!("  {name:<8} {about}");
        }
        println!("Behaviours (the first is what bots do if nothing is said):");
        for game in self.games() {
            let names: Vec<&str> = game.behaviour_names().collect();
            println!("  {:<8} {}", game.spec.name, names.join(", "));
        }
    }
}

fn line(live: &Live<'_>) -> String {
    let counts = &live.counts;
    match live.phase {
        Stage::Joining => format!("{} of {} bots have joined", counts.joined, counts.bots),
        Stage::Measuring => {
            let (measured, wanted) = (live.measured.as_secs(), live.wanted.as_secs());
            format!("{measured} of {wanted} s measured, {} bots are there", counts.present)
        }
        Stage::Ending => format!("{} bots say goodbye", counts.present),
    }
}

/// The exit code for a run, with words if it is not a good one.
fn judge(report: &Report) -> ExitCode {
    if !report.is_clean() {
        let Report { mismatches, resume_failures, closes, join_failures, .. } = report;
        eprintln!(
            "drumline-bots: {mismatches} mismatches; {resume_failures} not resumed; closes: {closes:?}; not joined: \
             {join_failures:?}"
        );
    }
    if !report.valid {
        eprintln!(
            "drumline-bots: the figures say nothing of the server: {}",
            report.invalid_because.join("; ")
        );
    }
    match (report.is_clean(), report.valid) {
        (false, _) => ExitCode::FAILURE,
        (true, false) => ExitCode::from(INVALID),
        (true, true) => ExitCode::SUCCESS,
    }
}
