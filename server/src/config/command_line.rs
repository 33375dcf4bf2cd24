//! The command line.

use std::path::PathBuf;

use clap::{Arg, ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use super::sections::DeclaredSections;
use super::sources::{ConfigError, Layer, Sources};
use super::{Config, DEFAULT_FILE};

/// The program's name in [`AFTER_HELP`].
const NAME: &str = "NAME";
const AFTER_HELP: &str = "\
Every setting can be made in drumline.toml, by an environment variable, or with --set; later ones in this list \
override earlier ones. `NAME config --print-default` prints a file that explains them all. The variable of a key is \
DRUMLINE_ and the key's name, with two underscores after the section: DRUMLINE_ROOMS__TICK_HZ=60.";

/// The task of an invocation of the program.
#[derive(Debug)]
pub enum Invocation {
    /// Run a server.
    Run {
        /// The settings.
        config: Box<Config>,
        /// The sources of the settings, to load them again.
        sources: Box<Sources>,
    },
    /// Print a text.
    Print(String),
    /// Print the declaration file of the game with this name.
    Types(String),
}

#[derive(Debug, Parser)]
#[command(about = "A game room server for the browser")]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints or checks the configuration
    Config(ConfigCommand),
    /// Prints a game's tables, input and messages as TypeScript types, for the package `drumline`
    Types {
        /// The game's name
        game: String,
    },
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true))]
struct ConfigCommand {
    /// Prints a configuration file with all settings, their defaults and their meaning
    #[arg(long, group = "what")]
    print_default: bool,

    /// Prints the effective settings of the file, the environment and the flags; secrets are hidden
    #[arg(long, group = "what")]
    print: bool,

    /// Checks the effective settings
    #[arg(long, group = "what")]
    check: bool,

    /// The configuration file to check, instead of `--config`
    #[arg(value_name = "FILE", requires = "check")]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Flags {
    /// The address to listen on; port 0 takes any free one [default: 127.0.0.1:7777]
    #[arg(long, value_name = "ADDR", value_parser = |text: &str| built_in("bind", text))]
    bind: Option<Layer>,

    /// The configuration file [default: drumline.toml, if it exists]
    #[arg(long, env = "DRUMLINE_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    /// Any other setting, such as `rooms.tick_hz=60`; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = |text: &str| assignment(text, &DeclaredSections::default()))]
    set: Vec<Layer>,

    /// Threads that run rooms [default: one for each processor]
    #[arg(long, value_name = "N", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.shards", text))]
    shards: Option<Layer>,

    /// Ticks a second [default: the game's own]
    #[arg(long, value_name = "HZ", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.tick_hz", text))]
    tick_hz: Option<Layer>,

    /// Seats in a room [default: the game's own]
    #[arg(long, value_name = "N", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.max_players", text))]
    max_players: Option<Layer>,

    /// The most bytes of a player's snapshot a tick; areas that do not fit wait [default: 4096]
    #[arg(long, value_name = "BYTES", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.budget_bytes", text))]
    budget_bytes: Option<Layer>,

    /// Seconds for which the seat of a player whose connection is lost is held; 0 frees it at once [default: 20]
    #[arg(long, value_name = "SECONDS", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.resume_seconds", text))]
    resume_seconds: Option<Layer>,

    /// The seed of every room's seed, for runs that can be repeated [default: random]
    #[arg(long, value_name = "SEED", help_heading = "Rooms")]
    #[arg(value_parser = |text: &str| built_in("rooms.seed", text))]
    seed: Option<Layer>,

    /// The certificate chain, in PEM; reloaded on SIGHUP
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    #[arg(value_parser = |text: &str| built_in("tls.cert", text))]
    tls_cert: Option<Layer>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    #[arg(value_parser = |text: &str| built_in("tls.key", text))]
    tls_key: Option<Layer>,
}

impl Flags {
    /// The settings of the flags. A flag of its own overrides `--set`.
    fn layers(self) -> Vec<Layer> {
        let rooms =
            [self.shards, self.tick_hz, self.max_players, self.budget_bytes, self.resume_seconds, self.seed];
        let others = [self.bind, self.tls_cert, self.tls_key];
        self.set.into_iter().chain(rooms.into_iter().chain(others).flatten()).collect()
    }
}

/// A setting of the server's own.
fn built_in(path: &str, text: &str) -> Result<Layer, String> {
    Layer::setting(path, text, &DeclaredSections::default())
}

/// Any setting. The sections of an author's own are known only when the program runs, so this parser is put in by then.
fn assignment(text: &str, declared: &DeclaredSections) -> Result<Layer, String> {
    let (path, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as rooms.tick_hz=60")?;
    Layer::setting(path.trim(), value.trim(), declared)
}

/// The program whose command line is parsed.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The sections of the author's own.
    pub declared: DeclaredSections,
}

impl Program {
    fn parse(&self) -> CommandLine {
        let declared = self.declared.clone();
        let set = move |arg: Arg| arg.value_parser(move |text: &str| assignment(text, &declared));
        let own = CommandLine::command().name(self.name).version(self.version).mut_arg("set", set);
        let own = own.after_help(AFTER_HELP.replace(NAME, self.name));
        CommandLine::from_arg_matches(&own.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// Parses the command line of a program, and loads the environment and the file with it. If the command line itself is wrong or
/// asks for help, this ends the program.
///
/// # Errors
/// [`ConfigError`] names the place of the mistake and the allowed values.
pub fn parse_command_line(program: Program) -> Result<Invocation, ConfigError> {
    let CommandLine { command, flags } = program.parse();
    let sources = Sources { file: flags.config.clone(), flags: flags.layers(), declared: program.declared };
    let load = |file: Option<PathBuf>| Sources { file, ..sources.clone() }.load();
    let file = sources.file.clone();
    Ok(match command {
        None => Invocation::Run { config: Box::new(sources.load()?), sources: Box::new(sources) },
        Some(Command::Types { game }) => Invocation::Types(game),
        Some(Command::Config(ConfigCommand { print_default: true, .. })) => {
            Invocation::Print(DEFAULT_FILE.to_owned() + &sources.declared.default_text())
        }
        Some(Command::Config(ConfigCommand { print: true, .. })) => {
            let config = load(file)?;
            let built_in = toml::to_string(&config).expect("sections and keys have a form in TOML");
            Invocation::Print(built_in + &config.sections.text())
        }
        Some(Command::Config(ConfigCommand { file: checked, .. })) => {
            load(checked.or(file))?;
            Invocation::Print("the configuration is valid\n".to_owned())
        }
    })
}
