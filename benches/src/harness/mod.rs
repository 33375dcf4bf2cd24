//! A server and a load, each in a process of its own on a core of its own, and the measurements of both.
//!
//! [`measure`] is one measurement: it starts the server (one of [`servers`], or a peer that is not Rust) and the load
//! ([`load`], with a [`wire`] for each kind of server), and reads the server's processor time and memory from `/proc`.
//! Both run as hidden subcommands of the program that measures ([`role`]).

pub mod child;
pub mod load;
pub mod measure;
pub mod peers;
pub mod proc;
pub mod report;
pub mod role;
pub mod servers;
pub mod system;
pub mod wire;

use std::process::ExitCode;
use std::time::Duration;

use role::Role;

/// The result of a step. An error ends the benchmark, with its message.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Time between two updates, and between two inputs of a client.
pub const PERIOD: Duration = Duration::from_millis(50);

/// Clients of a room, and sockets that the floor serves at once.
pub const ROOM_SIZE: u16 = 16;

/// Raises the limit of open sockets for this process and its children, and warns if they have to share a core.
///
/// # Errors
/// If the cores cannot be listed.
pub fn prepare() -> Outcome<()> {
    // A refusal shows up as a connection that fails, with its own message.
    let _ = rlimit::increase_nofile_limit(1 << 20);
    let (server, load) = proc::cores()?;
    if server == load {
        eprintln!("there is one core only: server and load share it, and the intervals are about both");
    }
    Ok(())
}

/// Runs a program: in its hidden role, or its comparison, which returns how many updates were wrong.
pub fn finish(program: &str, role: Option<&Role>, compare: impl FnOnce() -> Outcome<u64>) -> ExitCode {
    match role.map_or_else(compare, |role| role.run().map(|()| 0)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(mismatches) => {
            eprintln!("{program}: {mismatches} updates were wrong");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}
