//! The front's thread and its listening socket.

use std::io;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use axum::Router;
use socket2::{Domain, Socket, Type};
use tokio::runtime;
use tokio::sync::watch;

use crate::front::accept::accept;
use crate::front::state::Front;
use crate::shard::priority::lower_priority;

/// Connections that may wait to be accepted: a storm of joins comes at once.
const BACKLOG: i32 = 4096;

/// A listening socket.
///
/// # Errors
/// If the address cannot be listened on.
pub fn listen(bind: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(bind), Type::STREAM, None)?;
    // On Windows this option would let two servers share a port; elsewhere it lets a restart reuse one.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&bind.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Starts the front's thread, which accepts connections until `stop` turns true.
///
/// # Errors
/// If the operating system refuses the thread or its event queue.
pub fn spawn_front(
    front: Front,
    router: Router,
    listener: std::net::TcpListener,
    stop: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("front".into()).spawn(move || {
        lower_priority();
        runtime.block_on(async move {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => accept(front, router, listener, stop).await,
                Err(error) => tracing::error!(%error, "the listener cannot be watched"),
            }
        });
    })
}
