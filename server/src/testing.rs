//! What unit tests of this crate share: a room in a lobby whose shard is the test, and sockets on their way there.

use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use drumline_arena::Arena;
use drumline_frontier::Frontier;
use drumline_room::GameSpec;
use drumline_shared::messages::{ServerMessage, Welcome, read_control};
use drumline_shared::session::SessionToken;
use tokio::sync::Semaphore;

use crate::arrival::{Arrival, Joining};
use crate::lobby::{Lobby, RoomChoice, RoomOverrides, Seat};
use crate::refusal::Refusal;
use crate::shard::{NewRoom, ShardHandle};

/// A lobby of two games with one room, of the arena, that waits to be run, and a seat in it.
pub fn open_room() -> (Arc<Lobby>, NewRoom, Seat) {
    open_room_with(RoomOverrides::default())
}

/// As [`open_room`], with other settings.
pub fn open_room_with(overrides: RoomOverrides) -> (Arc<Lobby>, NewRoom, Seat) {
    let (shard, mut opened) = ShardHandle::to_this_thread();
    let spec = Arc::new(GameSpec::of::<Arena>());
    let games = vec![Arc::clone(&spec), Arc::new(GameSpec::of::<Frontier>())];
    let lobby = Arc::new(Lobby::new(games, overrides, vec![shard]));
    let seat = lobby.reserve(&spec, &RoomChoice::Any).unwrap();
    (lobby, opened.try_recv().unwrap(), seat)
}

/// A socket, and the client's end of it.
pub fn arrival() -> (Arrival, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    client.set_nonblocking(true).unwrap();
    let permit = Arc::new(Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap());
    (Arrival { stream, leftover: Vec::new(), permit }, client)
}

/// Sends a new player to their seat's room.
pub fn join(seat: Seat) -> TcpStream {
    let (arrival, client) = arrival();
    Seat::send(Joining { arrival, name: "a".into(), seat });
    client
}

/// Sends a player back to their seat's room, if the lobby lets them.
pub fn resume(
    lobby: &Lobby,
    token: SessionToken,
    mirror_tick: Option<u32>,
) -> Result<TcpStream, Refusal> {
    let way = lobby.sessions().reserve("arena", Some(token))?;
    let (arrival, client) = arrival();
    way.send(arrival, mirror_tick);
    Ok(client)
}

/// The frames that a client has been sent since it last read: the first byte of each and its payload.
pub fn read_frames(client: &mut TcpStream) -> Vec<(u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    let ended = client.read_to_end(&mut bytes);
    assert!(ended.is_ok_and(|_| true) || ended_early(client), "nothing but the end of what was sent");
    frames(&bytes)
}
