//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::net::profile::NetProfile;
use crate::net::transport::TrustedRoots;
use crate::plan::Plan;
use crate::plan::scenario_file::ScenarioError;
use crate::report::condition::{Condition, ConditionError};
use crate::scenario::Scenario;

/// The options of the program.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "drumline-bots",
    version,
    about = "A swarm of real clients that loads a Drumline server and checks it",
    args_conflicts_with_subcommands = true
)]
pub struct Options {
    /// A run without a scenario.
    #[command(flatten)]
    pub flags: Flags,
    /// The output of the run.
    #[command(flatten)]
    pub output: Output,
    /// Run bots for the swarm that listens at this address, as one of its processes
    #[arg(long, value_name = "HOST:PORT", exclusive = true)]
    pub connect: Option<String>,
    /// A command; without one, the flags describe a run.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands of the program.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Run a scenario; flags override its values
    Run {
        /// A file, or a built-in scenario (`drumline-bots scenarios` lists them)
        #[arg(value_name = "FILE|NAME")]
        what: String,
        /// Values that override the scenario's.
        #[command(flatten)]
        flags: Box<Flags>,
        /// The output of the run.
        #[command(flatten)]
        output: Output,
    },
    /// Find the largest number of clients that a server sustains
    Capacity(Box<CapacityOptions>),
    /// Compare the figures of runs, and show which differences may be noise
    Compare {
        /// The runs before, as written by `--json`; several, separated by commas, show the noise better
        #[arg(value_name = "FILE[,FILE…]", value_delimiter = ',', num_args = 1)]
        before: Vec<PathBuf>,
        /// The runs after
        #[arg(value_name = "FILE[,FILE…]", value_delimiter = ',', num_args = 1)]
        after: Vec<PathBuf>,
    },
    /// List the built-in scenarios, and the behaviours of each game's bots
    Scenarios,
}

/// The values of a scenario, and the server.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// The server; wss:// needs --ca
    #[arg(long, default_value = "ws://127.0.0.1:7777", value_name = "URL")]
    pub url: String,

    /// The root certificates to trust, in PEM
    #[arg(long, value_name = "FILE", value_parser = |file: &str| TrustedRoots::read(file))]
    pub ca: Option<TrustedRoots>,

    /// The game to play [default: arena]
    #[arg(long, value_name = "NAME")]
    pub game: Option<String>,

    /// Rooms to open [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub rooms: Option<u32>,

    /// Bots in each room [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub per_room: Option<u32>,

    /// An existing room to join, instead of opening new ones
    #[arg(long, value_name = "ID", conflicts_with = "rooms")]
    pub room: Option<String>,

    /// Bots of a thread that may be joining at the same time [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub at_once: Option<u32>,

    /// Seconds to measure, once all bots have joined [default: 10]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: Option<u32>,

    /// The seed of all randomness [default: 1]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Processes to spread the rooms over; there is one report of all together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub processes: Option<u32>,

    /// Wait at this address for the processes, which may run on other machines (`drumline-bots --connect HOST:PORT`),
    /// instead of starting them
    #[arg(long, value_name = "IP:PORT", requires = "processes")]
    pub listen: Option<SocketAddr>,

    /// Threads to spread the rooms over, in each process [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub threads: Option<u32>,

    /// The bots' behaviours, by weight: chase=7,wander=2,spam=1; `drumline-bots scenarios` lists them
    #[arg(long, value_name = "NAME=WEIGHT", value_delimiter = ',', value_parser = weight)]
    pub behaviours: Vec<(String, f64)>,

    /// Number of bots, one in each of the first rooms, that stop reading one second into the measurement [default: 0]
    #[arg(long, value_name = "N")]
    pub stall_bots: Option<u32>,

    /// Seconds for which they stop reading [default: 5]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub stall_seconds: Option<u32>,

    /// The local address of the first bot; the others use those after it. All of 127.0.0.0/8 belongs to this machine
    #[arg(long, value_name = "IP")]
    pub from: Option<Ipv4Addr>,

    /// The simulated network between bots and server: lan, wifi, 4g, bad, or any parts of
    /// delay=60ms,jitter=20ms,stall=1%:300ms, bandwidth=256kbit,drop=conn:0.1/s
    #[arg(long, value_name = "PROFILE", value_parser = network)]
    pub net: Option<String>,
}

/// The output of a run.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct Output {
    /// Write the figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write a page with plots to this file; the figures go beside it as .json and, second by second, as .csv
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Conditions that make the run a failure, with exit code 1: figures of the JSON and bounds, as in
    /// `'interval_ms_p99>60' 'mismatches>0'`
    #[arg(long, value_name = "CONDITION", num_args = 1.., value_parser = condition)]
    pub fail_if: Vec<Condition>,

    /// Show lines instead of the dashboard, as if there were no terminal
    #[arg(long)]
    pub plain: bool,
}

/// The options of a search for a server's capacity.
#[derive(Debug, Clone, Args)]
pub struct CapacityOptions {
    /// Conditions that each run has to meet
    #[arg(long = "limit", value_name = "CONDITION", num_args = 1.., required = true, value_parser = condition)]
    pub limits: Vec<Condition>,

    /// The load to increase: the number of rooms, or of bots in each room
    #[arg(long, value_enum, default_value_t = Grow::Rooms)]
    pub grow: Grow,

    /// The most bots to try
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub most: u32,

    /// The step of the load near the limit, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 4.0)]
    pub step: f64,

    /// The number of turning points to find near the limit
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(2..=100))]
    pub turns: u16,

    /// The values of each run
    #[command(flatten)]
    pub flags: Flags,
}

