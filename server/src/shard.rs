//! Shards: threads that own rooms and their sockets. They share nothing on the data path.

use std::io;
use std::thread::JoinHandle;

use drumline_room::Room;
use tokio::runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::connection::Arrival;
use crate::driver::Driver;
use crate::lobby::Registration;

/// Rooms that may wait to be opened on one shard.
const OPEN_QUEUE: usize = 1024;

/// A room to be opened. It is made on its shard's thread and never leaves it.
pub struct NewRoom {
    /// Makes the room.
    pub make: Box<dyn FnOnce() -> Room + Send>,
    /// Its place in the lobby.
    pub registration: Registration,
    /// Where its players' sockets arrive.
    pub arrivals: mpsc::Receiver<Arrival>,
}

/// The way to a shard.
#[derive(Debug, Clone)]
pub struct ShardHandle {
    rooms: mpsc::Sender<NewRoom>,
}

impl ShardHandle {
    /// A handle, and where the rooms that it is asked to open come out.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<NewRoom>) {
        let (rooms, receiver) = mpsc::channel(OPEN_QUEUE);
        (Self { rooms }, receiver)
    }

    /// A place for a room to be opened; none if too many are waiting already, or the shard is gone.
    #[must_use]
    pub fn place(&self) -> Option<mpsc::Permit<'_, NewRoom>> {
        self.rooms.try_reserve().ok()
    }
}

/// Starts a shard's thread. It ends when `stop` turns true and its rooms have said goodbye.
///
/// # Errors
/// If the operating system gives no thread or no event queue.
pub fn spawn(index: usize, mut stop: watch::Receiver<bool>) -> io::Result<(ShardHandle, JoinHandle<()>)> {
    let (handle, mut rooms) = ShardHandle::new();
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let stop_of_rooms = stop.clone();
    let run = async move {
        let mut drivers = JoinSet::new();
        loop {
            tokio::select! {
                Some(new) = rooms.recv() => {
                    drivers.spawn_local(Driver::run_new(new, stop_of_rooms.clone()));
                }
                Some(ended) = drivers.join_next() => {
                    // The panic's own message is on standard error; its room is gone, the others go on.
                    if ended.is_err() {
                        tracing::error!(shard = index, "a room ended in a panic");
                    }
                }
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        while drivers.join_next().await.is_some() {}
    };
    let thread = std::thread::Builder::new()
        .name(format!("shard-{index}"))
        .spawn(move || runtime.block_on(LocalSet::new().run_until(run)))?;
    Ok((handle, thread))
}
