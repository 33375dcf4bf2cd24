//! The program's log: on standard error, as text or JSON, and rate-limited so that nobody can fill a disk with it.

mod throttle;

use std::io::{self, IsTerminal};
use std::panic;

use serde::{Deserialize, Serialize};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use serde::de::{Deserializer, Error, Unexpected};

use crate::measure::panic_message::panic_message;
use crate::settings::bounds;

use throttle::Throttle;
pub use throttle::{SuppressedReporter, suppressed_lines};

/// The `[log]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct LogConfig {
    /// The lines to log, as directives of `tracing_subscriber`.
    #[serde(deserialize_with = "log_filter")]
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
    /// The most lines a second from one place in the program, beyond a burst of twenty seconds' worth; 0 is no limit.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 100_000>")]
    pub lines_per_second: u32,
}

/// The form of a line of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, for people.
    #[default]
    Text,
    /// A JSON object with all fields, for programs.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text, lines_per_second: 10 }
    }
}

/// Starts the program's log. Returns the reporter of suppressed lines.
///
/// # Panics
/// If the log is already started.
#[must_use]
pub fn start_logging(config: &LogConfig) -> SuppressedReporter {
    let filter = EnvFilter::new(&config.filter);
    let throttle = Throttle::new(config.lines_per_second);
    let suppressed = throttle.suppressed();
    let lines = match config.format {
        LogFormat::Text => fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(throttle).with(filter).init();
    // The default hook would write lines of another form between the log's.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, panic = panic_message(panic.payload()), "a panic");
    }));
    suppressed
}

/// Directives of `tracing_subscriber`.
fn log_filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let expected = "off, error, warn, info, debug, trace, or directives such as info,drumline=debug";
    match EnvFilter::builder().parse(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(D::Error::invalid_value(Unexpected::Str(&text), &expected)),
    }
}
