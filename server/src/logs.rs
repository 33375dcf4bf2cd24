//! The log of the program: on standard error, for people or for programs, and never so much that it fills a disk.

mod throttle;

use std::io::{self, IsTerminal};
use std::panic;

use serde::{Deserialize, Serialize};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::checked;
use crate::contain::message_of;

use throttle::Throttle;
pub use throttle::{Suppressed, suppressed_lines};

/// The settings of logs.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct LogConfig {
    /// What is logged, as directives of `tracing_subscriber`.
    #[serde(deserialize_with = "checked::log_filter")]
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
    /// How many lines a second may come of one place in the program, once it has written twenty seconds' worth; all if zero.
    #[serde(deserialize_with = "checked::within::<_, _, 0, 100_000>")]
    pub lines_per_second: u32,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object with all fields, for programs.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text, lines_per_second: 10 }
    }
}

/// Starts the log of the program, and returns what tells of the lines that it leaves out.
///
/// # Panics
/// If there is a log already.
#[must_use]
pub fn start_logging(config: &LogConfig) -> Suppressed {
    let filter = EnvFilter::new(&config.filter);
    let throttle = Throttle::new(config.lines_per_second);
    let suppressed = throttle.suppressed();
    let lines = match config.format {
        LogFormat::Text => fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(throttle).with(filter).init();
    // A panic's own words would stand between the lines.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, panic = message_of(panic.payload()), "a panic");
    }));
    suppressed
}
