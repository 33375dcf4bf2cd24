//! Drumline itself, with one thread for rooms.

use std::thread;

use drumline::{Config, RoomsConfig, Server};

use crate::harness::{Outcome, child};
use drumline_worlds::drift::Drift;

/// Serves until the process ends.
///
/// # Errors
/// If the server does not start.
pub fn serve(room_size: u16) -> Outcome<()> {
    let rooms = RoomsConfig {
        shards: Some(1),
        max_players: Some(room_size),
        seed: Some(1),
        ..RoomsConfig::default()
    };
    let config = Config { rooms, ..Config::on_free_port() };
    let running = Server::new().game::<Drift>().start(&config)?;
    child::end_with_parent();
    super::announce(running.address());
    loop {
        thread::park();
    }
}
