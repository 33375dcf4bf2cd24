//! What unit tests of this crate share: a room in a lobby whose shard is the test, and a socket on its way there.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use drumline_arena::Arena;
use drumline_room::GameSpec;
use tokio::sync::Semaphore;

use crate::connection::Arrival;
use crate::lobby::{Lobby, RoomChoice, RoomOverrides, Seat};
use crate::shard::{NewRoom, ShardHandle};

/// A lobby with one room that waits to be run, and a seat in it.
pub fn open_room() -> (Arc<Lobby>, NewRoom, Seat) {
    let (shard, mut opened) = ShardHandle::to_this_thread();
    let spec = Arc::new(GameSpec::of::<Arena>());
    let lobby = Arc::new(Lobby::new(vec![Arc::clone(&spec)], RoomOverrides::default(), vec![shard]));
    let seat = lobby.reserve(&spec, &RoomChoice::Any).unwrap();
    (lobby, opened.try_recv().unwrap(), seat)
}

/// A player's socket, and the client's end of it.
pub fn arrival(seat: Seat) -> (Arrival, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    let permit = Arc::new(Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap());
    (Arrival { stream, leftover: Vec::new(), name: "a".into(), seat, permit }, client)
}
