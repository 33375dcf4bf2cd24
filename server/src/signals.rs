//! How the program is told to end, and how it does.

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::server::Running;

/// How often it is looked whether all rooms have ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A drain takes at least as long: who has asked for it gets the answer.
const SHORTEST_DRAIN: Duration = Duration::from_millis(200);
/// By custom, a program that a signal ends has the signal's number and this for its exit code.
const EXIT_BY_SIGNAL: u8 = 128;

/// A signal that means the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C: a person who wants it now.
    Interrupt,
    /// What supervisors send.
    Terminate,
}

impl Signal {
    fn exit_code(self) -> ExitCode {
        ExitCode::from(EXIT_BY_SIGNAL + if self == Self::Interrupt { 2 } else { 15 })
    }
}

/// Waits for the end, and says with which exit code. An interrupt ends the program at once. A termination, or an operator's
/// order, drains it; a signal while that is under way ends it at once, and then it was not the end that was asked for.
pub async fn until_end(running: &Running, signals: &mut Signals, drain_time: Duration) -> ExitCode {
    let drain = running.lobby().drain();
    tokio::select! {
        signal = signals.next() => match signal {
            Signal::Interrupt => return ExitCode::SUCCESS,
            Signal::Terminate => drain.begin(drain_time, Instant::now()),
        },
        () = drain.begun() => {}
    }
    tokio::select! {
        () = drained(running) => ExitCode::SUCCESS,
        signal = signals.next() => {
            tracing::warn!("a second signal: not waiting for the rooms that are left");
            signal.exit_code()
        }
    }
}

async fn drained(running: &Running) {
    tokio::time::sleep(SHORTEST_DRAIN).await;
    while !running.is_empty() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The signals of the operating system.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Catches them from the call on.
    ///
    /// # Errors
    /// If the operating system does not let it.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

/// The signals of the operating system: Ctrl-C alone.
#[cfg(windows)]
#[derive(Debug)]
pub struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Catches it from the call on.
    ///
    /// # Errors
    /// If the operating system does not let it.
    pub fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::Interrupt
    }
}
