//! Running on the processes that the command line asks for: this one alone, or those of a fleet.

use std::error::Error;
use std::ops::ControlFlow;
use std::thread;

use crate::behaviour::registry::Swarm;
use crate::fleet::coordinator::Fleet;
use crate::fleet::listener::FleetListener;
use crate::measure::live::Live;
use crate::plan::Plan;
use crate::program::command_line::Flags;
use crate::report::figures::Report;
use crate::run::error::SwarmError;
use crate::run::supervisor::STEP;
use crate::show::terminal::Interrupt;

impl Swarm {
    /// Runs a plan on a fleet, or on this process if there is none.
    pub(super) fn run_anywhere(
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
}

/// Starts the processes of a fleet, or waits for them to connect; `None` if no other processes are asked for.
pub(super) fn form_fleet(flags: &Flags, interrupt: &Interrupt) -> Result<Option<Fleet>, Box<dyn Error>> {
    let (processes, address) = match (flags.processes, flags.listen) {
        (Some(processes), Some(address)) => (processes, address),
        (Some(processes), None) => return Ok(Some(Fleet::spawn(processes)?)),
        (None, _) => return Ok(None),
    };
    let mut listener = FleetListener::listen(address, processes)?;
    let address = listener.address()?;
    eprintln!("drumline-bots: waiting for {processes} × `drumline-bots --connect {address}`");
    loop {
        match listener.accept() {
            Ok(Some(name)) => {
                eprintln!("drumline-bots: {name} has connected: {} of {processes}", listener.count());
            }
            Ok(None) => thread::sleep(STEP),
            Err(error) => {
                eprintln!("drumline-bots: {error}");
                thread::sleep(STEP);
            }
        }
        listener = match listener.into_fleet() {
            Ok(fleet) => return Ok(Some(fleet)),
            Err(listener) => *listener,
        };
        if interrupt.check().is_break() {
            return Err("interrupted".into());
        }
    }
}
