//! A TCP stream that gives so many bytes a tick and no more.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// A non-blocking stream with a budget for reading. The WebSocket library reads on for as long as what it reads makes no whole
/// message; an endless message of empty fragments would keep it, and every room of the shard, busy for ever.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    read_budget_bytes: usize,
    /// Whether a read since the grant has emptied the kernel's queue.
    emptied: bool,
}

impl Socket {
    /// A socket that gives nothing until it is granted a budget.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, read_budget_bytes: 0, emptied: false }
    }

    /// Sets how many bytes may be read from now on. When they are spent, or what had arrived is read, reading would
    /// block until the next grant.
    pub fn grant(&mut self, read_budget_bytes: usize) {
        self.read_budget_bytes = read_budget_bytes;
        self.emptied = false;
    }

    /// The stream itself.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read_budget_bytes == 0 || self.emptied {
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = buffer.len().min(self.read_budget_bytes);
        let read = self.stream.read(&mut buffer[..most])?;
        self.read_budget_bytes -= read;
        // The kernel gave less than it might have: asking again would be a call in vain, for each player at each
        // tick. An end or an error behind these bytes is read after the next grant.
        self.emptied = read < most;
        Ok(read)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Shutdown, TcpListener};

    use super::*;

    /// A socket whose client has sent something, all of which has arrived.
    fn socket_with(bytes: &[u8], ends: bool) -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        client.write_all(bytes).unwrap();
        while stream.peek(&mut [0; 64]).unwrap() < bytes.len() {}
        if ends {
            client.shutdown(Shutdown::Write).unwrap();
        }
        // It stays a blocking stream: a read that asks the kernel in vain makes the test hang.
        (Socket::new(stream), client)
    }

    fn read(socket: &mut Socket, most: usize) -> Result<Vec<u8>, ErrorKind> {
        let mut buffer = vec![0; most];
        let read = socket.read(&mut buffer).map_err(|error| error.kind())?;
        Ok(buffer[..read].to_vec())
    }

    #[test]
    fn what_has_arrived_is_read_within_the_budget_and_no_more_is_asked_for() {
        let (mut socket, _client) = socket_with(b"0123456789", false);
        assert_eq!(read(&mut socket, 64), Err(ErrorKind::WouldBlock), "nothing is granted");
        socket.grant(4);
        assert_eq!(read(&mut socket, 64).unwrap(), b"0123");
        assert_eq!(read(&mut socket, 64), Err(ErrorKind::WouldBlock), "the budget is spent");
        socket.grant(64);
        assert_eq!(read(&mut socket, 3).unwrap(), b"456");
        assert_eq!(read(&mut socket, 64).unwrap(), b"789");
        assert_eq!(read(&mut socket, 64), Err(ErrorKind::WouldBlock), "there is no more");
    }

    #[test]
    fn the_end_is_seen_after_the_next_grant() {
        let (mut socket, _client) = socket_with(b"last", true);
        socket.grant(64);
        assert_eq!(read(&mut socket, 64).unwrap(), b"last");
        assert_eq!(read(&mut socket, 64), Err(ErrorKind::WouldBlock));
        socket.grant(64);
        assert_eq!(read(&mut socket, 64).unwrap(), b"");
    }
}
