//! `drumline-bots capacity`: the search for the largest number of clients that a server sustains.

use std::error::Error;
use std::process::ExitCode;

use crate::behaviour::registry::Swarm;
use crate::capacity::judge::judge;
use crate::capacity::search::search;
use crate::capacity::{Bottleneck, Capacity, Probe, Search};
use crate::fleet::coordinator::Fleet;
use crate::plan::scenario_file::ScenarioError;
use crate::program::INVALID;
use crate::program::command_line::{CapacityOptions, Grow};
use crate::program::processes::form_fleet;
use crate::run::error::{FleetError, SwarmError};
use crate::scenario::Scenario;
use crate::show::terminal::Interrupt;

impl Swarm {
    /// Searches for the capacity of a server, and prints it.
    pub(super) fn find_capacity(&self, options: &CapacityOptions) -> Result<ExitCode, Box<dyn Error>> {
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
        let mut fleet = form_fleet(&options.flags, &interrupt)?;
        let found = search(&plan, |load| {
            let scenario = match options.grow {
                Grow::Rooms => Scenario { rooms: load, ..base.clone() },
                Grow::PerRoom => Scenario { per_room: load, ..base.clone() },
            };
            let probe = self.probe(options, scenario, fleet.as_mut(), &interrupt)?;
            let outcome = match (probe.valid, probe.missed.as_slice()) {
                (false, _) => "not valid: the swarm itself could not keep up".to_owned(),
                (true, []) => "held".to_owned(),
                (true, missed) => format!("did not hold: {}", missed.join("; ")),
            };
            eprintln!("{:>7} bots: {outcome}", load * unit);
            Ok::<Probe, Box<dyn Error>>(probe)
        })?;
        println!("{}", description(&found));
        Ok(match found {
            Capacity::Found { bottleneck: Bottleneck::Generator, .. }
            | Capacity::LessThan { bottleneck: Bottleneck::Generator, .. } => ExitCode::from(INVALID),
            Capacity::LessThan { .. } => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        })
    }

    /// Makes one run of a search, and judges it.
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
        let report = match self.run_anywhere(&plan, fleet, &mut |_| interrupt.check()) {
            Ok(report) if !report.processes_lost.is_empty() => {
                return Err(FleetError::Lost(report.processes_lost.join("; ")).into());
            }
            Ok(report) if report.ended_early => return Err("interrupted".into()),
            Ok(report) => report,
            // Bots that cannot join are a limit of the server, not an error of the search.
            Err(error @ (SwarmError::Join { .. } | SwarmError::NoneJoined { .. })) => {
                let bottleneck = Some(Bottleneck::Refused);
                return Ok(Probe { bots, missed: vec![error.to_string()], valid: true, bottleneck });
            }
            Err(error) => return Err(error.into()),
        };
        Ok(judge(&report, &options.limits)?)
    }
}

fn description(capacity: &Capacity) -> String {
    match *capacity {
        Capacity::Found { bots, deviation, error, bottleneck } => format!(
            "The server sustains {}{bots:.0} clients (± {error:.0}; the turning points deviate by {:.1} %). \
             The bottleneck: {}.",
            if bottleneck == Bottleneck::Generator { "at least " } else { "" },
            deviation / bots * 100.0,
            bottleneck.description()
        ),
        Capacity::AtLeast { bots } => {
            format!("The server sustains at least {bots} clients, the most that was to be tried (--most).")
        }
        Capacity::LessThan { bots, bottleneck: Bottleneck::Generator } => {
            format!("The swarm cannot tell: even with {bots} bots it could not keep up.")
        }
        Capacity::LessThan { bots, bottleneck } => {
            format!(
                "The server does not sustain even {bots} clients. The bottleneck: {}.",
                bottleneck.description()
            )
        }
    }
}
