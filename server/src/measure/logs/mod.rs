//! The program's log: on standard error, as text or JSON, rate-limited so that nobody can fill a disk with it, and written by a
//! thread of its own so that nothing waits for its reader.

mod queue;
mod throttle;

use std::io::{self, IsTerminal};
use std::panic;

use serde::{Deserialize, Serialize};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use serde::de::{Deserializer, Error, Unexpected};

use crate::measure::panic_message::panic_message;
use crate::net::shown_address::AddressForm;
use crate::settings::bounds;

use queue::{DroppedReporter, Flush};
use throttle::{SuppressedReporter, Throttle};

pub use queue::dropped_lines;
pub use throttle::suppressed_lines;

/// The `[log]` section.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct LogConfig {
    /// The lines to log, as directives of `tracing_subscriber`.
    #[serde(deserialize_with = "log_filter")]
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
    /// The form of clients' addresses.
    pub addresses: AddressForm,
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
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
            addresses: AddressForm::Full,
            lines_per_second: 10,
        }
    }
}

/// The program's log. When it is dropped, the lines that still wait are written, unless that takes longer than about a second.
#[derive(Debug)]
#[must_use]
pub struct Log {
    suppressed: SuppressedReporter,
    dropped: DroppedReporter,
    _flush: Flush,
}

impl Log {
    /// Logs the lines that were suppressed or dropped since the last report.
    pub fn report(&mut self) {
        self.suppressed.report();
        self.dropped.report();
    }
}

/// Starts the program's log.
///
/// # Panics
/// If the log is already started.
pub fn start_logging(config: &LogConfig) -> Log {
    config.addresses.set();
    let filter = EnvFilter::new(&config.filter);
    let throttle = Throttle::new(config.lines_per_second);
    let suppressed = throttle.suppressed();
    let (queue, flush) = queue::start();
    let lines = match config.format {
        LogFormat::Text => fmt::layer().with_writer(queue).with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(queue).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(throttle).with(filter).init();
    // The default hook would write lines of another form between the log's.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, panic = panic_message(panic.payload()), "a panic");
    }));
    Log { suppressed, dropped: DroppedReporter::default(), _flush: flush }
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
