//! A TCP stream that gives so many bytes a tick and no more.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// A non-blocking stream with a budget for reading. The WebSocket library reads on for as long as what it reads makes no whole
/// message; an endless message of empty fragments would keep it, and every room of the shard, busy for ever.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    read_budget_bytes: usize,
}

impl Socket {
    /// A socket that gives nothing until it is granted a budget.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, read_budget_bytes: 0 }
    }

    /// Sets how many bytes may be read from now on. When they are spent, reading would block.
    pub fn grant(&mut self, read_budget_bytes: usize) {
        self.read_budget_bytes = read_budget_bytes;
    }

    /// The stream itself.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read_budget_bytes == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = buffer.len().min(self.read_budget_bytes);
        let read = self.stream.read(&mut buffer[..most])?;
        self.read_budget_bytes -= read;
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
