//! A server under siege: honest bots alone and beside hostile clients, in turn, on one server.

pub mod certificate;
pub mod roles;

use std::collections::BTreeMap;
use std::env;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use drumline_bots::{Report, Scenario, Swarm, Transport, TrustedRoots};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::certificate::Certificate;
use crate::harness::child::Pinned;
use crate::harness::{Outcome, proc};

/// The first address of honest bots where no address is exempt; each has its own.
const HONEST_FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
/// From the start of the siege to the honest bots' first join.
const RAMP: Duration = Duration::from_secs(3);
/// Connections that are turned away, to measure what one costs.
const REFUSALS: u32 = 20_000;
/// Between two readings of the server's memory.
const SAMPLE_PERIOD: Duration = Duration::from_secs(1);

/// The plan of a siege.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Honest bots.
    pub honest: u32,
    /// Hostile clients.
    pub hostile: u32,
    /// The addresses that the hostile ones share; none if all come from exempt ones.
    pub addresses: Option<u32>,
    /// Seconds of each stretch of play.
    pub seconds: u32,
    /// Stretches alone and beside, in turn.
    pub rounds: u32,
    /// The server speaks TLS, and the hostile clients do nothing but begin handshakes.
    pub tls: bool,
}

/// One stretch of play.
#[derive(Debug)]
pub struct Stretch {
    /// True if hostile clients were connected.
    pub besieged: bool,
    /// The honest bots' figures.
    pub report: Report,
    /// The share of its core that each thread of the server used.
    pub busy: BTreeMap<String, f64>,
}

/// The result of a siege.
#[derive(Debug)]
pub struct Besieged {
    /// The stretches, in turn.
    pub stretches: Vec<Stretch>,
    /// The server's resident memory in bytes, once a second.
    pub resident_bytes: Vec<u64>,
    /// The server's counts, `refusals` and `closes`, and its rooms at the end.
    pub listing: Value,
    /// The outcomes of the attempts, one line for each kind of harm.
    pub tally: Vec<String>,
}

/// Runs all stretches on one server.
///
/// # Errors
/// If a process cannot be started or ends before its time, or an honest bot is not let in.
pub fn besiege(plan: Plan) -> Outcome<Besieged> {
    let (server_core, load_core) = proc::cores()?;
    let certificate = if plan.tls { Some(Certificate::new()?) } else { None };
    let trust = certificate.as_ref().map(Certificate::trust).transpose()?;
    let exempts = plan.addresses.is_none().to_string();
    let mut serve = this_program(&["serve", &exempts])?;
    if let Some(certificate) = &certificate {
        serve.arg("--certificate").arg(certificate.0.path());
    }
    let mut server = Pinned::start("the server", serve, server_core)?;
    let address: SocketAddr = server.hear("listening")?.parse()?;
    // The bots run here; the server has its own core already.
    proc::pin(load_core)?;
    let memory = Memory::watch(server.id());
    let (mut stretches, mut tally) = (Vec::new(), Vec::new());
    for round in 1..=plan.rounds {
        for besieged in [false, true] {
            let attackers = if besieged { Some(start_attack(plan, address, load_core)?) } else { None };
            let stretch = play(plan, trust.clone(), address, server.id(), besieged)?;
            eprintln!(
                "round {round} of {}: {}: interval p99 {:.2} ms",
                plan.rounds,
                if besieged { "beside" } else { "alone" },
                stretch.report.interval_ms_p99
            );
            stretches.push(stretch);
            if let Some(attackers) = attackers {
                tally = attackers.end_and_hear("tally", "end")?;
            }
        }
    }
    let listing = listing(address, trust)?;
    Ok(Besieged { stretches, resident_bytes: memory.stop(), listing, tally })
}

