//! A server whose rooms are opened, hoarded and crowded, beside honest players.

pub mod clients;
pub mod hoard;
pub mod opening;
pub mod server;

use std::net::SocketAddr;
use std::ops::ControlFlow;

use drumline_bots::{Report, Scenario, Swarm};

use crate::harness::Outcome;

/// Plays with honest bots of the arena for some seconds, each from an address of its own if `from` names the first.
fn play(
    address: SocketAddr,
    rooms: u32,
    per_room: u32,
    seconds: u32,
    from: Option<[u8; 4]>,
) -> Outcome<Report> {
    let scenario = Scenario { rooms, per_room, seconds, ..Scenario::default() };
    let from = from.map(Into::into);
    let plan = drumline_bots::Plan { url: format!("ws://{address}"), from, scenario, ..Default::default() };
    Ok(Swarm::shipped().run(&plan, &mut |_| ControlFlow::Continue(()))?)
}
