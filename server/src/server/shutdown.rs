//! The program's end: shutdown signals, and draining before it.

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::lobby::Lobby;

/// The period at which a draining server checks whether all rooms have ended.
const CHECK_PERIOD: Duration = Duration::from_millis(20);
/// The shortest drain: the request that began it must be answered first.
const SHORTEST_DRAIN: Duration = Duration::from_millis(200);
/// By convention, the exit code of a program that a signal ends is this plus the signal's number.
const EXIT_BY_SIGNAL: u8 = 128;

/// A shutdown signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C: a person wants the program to end now.
    Interrupt,
    /// The signal of supervisors.
    Terminate,
}

impl Signal {
    fn exit_code(self) -> ExitCode {
        ExitCode::from(EXIT_BY_SIGNAL + if self == Self::Interrupt { 2 } else { 15 })
    }
}

/// Waits for the program's end and returns its exit code.
///
/// An interrupt ends it at once. A termination signal, or an operator's command, drains it. A second signal ends the drain at
/// once, with that signal's exit code.
pub async fn until_end(lobby: &Lobby, signals: &mut Signals, drain_time: Duration) -> ExitCode {
    let drain = lobby.drain();
    tokio::select! {
        signal = signals.next() => match signal {
            Signal::Interrupt => return ExitCode::SUCCESS,
            Signal::Terminate => drain.begin(drain_time, Instant::now()),
        },
        () = drain.begun() => {}
    }
    tokio::select! {
        () = drained(lobby) => ExitCode::SUCCESS,
        signal = signals.next() => {
            tracing::warn!("a second signal: the remaining rooms end now");
            signal.exit_code()
        }
    }
}

async fn drained(lobby: &Lobby) {
    tokio::time::sleep(SHORTEST_DRAIN).await;
    while !lobby.is_empty() {
        tokio::time::sleep(CHECK_PERIOD).await;
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
    /// Catches the signals from now on.
    ///
    /// # Errors
    /// If the operating system refuses.
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
    /// Catches the signal from now on.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::Interrupt
    }
}
