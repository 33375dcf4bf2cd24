//! The lateness of ticks while rooms are opened and a crowd joins one of them, beside an idle minute.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Outcome, proc};

use super::clients::{Attempt, create, first_snapshot, join};
use super::server::{Lateness, Program};

/// Rooms that tick meanwhile, with a player each.
const ROOMS: u32 = 80;
/// Rooms that are opened at once.
const OPENED: usize = 64;
/// Players who join one room at once.
const CROWD: usize = 1000;
/// Between two times.
const PERIOD: Duration = Duration::from_secs(10);
/// The time in which the players of the ticking rooms join.
const RAMP: Duration = Duration::from_secs(20);
/// The server's figures are about the last 30 to 60 seconds.
const STRETCH: Duration = Duration::from_secs(61);

/// A stretch of play.
#[derive(Debug)]
pub struct Stretch {
    /// The server's lateness.
    pub lateness: Lateness,
    /// For each player of the crowd, the time from the handshake to the first snapshot.
    pub waits: Vec<Duration>,
    /// Players of the crowd who got no snapshot.
    pub failed: usize,
}

/// Measures an idle minute, and a minute with openings.
///
/// # Errors
/// If the server does not start or a bot is not let in.
pub fn measure(program: &Path) -> Outcome<[Stretch; 2]> {
    proc::pin(proc::cores()?.1)?;
    Ok([stretch(program, false)?, stretch(program, true)?])
}

fn stretch(program: &Path, opens: bool) -> Outcome<Stretch> {
    let server = Program::start(program, &["lobby.max_rooms=65536"])?;
    let address = server.address;
    let seconds = (RAMP + STRETCH).as_secs() as u32;
    let honest = thread::spawn(move || drop(super::play(address, ROOMS, 1, seconds, None)));
    thread::sleep(RAMP);
    let began = Instant::now();
    let (mut waits, mut failed) = (Vec::new(), 0);
    if opens {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        while began.elapsed() + PERIOD < STRETCH {
            let next = Instant::now() + PERIOD;
            let (new, missing) =
                runtime.block_on(open_and_join(address)).map_err(|error| error.to_string())?;
            waits.extend(new);
            failed += missing;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
    thread::sleep(STRETCH.saturating_sub(began.elapsed()));
    let lateness = server.end()?;
    // They have lost their server, which is no failure here.
    honest.join().map_err(|_| "the bots panicked")?;
    Ok(Stretch { lateness, waits, failed })
}

/// Opens rooms, and lets a crowd join one of them, all at once. Returns the players' waits, and how many failed.
async fn open_and_join(address: SocketAddr) -> Attempt<(Vec<Duration>, usize)> {
    let body = r#"{"game":"frontier","private":false}"#;
    let (status, answer) = create(address, None, body).await?;
    if status != 201 {
        return Err(format!("a room is refused: {answer}").into());
    }
    let room = serde_json::from_str::<Value>(&answer)?["room"].as_str().unwrap_or_default().to_owned();
    let openings: Vec<_> =
        (1..OPENED).map(|_| tokio::spawn(async move { create(address, None, body).await.is_ok() })).collect();
    let path = format!("frontier?room={room}");
    let joins: Vec<_> = (0..CROWD)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move {
                let mut socket = join(address, None, &path).await.ok()?;
                let wait = first_snapshot(&mut socket).await.ok()?;
                Some((socket, wait))
            })
        })
        .collect();
    let mut players = Vec::new();
    for join in joins {
        players.extend(join.await?);
    }
    for opening in openings {
        opening.await?;
    }
    let waits: Vec<Duration> = players.iter().map(|(_, wait)| *wait).collect();
    let failed = CROWD - waits.len();
    Ok((waits, failed))
}
