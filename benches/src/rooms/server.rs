//! The server's program, on a core of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::child::Pinned;
use crate::harness::{Outcome, proc};

/// A running server.
pub struct Program {
    child: Pinned,
    /// The address that it listens on.
    pub address: SocketAddr,
}

/// The lateness of the ticks of the server's last 30 to 60 seconds, and the share of the time that it spent in them.
#[derive(Debug, Clone, Copy)]
pub struct Lateness {
    /// The share, in per cent.
    pub busy_percent: f64,
    /// Microseconds, 99 of 100 ticks.
    pub p99_us: u64,
    /// Microseconds, the latest tick.
    pub max_us: u64,
}

impl Program {
    /// Starts a program with one shard and some settings.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(program: &Path, settings: &[&str]) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.args(["--bind", "127.0.0.1:0", "--set", "rooms.shards=1", "--set", "log.filter=error"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let mut child = Pinned::start("the server", command, proc::cores()?.0)?;
        let url = child.hear("drumline listening on")?;
        let address = url.strip_prefix("http://").ok_or("the server speaks no plain HTTP")?.parse()?;
        Ok(Self { child, address })
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server, and returns the lateness that it prints at its end.
    ///
    /// # Errors
    /// If it does not print it.
    pub fn end(mut self) -> Outcome<Lateness> {
        let pid = Pid::from_raw(i32::try_from(self.id())?).ok_or("a process has a number")?;
        kill_process(pid, Signal::INT)?;
        self.child.hear("shard")?;
        // The figures of the whole life stand in the line before.
        let line = self.child.hear(&format!("{:33} lately", ""))?;
        let numbers: Vec<&str> = line.split_whitespace().collect();
        let [busy, _, p99, _, max, ..] = numbers[..] else { return Err("the table is too short".into()) };
        Ok(Lateness { busy_percent: busy.parse()?, p99_us: p99.parse()?, max_us: max.parse()? })
    }
}
