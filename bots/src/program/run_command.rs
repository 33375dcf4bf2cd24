//! `drumline-bots run`: one run, with its progress, its report and its exit code.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use crate::behaviour::registry::Swarm;
use crate::output::csv;
use crate::output::page::page;
use crate::output::table::table;
use crate::program::INVALID;
use crate::program::command_line::{Options, Output};
use crate::program::processes::form_fleet;
use crate::report::condition::Condition;
use crate::report::figures::Report;
use crate::report::verdict::Verdict;
use crate::scenario::Scenario;
use crate::show::terminal::{Interrupt, ProgressView};

impl Swarm {
    /// Makes a run, prints and writes its report, and judges it.
    pub(super) fn run_once(&self, options: &Options) -> Result<ExitCode, Box<dyn Error>> {
        let (plan, output) = options.plan(std::env::args().collect())?.expect("the command is a run");
        let (flags, _) = options.run().expect("the command is a run");
        let interrupt = Interrupt::listen();
        let mut fleet = form_fleet(flags, &interrupt)?;
        let report = {
            // Dropped before the report is printed, which restores the terminal.
            let mut view = ProgressView::new(output.plain, title(&plan.scenario));
            self.run_anywhere(&plan, fleet.as_mut(), &mut |live| view.update(live, &interrupt))?
        };
        let fail_if = report.scenario.fail_if.iter().map(|condition| condition.parse());
        let verdict = Verdict::of(&report, &fail_if.collect::<Result<Vec<Condition>, _>>()?)?;
        println!("{}", table(&report));
        write_files(&report, &verdict, &output)?;
        Ok(exit_code(&verdict))
    }
}

fn title(scenario: &Scenario) -> String {
    let name = if scenario.name.is_empty() { String::new() } else { format!("{}: ", scenario.name) };
    format!("{name}{} bots in {} rooms of {}", scenario.bots(), scenario.rooms, scenario.game)
}

/// Writes the files that the command line asks for.
fn write_files(report: &Report, verdict: &Verdict, output: &Output) -> Result<(), Box<dyn Error>> {
    let cannot = |path: &Path, error: &dyn Error| format!("cannot write {}: {error}", path.display());
    let json = serde_json::to_string_pretty(report)? + "\n";
    let beside = |extension| output.report.as_ref().map(|page| page.with_extension(extension));
    for path in output.json.iter().chain(&beside("json")) {
        std::fs::write(path, &json).map_err(|error| cannot(path, &error))?;
    }
    if let (Some(path), Some(series)) = (&output.report, beside("csv")) {
        std::fs::write(path, page(report, verdict)).map_err(|error| cannot(path, &error))?;
        let file = std::fs::File::create(&series).map_err(|error| cannot(&series, &error))?;
        csv::write(&report.series, file).map_err(|error| cannot(&series, &error))?;
        eprintln!("drumline-bots: the report is in {}", path.display());
    }
    Ok(())
}

/// The exit code of a run. Prints the reasons if it is not a success.
fn exit_code(verdict: &Verdict) -> ExitCode {
    for failure in &verdict.failures {
        eprintln!("drumline-bots: failed: {failure}");
    }
    for doubt in &verdict.doubts {
        eprintln!("drumline-bots: the figures say nothing about the server: {doubt}");
    }
    match (verdict.is_failure(), verdict.doubts.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, false) => ExitCode::from(INVALID),
        (false, true) => ExitCode::SUCCESS,
    }
}
