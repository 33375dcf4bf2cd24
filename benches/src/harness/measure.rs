//! One measurement: a server, a load, and a stretch of steady play.

use std::env;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::child::Pinned;
use super::load::LoadResult;
use super::report::Row;
use super::system::System;
use super::{Outcome, peers, proc};

/// From the last join to the measurement.
const SETTLE: Duration = Duration::from_secs(2);
/// The pause between a server's start and the first reading of its memory.
const START: Duration = Duration::from_millis(500);
/// Beyond this share of its core the load would measure itself.
const BUSY: f64 = 0.9;

/// The plan of a measurement.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The server.
    pub system: System,
    /// Clients in all.
    pub clients: usize,
    /// Clients of a room.
    pub room_size: u16,
    /// Bytes of an update, for the floor.
    pub update_bytes: usize,
    /// How long.
    pub seconds: u64,
}

/// The result of a measurement.
#[derive(Debug)]
pub struct Measured {
    /// The figures.
    pub row: Row,
    /// Hashes that clients compared.
    pub hashes: u64,
    /// Updates that were wrong.
    pub mismatches: u64,
}

/// Runs a measurement, and prints its progress on standard error.
///
/// # Errors
/// If the server or the load cannot be started, or ends before its time.
pub fn measure(plan: Plan) -> Outcome<Measured> {
    let Plan { system, clients, seconds, .. } = plan;
    let name = system.name();
    let (server_core, load_core) = proc::cores()?;
    let mut server = Pinned::start(name, server_command(plan)?, server_core)?;
    let address = server.hear("listening")?;
    thread::sleep(START);
    let idle_bytes = proc::resident_bytes(server.id())?;
    eprintln!("{name}: {clients} clients join");
    let mut load = Pinned::start("the load", load_command(plan, &address)?, load_core)?;
    load.hear("ready")?;
    thread::sleep(SETTLE);
    eprintln!("{name}: {clients} clients play for {seconds} s");
    load.say("go")?;
    let (began, began_ns) = (Instant::now(), proc::cpu_ns(server.id())?);
    thread::sleep(Duration::from_secs(seconds));
    let cpu_ns = proc::cpu_ns(server.id())?.saturating_sub(began_ns);
    let client_seconds = clients as f64 * began.elapsed().as_secs_f64();
    load.say("stop")?;
    let busy_bytes = proc::resident_bytes(server.id())?;
    let result: LoadResult = serde_json::from_str(&load.hear("result")?)?;
    eprintln!("{name}: the load used {:.0} % of its core", result.cpu_share * 100.0);
    if result.cpu_share > BUSY {
        eprintln!("{name}: warning: that is too much; the figures tell of the load, not of the server");
    }
    let row = Row {
        system: name,
        clients,
        rooms: None,
        updates_per_s: result.updates as f64 / (clients as f64 * result.seconds),
        cpu_ms_per_client_s: cpu_ns as f64 / 1e6 / client_seconds,
        bytes_per_update: result.bytes as f64 / result.updates.max(1) as f64,
        interval_ms_p50: result.interval_ms_p50,
        interval_ms_p99: result.interval_ms_p99,
        interval_ms_max: result.interval_ms_max,
        rss_bytes_per_client: busy_bytes.saturating_sub(idle_bytes) as f64 / clients as f64,
    };
    Ok(Measured { row, hashes: result.hashes, mismatches: result.mismatches })
}

fn server_command(plan: Plan) -> Outcome<Command> {
    let room_size = plan.room_size.to_string();
    Ok(match plan.system {
        System::Floor => {
            this_program(&["serve-floor", &plan.clients.to_string(), &plan.update_bytes.to_string()])?
        }
        System::Drumline => this_program(&["serve-drumline", &room_size])?,
        System::Tungstenite => this_program(&["serve-plain", &room_size])?,
        System::Colyseus => peers::command("colyseus", plan.room_size)?,
        System::WsJson => peers::command("ws", plan.room_size)?,
    })
}

fn load_command(plan: Plan, address: &str) -> Outcome<Command> {
    let (clients, update_bytes) = (plan.clients.to_string(), plan.update_bytes.to_string());
    this_program(&["load", plan.system.name(), address, &clients, &update_bytes])
}

/// This program again, in another role.
fn this_program(arguments: &[&str]) -> Outcome<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    Ok(command)
}
