//! Four addresses hoard rooms with silent players, beside honest players.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use drumline_bots::Report;
use rustix::process::setpriority_process;

use crate::harness::{Outcome, proc};

use super::clients::{create, join, stay};
use super::server::{Lateness, Program};

/// Addresses that hoard rooms.
const ADDRESSES: u8 = 4;
/// Rooms that each tries to hold.
const ROOMS: u32 = 64;
/// Between two attempts of a client that was refused or closed.
const AGAIN: Duration = Duration::from_secs(1);
/// The time in which rooms are hoarded before honest players come.
const RAMP: Duration = Duration::from_secs(10);
/// Between two attempts of honest newcomers.
const NEWCOMER_PERIOD: Duration = Duration::from_millis(250);

/// How nice the hoarders' thread is to the honest bots.
const NICE: i32 = 19;

/// The result.
#[derive(Debug)]
pub struct Hoarded {
    /// The honest players alone.
    pub alone: Report,
    /// The honest players beside the hoarders.
    pub beside: Report,
    /// Private rooms and joins that newcomers asked for.
    pub asked: u32,
    /// Those that were refused.
    pub refused: Vec<String>,
    /// Rooms that the hoarders held at the end.
    pub held: u32,
    /// The share of its core that the server used while rooms were hoarded.
    pub busy: f64,
    /// The server's resident memory at the end, in megabytes.
    pub resident_mb: f64,
    /// The lateness of the server's ticks up to the end.
    pub lateness: Lateness,
}

/// Runs it all on one server.
///
/// # Errors
/// If the server does not start or an honest bot is not let in.
pub fn measure(program: &Path, seconds: u32) -> Outcome<Hoarded> {
    let server = Program::start(program, &["limits.exempt=[]"])?;
    let address = server.address;
    proc::pin(proc::cores()?.1)?;
    let alone = play(address, seconds)?;
    let held = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&held);
    thread::spawn(move || hoard(address, &counted));
    thread::sleep(RAMP);
    let before = (Instant::now(), proc::cpu_ns(server.id())?);
    let newcomers = thread::spawn(move || {
        newcomers(address, Duration::from_secs(seconds.into())).map_err(|error| error.to_string())
    });
    let beside = play(address, seconds)?;
    let busy = (proc::cpu_ns(server.id())? - before.1) as f64 / before.0.elapsed().as_nanos() as f64;
    let (asked, refused) = newcomers.join().map_err(|_| "the newcomers panicked")??;
    let resident_mb = proc::resident_bytes(server.id())? as f64 / 1e6;
    let held = held.load(Relaxed);
    let lateness = server.end()?;
    Ok(Hoarded { alone, beside, asked, refused, held, busy, resident_mb, lateness })
}

fn play(address: SocketAddr, seconds: u32) -> Outcome<Report> {
    super::play(address, 4, 16, seconds, Some([127, 0, 1, 1]))
}

/// Hoards until the process ends.
fn hoard(address: SocketAddr, held: &Arc<AtomicU32>) {
    // Honest bots share the core, and have the clock that measures.
    if setpriority_process(None, NICE).is_err() {
        return;
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        for number in 0..u32::from(ADDRESSES) * ROOMS {
            let held = Arc::clone(held);
            let from = Ipv4Addr::new(127, 0, 2, 1 + (number % u32::from(ADDRESSES)) as u8);
            tokio::spawn(async move {
                loop {
                    if let Ok(socket) = join(address, Some(from), "frontier?room=new").await {
                        held.fetch_add(1, Relaxed);
                        stay(socket).await;
                        held.fetch_sub(1, Relaxed);
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            });
        }
        std::future::pending::<()>().await;
    });
}

/// Newcomers, each from an address of its own, ask for a private room and join any room. Returns how many requests there were,
/// and the refusals.
fn newcomers(address: SocketAddr, time: Duration) -> Outcome<(u32, Vec<String>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let (mut asked, mut refused) = (0, Vec::new());
    while began.elapsed() < time {
        let [_, last] = (asked as u16 + 1).to_be_bytes();
        let from = Some(Ipv4Addr::new(127, 0, 3, last.max(1)));
        runtime.block_on(async {
            match create(address, from, r#"{"game":"arena","private":true}"#).await {
                Ok((201, _)) => {}
                Ok((status, body)) => refused.push(format!("{status} {body}")),
                Err(error) => refused.push(error.to_string()),
            }
            if let Err(error) = join(address, from, "arena?room=new").await {
                refused.push(error.to_string());
            }
        });
        asked += 2;
        thread::sleep(NEWCOMER_PERIOD);
    }
    Ok((asked, refused))
}
