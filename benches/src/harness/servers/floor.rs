//! The floor: what the same bytes cost over plain TCP, without a protocol, a game or a room.
//!
//! One thread, non-blocking sockets. Once in 50 ms there is, for each client, one read of an input and one write of an
//! update. Reading at the tick is cheaper than reading whenever something has arrived, and no event queue is kept, so a
//! server of the same traffic through the same system calls cannot do with less.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Outcome, PERIOD, ROOM_SIZE, child};

/// Bytes of an input.
pub const INPUT_BYTES: usize = 12;

/// Serves until the process ends. The sockets are served in groups of 16, spread over the period as rooms are.
///
/// # Errors
/// If nothing can be listened on.
pub fn serve(clients: usize, update_bytes: usize) -> Outcome<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    child::end_with_parent();
    super::announce(listener.local_addr()?);
    let update = vec![0; update_bytes];
    let groups = clients.div_ceil(ROOM_SIZE.into()).max(1);
    let slot = PERIOD / groups as u32;
    let mut sockets: Vec<Option<TcpStream>> = Vec::with_capacity(clients);
    let mut deadline = Instant::now();
    for group in (0..groups).cycle() {
        deadline += slot;
        sleep_until(deadline);
        while sockets.len() < clients
            && let Some(socket) = accept(&listener)?
        {
            sockets.push(Some(socket));
        }
        for socket in sockets.iter_mut().skip(group * usize::from(ROOM_SIZE)).take(ROOM_SIZE.into()) {
            let alive = socket.as_mut().is_some_and(|socket| exchange(socket, &update));
            if !alive {
                *socket = None;
            }
        }
    }
    Ok(())
}

fn sleep_until(deadline: Instant) {
    let left = deadline.saturating_duration_since(Instant::now());
    if left > Duration::ZERO {
        thread::sleep(left);
    }
}

fn accept(listener: &TcpListener) -> Outcome<Option<TcpStream>> {
    match listener.accept() {
        Ok((socket, _)) => {
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            Ok(Some(socket))
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// One read, one write. Returns true if the client is still connected.
fn exchange(socket: &mut TcpStream, update: &[u8]) -> bool {
    let mut input = [0; INPUT_BYTES];
    let read = socket.read(&mut input);
    let there = !matches!(read, Ok(0)) && !is_broken(&read);
    there && !is_broken(&socket.write(update))
}

fn is_broken(outcome: &std::io::Result<usize>) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() != ErrorKind::WouldBlock)
}
