//! Drumline itself, with one thread for rooms.

use std::thread;

use drumline_server::{Options, Server};

use crate::drift::Drift;
use crate::harness::{Outcome, child};

/// Serves until the process ends.
///
/// # Errors
/// If the server does not start.
pub fn serve(room_size: u16) -> Outcome<()> {
    let options =
        Options { shards: Some(1), max_players: Some(room_size), seed: Some(1), ..Options::default() };
    let running = Server::new().game::<Drift>().start(&options)?;
    child::end_with_parent();
    super::announce(running.address());
    loop {
        thread::park();
    }
}