/// The load that a search increases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grow {
    /// The number of rooms.
    Rooms,
    /// The number of bots in each room.
    PerRoom,
}

fn condition(text: &str) -> Result<Condition, ConditionError> {
    let condition: Condition = text.parse()?;
    condition.check()?;
    Ok(condition)
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let (name, weight) = text.split_once('=').unwrap_or((text, "1"));
    let number = weight.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    let number = number.ok_or_else(|| format!("`{weight}` is not a weight; write one like {name}=3"))?;
    Ok((name.to_owned(), number))
}

fn network(text: &str) -> Result<String, String> {
    NetProfile::find(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

impl Options {
    /// The flags and output of a run; `None` for other commands.
    #[must_use]
    pub fn run(&self) -> Option<(&Flags, &Output)> {
        match &self.command {
            None => Some((&self.flags, &self.output)),
            Some(Command::Run { flags, output, .. }) => Some((flags, output)),
            Some(_) => None,
        }
    }

    /// The plan and output of a run; `None` for other commands. `command` is the command line, for the report.
    ///
    /// # Errors
    /// [`ScenarioError`] if the scenario is unknown or not valid.
    pub fn plan(&self, command: Vec<String>) -> Result<Option<(Plan, Output)>, ScenarioError> {
        let Some((flags, output)) = self.run() else { return Ok(None) };
        let mut scenario = flags.change(match &self.command {
            Some(Command::Run { what, .. }) => Scenario::find(what)?,
            _ => Scenario::default(),
        });
        scenario.fail_if.extend(output.fail_if.iter().map(Condition::to_string));
        scenario.check().map_err(ScenarioError::Flags)?;
        Ok(Some((flags.plan(scenario, command), output.clone())))
    }
}

impl Flags {
    /// A plan that runs this scenario against the server of these flags.
    #[must_use]
    pub fn plan(&self, scenario: Scenario, command: Vec<String>) -> Plan {
        let (url, trust, room) = (self.url.clone(), self.ca.clone(), self.room.clone());
        Plan { url, trust, room, from: self.from, scenario, command }
    }

    /// A scenario with these flags' values in place of its own.
    #[must_use]
    pub fn change(&self, base: Scenario) -> Scenario {
        let behaviours = self.behaviours.iter().cloned().collect();
        let networks = self.net.iter().map(|net| (net.clone(), 1.0)).collect();
        Scenario {
            game: self.game.clone().unwrap_or(base.game),
            rooms: if self.room.is_some() { 1 } else { self.rooms.unwrap_or(base.rooms) },
            per_room: self.per_room.unwrap_or(base.per_room),
            joins_at_once: self.at_once.unwrap_or(base.joins_at_once),
            seconds: self.seconds.unwrap_or(base.seconds),
            seed: self.seed.unwrap_or(base.seed),
            threads: self.threads.unwrap_or(base.threads),
            behaviours: if self.behaviours.is_empty() { base.behaviours } else { behaviours },
            networks: if self.net.is_none() { base.networks } else { networks },
            stall_bots: self.stall_bots.unwrap_or(base.stall_bots),
            stall_seconds: self.stall_seconds.unwrap_or(base.stall_seconds),
            ..base
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::arrival_pattern::Arrival;

    fn plan(arguments: &[&str]) -> Plan {
        let options = Options::try_parse_from([&["drumline-bots"], arguments].concat()).unwrap();
        options.plan(Vec::new()).unwrap().unwrap().0
    }

    #[test]
    fn flags_alone_are_a_scenario() {
        assert_eq!(plan(&[]).scenario, Scenario::default());
        let given = plan(&["--room", "a", "--per-room", "3", "--net", "delay=5ms", "--at-once", "2"]);
        assert_eq!(given.room.as_deref(), Some("a"));
        let Scenario { rooms, per_room, joins_at_once, arrival, .. } = given.scenario;
        assert_eq!((rooms, per_room, joins_at_once, arrival), (1, 3, 2, Arrival::AtOnce));
        assert_eq!(given.scenario.networks.keys().collect::<Vec<_>>(), ["delay=5ms"]);
        assert!(Options::try_parse_from(["drumline-bots", "--room", "a", "--rooms", "2"]).is_err());
        assert!(Options::try_parse_from(["drumline-bots", "--net", "lag"]).is_err());
    }

    #[test]
    fn flags_override_a_scenarios_values() {
        let plain = plan(&["run", "storm"]).scenario;
        let changed = plan(&["run", "storm", "--rooms", "3", "--behaviours", "idle=2,spam"]).scenario;
        assert_eq!((plain.rooms, changed.rooms), (20, 3));
        let behaviours = [("idle".to_owned(), 2.0), ("spam".to_owned(), 1.0)];
        assert_eq!(changed, Scenario { rooms: 3, behaviours: behaviours.into(), ..plain });
        assert!(Options::try_parse_from(["drumline-bots", "--rooms", "3", "run", "storm"]).is_err());
        assert!(Options::try_parse_from(["drumline-bots", "--behaviours", "idle=much"]).is_err());
    }

    #[test]
    fn listing_scenarios_is_not_a_run() {
        let options = Options::try_parse_from(["drumline-bots", "scenarios"]).unwrap();
        assert!(options.plan(Vec::new()).unwrap().is_none());
        let unknown = Options::try_parse_from(["drumline-bots", "run", "nothing"]).unwrap();
        assert!(unknown.plan(Vec::new()).unwrap_err().to_string().contains("smoke"));
    }
}
