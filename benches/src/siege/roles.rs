//! The roles of the other processes: the server, and its attackers.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use drumline::{Config, Limits, RoomsConfig, Server, TlsConfig};
use drumline_arena::Arena;
use drumline_bots::hostile::{Harm, Hostile, Tally};
use rustix::process::setpriority_process;

use super::certificate::{CERTIFICATE, KEY};
use crate::harness::child::end_with_parent;
use crate::harness::{Outcome, servers};

/// The first address of hostile clients where no address is exempt.
const HOSTILE_FROM: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
/// The longest pause between two attempts of a hostile client, the shortest is a tenth of it, ...
const PAUSE: Duration = Duration::from_secs(2);
/// ... and between two handshakes.
const HANDSHAKE_PAUSE: Duration = Duration::from_millis(200);
/// How nice hostile clients are to the honest ones on their core: those have the clock that measures.
const NICE: i32 = 19;

/// Serves the arena on one shard until the process ends, to at most `connections` at once if that is `Some`, and over TLS if
/// there is a folder with its certificate.
///
/// # Errors
/// If the server does not start.
pub fn serve(exempts: bool, connections: Option<u32>, certificate: Option<&Path>) -> Outcome<()> {
    let mut limits = Limits { connections, ..Limits::default() };
    if !exempts {
        limits.exempt = Vec::new();
    }
    let rooms = RoomsConfig { shards: Some(1), seed: Some(1), ..RoomsConfig::default() };
    let mut tls = TlsConfig::default();
    if let Some(folder) = certificate {
        (tls.cert, tls.key) = (Some(folder.join(CERTIFICATE)), Some(folder.join(KEY)));
    }
    let running =
        Server::new().game::<Arena>().start(&Config { rooms, limits, tls, ..Config::on_free_port() })?;
    end_with_parent();
    servers::announce(running.address());
    loop {
        thread::park();
    }
}

/// Attacks until standard input ends, and prints the outcomes.
///
/// # Errors
/// If there is no event queue.
pub fn attack(address: SocketAddr, clients: u32, addresses: Option<u32>, over_tls: bool) -> Outcome<()> {
    let harms: &'static [Harm] = if over_tls { &[Harm::TlsHandshakes] } else { &Harm::PLAIN };
    let pause = if over_tls { HANDSHAKE_PAUSE } else { PAUSE };
    setpriority_process(None, NICE)?;
    let tally = Arc::new(Tally::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn({
        let tally = Arc::clone(&tally);
        move || {
            runtime.block_on(async {
                for number in 0..clients {
                    let ip = |of: u32| Ipv4Addr::from_bits(HOSTILE_FROM.to_bits() + number % of);
                    let hostile = Hostile {
                        address,
                        from: addresses.map(|of| ip(of).into()),
                        harm: harms[number as usize % harms.len()],
                        pause,
                        patience: Duration::from_secs(30),
                        seed: number.into(),
                    };
                    tokio::spawn(hostile.run(Arc::clone(&tally)));
                }
                std::future::pending::<()>().await;
            });
        }
    });
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    for &harm in harms {
        let counts = tally.counts();
        let outcomes = counts.iter().filter(|((of, _), _)| *of == harm);
        let outcomes: Vec<String> =
            outcomes.map(|((_, outcome), count)| format!("{outcome:?} {count}")).collect();
        println!("tally {}: {}", harm.name(), outcomes.join(", "));
    }
    println!("end");
    Ok(())
}
