//! TCP connections between a coordinator and its processes.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

/// Longest time that the greeting may take, on either side.
pub const GREETING_LIMIT: Duration = Duration::from_secs(5);
/// A connection without any answer for this long counts as dead.
const DEAD_AFTER: Duration = Duration::from_secs(20);

/// Reads from a connection until a deadline, so that a process cannot hold up the listener byte by byte.
pub struct DeadlineReader<'a> {
    /// The connection.
    pub stream: &'a TcpStream,
    /// When reading fails.
    pub deadline: Instant,
}

impl Read for DeadlineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

/// Makes a connection fail if the other side no longer answers.
pub fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(DEAD_AFTER))?;
    let socket = SockRef::from(stream);
    // Keepalive probes only cover an idle connection; this covers data in flight.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(DEAD_AFTER))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(DEAD_AFTER / 2).with_interval(DEAD_AFTER / 4))
}
