//! The server as a program.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

use crate::config::sections::Sections;
use crate::config::{Config, Invocation, Program, Sources, parse_command_line};
use crate::declaration::declaration;
use crate::front::auth::settings::AuthMode;
use crate::measure::logs::{Log, start_logging};
use crate::measure::tick_quality;

use super::Server;
use super::reload_signal::ReloadSignal;
use super::shutdown::{Signals, until_end};
use super::start::StartError;

/// The period at which suppressed and dropped log lines are reported.
const REPORT_PERIOD: Duration = Duration::from_secs(10);
/// The program's name, unless its author names it.
const NAME: &str = "drumline";
/// The exit code for a wrong configuration, as for a wrong command line.
const WRONG_CONFIG: u8 = 2;

impl Server {
    /// Runs the server as a program, until Ctrl-C or a termination signal. The [`Config`] comes from `drumline.toml`, the
    /// environment and the command line. The ready line and, at the end, the tick quality of the shards go to standard output,
    /// logs to standard error. The exit code is 2 if the configuration is wrong.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let (name, version) = self.name.unwrap_or((NAME, env!("CARGO_PKG_VERSION")));
        let complain = |error: &dyn Display| complain(name, error);
        if let Some(mistake) = &self.sections.mistake {
            complain(mistake);
            return ExitCode::FAILURE;
        }
        let program = Program { name, version, declared: self.sections.declared.clone() };
        let (config, sources) = match parse_command_line(program) {
            Ok(Invocation::Run { config, sources }) => (config, sources),
            Ok(Invocation::Print(text)) => return print(&text),
            Ok(Invocation::Types(game)) => return self.complete(&Sections::default()).print_types(&game),
            Err(error) => {
                complain(&error);
                return ExitCode::from(WRONG_CONFIG);
            }
        };
        let mut log = start_logging(&config.log);
        let ended = self.run_until_signal(&config, &sources, &mut log);
        // Its lines come before the error.
        drop(log);
        match ended {
            Ok(exit) => exit,
            Err(error) => {
                complain(&error);
                ExitCode::FAILURE
            }
        }
    }

    /// Prints a game's declaration file.
    fn print_types(&self, game: &str) -> ExitCode {
        if let Some(spec) = self.games.iter().find(|spec| spec.name == game) {
            return print(&declaration(spec.name, &spec.schema));
        }
        let names = self.games.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
        complain(
            self.name.map_or(NAME, |(name, _)| name),
            &format_args!("there is no game `{game}`, only {names}"),
        );
        ExitCode::from(WRONG_CONFIG)
    }

    fn run_until_signal(
        self,
        config: &Config,
        sources: &Sources,
        log: &mut Log,
    ) -> Result<ExitCode, StartError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        // Signals are caught before the ready line: its reader may send one at once.
        let mut signals = runtime.block_on(async { Signals::new() })?;
        let has_reloads =
            config.tls.cert.is_some() || config.auth.mode == AuthMode::Jwt || sources.has_file();
        let mut reload_signal = runtime.block_on(async { ReloadSignal::catch(has_reloads) })?;
        let running = self.start(config)?;
        // The server is of use without the reader of this line.
        if let Err(error) = writeln!(io::stdout(), "drumline listening on {}", running.url()) {
            tracing::warn!(%error, "the ready line could not be written to standard output");
        }
        if !running.address().ip().is_loopback() {
            tracing::warn!(address = %running.address(), "other machines can reach this server");
        }
        let exit = runtime.block_on(async {
            let mut reports = tokio::time::interval(REPORT_PERIOD);
            let end = until_end(&running.lobby, &mut signals, config.drain.time());
            tokio::pin!(end);
            loop {
                tokio::select! {
                    exit = &mut end => return exit,
                    _ = reports.tick() => log.report(),
                    never = reload_signal.on_each(|| running.reload(sources)) => match never {},
                }
            }
        });
        tracing::info!("stopping");
        let lobby = Arc::clone(&running.lobby);
        running.stop();
        log.report();
        // The starter of the program may have stopped reading, so this may fail.
        let _ = io::stdout().write_all(tick_quality::table(&lobby.shards()).as_bytes());
        Ok(exit)
    }
}

/// Prints a text, which is all that an invocation is for. A reader that has seen enough may have closed the pipe.
fn print(text: &str) -> ExitCode {
    let mut output = io::stdout();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(NAME, &format_args!("cannot write to standard output: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Says on standard error why the program ends. If nobody can read that, the exit code still says it.
fn complain(program: &str, error: &dyn Display) {
    let _ = writeln!(io::stderr(), "{program}: {error}");
}
