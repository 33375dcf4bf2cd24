//! The program: runs a swarm, shows how far it is, prints what came of it, and fails if the server did.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};

use crate::behaviour::registry::Swarm;
use crate::capacity::{Capacity, GaveWay, Probe, Search, judge, search};
use crate::compare::{Change, Difference, compare, doubts};
use crate::condition::Condition;
use crate::csv;
use crate::fleet::{Fleet, FleetError, Gathering, PIPES};
use crate::observe::Live;
use crate::options::{CapacityOptions, Command, Flags, Grow, Options, Output};
use crate::page::page;
use crate::report::Report;
use crate::scenario::{Scenario, ScenarioError};
use crate::show::{Interrupt, Show};
use crate::swarm::{Plan, STEP, SwarmError};
use crate::table::table;
use crate::verdict::Verdict;

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
        let done = match (&options.connect, &options.command) {
            (Some(address), _) => self.work_for(address),
            (None, Some(Command::Scenarios)) => Ok(self.list()),
            (None, Some(Command::Compare { before, after })) => compare_files(before, after),
            (None, Some(Command::Capacity(options))) => self.find_capacity(options),
            (None, None | Some(Command::Run { .. })) => self.run_once(&options),
        };
        done.unwrap_or_else(|error| {
            eprintln!("drumline-bots: {error}");
            let misused = error.is::<ScenarioError>()
                || error.downcast_ref().is_some_and(|error| matches!(error, SwarmError::Scenario(_)));
            if misused { ExitCode::from(MISUSED) } else { ExitCode::FAILURE }
        })
    }

    fn run_once(&self, options: &Options) -> Result<ExitCode, Box<dyn Error>> {
        let (plan, output) = options.plan(std::env::args().collect())?.expect("it is a run");
        let interrupt = Interrupt::listen();
        let mut fleet = gather(options.run().expect("it is a run").0, &interrupt)?;
        let report = {
            let mut show = Show::new(output.plain, title(&plan.scenario));
            self.run_anywhere(&plan, fleet.as_mut(), &mut |live| show.update(live, &interrupt))?
        };
        let fail_if = report.scenario.fail_if.iter().map(|words| words.parse());
        let verdict = Verdict::of(&report, &fail_if.collect::<Result<Vec<Condition>, _>>()?)?;
        println!("{}", table(&report));
        write(&report, &verdict, &output)?;
        Ok(exit_code(&verdict))
    }

    /// Is a process of a swarm that another one watches over.
    fn work_for(&self, address: &str) -> Result<ExitCode, Box<dyn Error>> {
        if address == PIPES {
            self.serve_parent()?;
        } else {
            self.connect(address, &mut |words| eprintln!("drumline-bots: {words}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn run_anywhere(
        &self,
        plan: &Plan,
        fleet: Option<&mut Fleet>,
        observe: &mut dyn FnMut(&Live<'_>) -> ControlFlow<()>,
    ) -> Result<Report, SwarmError> {
        match fleet {
            Some(fleet) => self.run_on(fleet, plan, observe),
            None => self.run(plan, observe),
        }
    }

    /// Prints the scenarios that come along, and what bots of each game can do.
    fn list(&self) -> ExitCode {
        println!("Scenarios (drumline-bots run NAME):");
        for Scenario { name, about, .. } in Scenario::named() {
            println!("  {name:<8} {about}");
        }
        println!("Behaviours (the first is what bots do if nothing is said):");
        for game in self.games() {
            let names: Vec<&str> = game.behaviour_names().collect();
            println!("  {:<8} {}", game.spec.name, names.join(", "));
        }
        ExitCode::SUCCESS
    }

    fn find_capacity(&self, options: &CapacityOptions) -> Result<ExitCode, Box<dyn Error>> {
        let base = options.flags.change(Scenario::default());
        base.check().map_err(ScenarioError::Flags)?;
        let (unit, first) = match options.grow {
            Grow::Rooms => (base.per_room, base.rooms),
            Grow::PerRoom => (base.rooms, base.per_room),
        };
        let (most, step) = ((options.most / unit).max(1), options.step / 100.0);
        let limits = options.limits.clone();
        let plan = Search { limits, first, most, unit, step, turns: options.turns.into() };
        let interrupt = Interrupt::listen();
        let mut fleet = gather(&options.flags, &interrupt)?;
        let found = search(&plan, |load| {
            let scenario = match options.grow {
                Grow::Rooms => Scenario { rooms: load, ..base.clone() },
                Grow::PerRoom => Scenario { per_room: load, ..base.clone() },
            };
            let probe = self.probe(options, scenario, fleet.as_mut(), &interrupt)?;
            let outcome = match (probe.valid, probe.missed.as_slice()) {
                (false, _) => "says nothing: the swarm could not keep up".to_owned(),
                (true, []) => "held".to_owned(),
                (true, missed) => format!("did not hold: {}", missed.join("; ")),
            };
            eprintln!("{:>7} bots: {outcome}", load * unit);
            Ok::<Probe, Box<dyn Error>>(probe)
        })?;
        println!("{}", in_words(&found));
        Ok(match found {
            Capacity::Found { gave_way: GaveWay::Generator, .. }
            | Capacity::LessThan { gave_way: GaveWay::Generator, .. } => ExitCode::from(INVALID),
            Capacity::LessThan { .. } => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        })
    }

    fn probe(
        &self,
        options: &CapacityOptions,
        scenario: Scenario,
        fleet: Option<&mut Fleet>,
        interrupt: &Interrupt,
    ) -> Result<Probe, Box<dyn Error>> {
        let bots = scenario.bots() as u32;
        scenario.check().map_err(ScenarioError::Flags)?;
        let plan = options.flags.plan(scenario, std::env::args().collect());
        let report = match self.run_anywhere(&plan, fleet, &mut |_| interrupt.goes_on()) {
            Ok(report) if !report.processes_lost.is_empty() => {
                return Err(FleetError::Lost(report.processes_lost.join("; ")).into());
            }
            Ok(report) if report.ended_early => return Err("interrupted".into()),
            Ok(report) => report,
            Err(error @ (SwarmError::Join { .. } | SwarmError::NoneJoined { .. })) => {
                let gave_way = Some(GaveWay::Refused);
                return Ok(Probe { bots, missed: vec![error.to_string()], valid: true, gave_way });
            }
            Err(error) => return Err(error.into()),
        };
        Ok(judge(&report, &options.limits)?)
    }
}

/// Brings the processes together, if there are to be others than this one.
fn gather(flags: &Flags, interrupt: &Interrupt) -> Result<Option<Fleet>, Box<dyn Error>> {
    let (processes, address) = match (flags.processes, flags.listen) {
        (Some(processes), Some(address)) => (processes, address),
        (Some(processes), None) => return Ok(Some(Fleet::spawn(processes)?)),
        (None, _) => return Ok(None),
    };
    let mut gathering = Gathering::listen(address, processes)?;
    let at = gathering.address()?;
    eprintln!("drumline-bots: waiting for {processes} × `drumline-bots --connect {at}`");
    loop {
        match gathering.take_next() {
            Ok(Some(name)) => {
                eprintln!("drumline-bots: {name} is here: {} of {processes}", gathering.count());
            }
            Ok(None) => thread::sleep(STEP),
            Err(error) => {
                eprintln!("drumline-bots: {error}");
                thread::sleep(STEP);
            }
        }
        gathering = match gathering.fleet() {
            Ok(fleet) => return Ok(Some(fleet)),
            Err(gathering) => *gathering,
        };
        if interrupt.goes_on().is_break() {
            return Err("interrupted".into());
        }
    }
}

fn title(scenario: &Scenario) -> String {
    let name = if scenario.name.is_empty() { String::new() } else { format!("{}: ", scenario.name) };
    format!("{name}{} bots in {} rooms of {}", scenario.bots(), scenario.rooms, scenario.game)
}

/// Writes a run's files.
fn write(report: &Report, verdict: &Verdict, output: &Output) -> Result<(), Box<dyn Error>> {
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

/// The exit code for a run, with words if it is not a good one.
fn exit_code(verdict: &Verdict) -> ExitCode {
    for failure in &verdict.failures {
        eprintln!("drumline-bots: failed: {failure}");
    }
    for doubt in &verdict.doubts {
        eprintln!("drumline-bots: the figures say nothing of the server: {doubt}");
    }
    match (verdict.is_failure(), verdict.doubts.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, false) => ExitCode::from(INVALID),
        (false, true) => ExitCode::SUCCESS,
    }
}

fn in_words(capacity: &Capacity) -> String {
    match *capacity {
        Capacity::Found { bots, deviation, error, gave_way } => format!(
            "The server sustains {}{bots:.0} clients (± {error:.0}; single runs turned within {:.1} % of that). \
             What gave way: {}.",
            if gave_way == GaveWay::Generator { "at least " } else { "" },
            deviation / bots * 100.0,
            gave_way.words()
        ),
        Capacity::AtLeast { bots } => {
            format!("The server sustains at least {bots} clients, which was the most to try (--most).")
        }
        Capacity::LessThan { bots, gave_way: GaveWay::Generator } => {
            format!("The swarm cannot tell: even with {bots} bots it could not keep up.")
        }
        Capacity::LessThan { bots, gave_way } => {
            format!("The server does not sustain even {bots} clients. What gave way: {}.", gave_way.words())
        }
    }
}

fn compare_files(before: &[PathBuf], after: &[PathBuf]) -> Result<ExitCode, Box<dyn Error>> {
    let read = |paths: &[PathBuf]| paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>();
    let (before, after) = (read(before)?, read(after)?);
    for doubt in doubts(&before, &after) {
        eprintln!("drumline-bots: {doubt}");
    }
    println!("{}", difference_table(&compare(&before, &after)));
    if before.len() < 2 || after.len() < 2 {
        println!("The noise is that between the seconds of a run; several runs on each side tell more.");
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Report, Box<dyn Error>> {
    let cannot = |error: &dyn Error| format!("cannot read {}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| cannot(&error))?;
    Ok(serde_json::from_str(&text).map_err(|error| cannot(&error))?)
}

fn difference_table(differences: &[Difference]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["figure", "before", "after", "change", "noise", ""]);
    for Difference { name, before, after, noise, change } in differences {
        let percent = |value: f64| format!("{:.1} %", value / before * 100.0);
        table.add_row([
            (*name).to_owned(),
            format!("{before:.2}"),
            format!("{after:.2}"),
            format!("{:+.1} %", (after / before - 1.0) * 100.0),
            noise.map_or_else(|| "unknown".to_owned(), |noise| format!("± {}", percent(noise))),
            match change {
                Change::WithinNoise => "within the noise",
                Change::Better => "better",
                Change::Worse => "worse",
                Change::Unknown => "too short to tell",
            }
            .to_owned(),
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
