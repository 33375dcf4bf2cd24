//! Servers and runs for these tests.

use std::ops::ControlFlow;

use clap::Parser;
use drumline::{Config, RoomsConfig, Running, Server};
use drumline_arena::Arena;
use drumline_bots::{Live, Options, Plan, Report, Scenario, Swarm, SwarmError};

/// A server of the arena, with these settings of its rooms.
pub fn server(rooms: RoomsConfig) -> Running {
    Server::new().game::<Arena>().start(&Config { rooms, ..Config::on_free_port() }).unwrap()
}

/// A plan that runs a scenario against a server.
pub fn plan(server: &Running, scenario: Scenario) -> Plan {
    Plan { url: format!("ws://{}", server.address()), scenario, ..Plan::default() }
}

/// The options of a command line.
pub fn options(arguments: &[&str]) -> Options {
    Options::parse_from([&["drumline-bots"], arguments].concat())
}

/// Runs a swarm as the options say.
pub fn run(options: &Options, mut observe: impl FnMut(&Live<'_>)) -> Result<Report, SwarmError> {
    let (plan, _) = options.plan(Vec::new()).unwrap().unwrap();
    Swarm::shipped().run(&plan, &mut |live| {
        observe(live);
        ControlFlow::Continue(())
    })
}
