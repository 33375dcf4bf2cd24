//! The program: it runs a swarm, shows its progress, prints and writes its report, and fails if the server did.

mod capacity_command;
pub mod command_line;
mod compare_command;
mod processes;
mod run_command;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::behaviour::registry::Swarm;
use crate::fleet::coordinator::PIPES;
use crate::plan::scenario_file::ScenarioError;
use crate::program::command_line::{Command, Options};
use crate::run::error::SwarmError;
use crate::scenario::Scenario;

/// The exit code if the command line or the scenario is wrong.
const MISUSED: u8 = 2;
/// The exit code if the swarm itself could not keep up, so that its figures say nothing about the server.
const INVALID: u8 = 3;

impl Swarm {
    /// The whole program: does what the command line asks for. An author's own swarm program ends with this call.
    #[must_use]
    pub fn main(self) -> ExitCode {
        let options = Options::parse();
        // Each bot needs a socket. If the limit cannot be raised, connections fail with a message of their own.
        let _ = rlimit::increase_nofile_limit(1 << 20);
        let result = match (&options.connect, &options.command) {
            (Some(address), _) => self.serve_coordinator(address),
            (None, Some(Command::Scenarios)) => Ok(self.list()),
            (None, Some(Command::Compare { before, after })) => compare_command::compare_files(before, after),
            (None, Some(Command::Capacity(options))) => self.find_capacity(options),
            (None, None | Some(Command::Run { .. })) => self.run_once(&options),
        };
        result.unwrap_or_else(|error| {
            eprintln!("drumline-bots: {error}");
            let misused = error.is::<ScenarioError>()
                || error.downcast_ref().is_some_and(|error| matches!(error, SwarmError::Scenario(_)));
            if misused { ExitCode::from(MISUSED) } else { ExitCode::FAILURE }
        })
    }

    /// Runs bots as a process of another swarm.
    fn serve_coordinator(&self, address: &str) -> Result<ExitCode, Box<dyn Error>> {
        if address == PIPES {
            self.serve_parent()?;
        } else {
            self.connect(address, &mut |progress| eprintln!("drumline-bots: {progress}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints the built-in scenarios, and the behaviours of each game's bots.
    fn list(&self) -> ExitCode {
        println!("Scenarios (drumline-bots run NAME):");
        for Scenario { name, about, .. } in Scenario::named() {
            println!("  {name:<8} {about}");
        }
        println!("Behaviours (the first is the default):");
        for game in self.games() {
            let names: Vec<&str> = game.behaviour_names().collect();
            println!("  {:<8} {}", game.spec.name, names.join(", "));
        }
        ExitCode::SUCCESS
    }
}