fn start_attack(plan: Plan, address: SocketAddr, core: usize) -> Outcome<Pinned> {
    let (address, clients) = (address.to_string(), plan.hostile.to_string());
    let addresses = plan.addresses.map(|addresses| addresses.to_string());
    let mut arguments = vec!["attack", &address, &clients];
    arguments.extend(addresses.as_deref());
    if plan.tls {
        arguments.push("--over-tls");
    }
    let attackers = Pinned::start("the hostile clients", this_program(&arguments)?, core)?;
    thread::sleep(RAMP);
    Ok(attackers)
}

/// A stretch of honest play.
fn play(
    plan: Plan,
    trust: Option<TrustedRoots>,
    address: SocketAddr,
    server: u32,
    besieged: bool,
) -> Outcome<Stretch> {
    let arena_seats = 16;
    let scenario = Scenario {
        rooms: plan.honest.div_ceil(arena_seats),
        per_room: plan.honest.min(arena_seats),
        seconds: plan.seconds,
        ..Scenario::default()
    };
    let from = plan.addresses.map(|_| HONEST_FROM);
    let scheme = if trust.is_some() { "wss" } else { "ws" };
    let url = format!("{scheme}://{address}");
    let bots = drumline_bots::Plan { url, trust, from, scenario, ..Default::default() };
    let before = proc::threads_cpu_ns(server)?;
    let began = std::time::Instant::now();
    let report = Swarm::shipped().run(&bots, &mut |_| ControlFlow::Continue(()))?;
    let seconds = began.elapsed().as_secs_f64();
    let after = proc::threads_cpu_ns(server)?;
    let share = |(name, ns): (String, u64)| {
        let used = ns - before.get(&name).copied().unwrap_or_default();
        (name, used as f64 / 1e9 / seconds)
    };
    Ok(Stretch { besieged, report, busy: after.into_iter().map(share).collect() })
}

/// Measures a refused connection's cost to the server and to its client, in microseconds of a processor.
///
/// # Errors
/// If a process cannot be started.
pub fn refusal_cost() -> Outcome<(f64, f64)> {
    let (server_core, load_core) = proc::cores()?;
    let server = this_program(&["serve", "true", "1"])?;
    let mut server = Pinned::start("the full server", server, server_core)?;
    let address: SocketAddr = server.hear("listening")?.parse()?;
    proc::pin(load_core)?;
    let _only_one = TcpStream::connect(address)?;
    let cpu_ns = || {
        Ok::<_, Box<dyn std::error::Error>>((proc::cpu_ns(server.id())?, proc::cpu_ns(std::process::id())?))
    };
    let before = cpu_ns()?;
    for _ in 0..REFUSALS {
        // It may be cut before it is known here that there is a connection.
        if let Ok(mut stream) = TcpStream::connect(address) {
            let _ = stream.read(&mut [0; 512]);
        }
    }
    let after = cpu_ns()?;
    let each_us = |before: u64, after: u64| (after - before) as f64 / 1e3 / f64::from(REFUSALS);
    Ok((each_us(before.0, after.0), each_us(before.1, after.1)))
}

/// `GET /api/admin/overview`.
fn listing(address: SocketAddr, trust: Option<TrustedRoots>) -> Outcome<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let mut stream = Transport::Tcp(tokio::net::TcpStream::connect(address).await?);
        if let Some(trust) = trust {
            stream = trust.encrypt(&address.ip().to_string(), stream).await?;
        }
        let request = b"GET /api/admin/overview HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    })?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
    Ok(serde_json::from_str(body)?)
}

/// This program again, in another role.
fn this_program(arguments: &[&str]) -> Outcome<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

/// A thread that reads a process's memory once a second.
struct Memory {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<u64>>,
}

impl Memory {
    fn watch(pid: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut samples = Vec::new();
            while !stopped.load(Relaxed) {
                samples.extend(proc::resident_bytes(pid));
                thread::sleep(SAMPLE_PERIOD);
            }
            samples
        });
        Self { stop, thread }
    }

    fn stop(self) -> Vec<u64> {
        self.stop.store(true, Relaxed);
        self.thread.join().unwrap_or_default()
    }
}
