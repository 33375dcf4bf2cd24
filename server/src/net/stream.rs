//! The bytes beneath a player's WebSocket: a non-blocking TCP stream, plain or under TLS.
//!
//! The TLS handshake belongs to the front, on tokio. After the upgrade the TCP stream and rustls' session move to the room's
//! shard, which reads and writes them without blocking, at ticks. A task that pumps between TLS and a plain socket would be
//! simpler, but would cost each tick two more wake-ups and copies, and a queue that is not bounded by what the client has read.
//!
//! Under TLS a tick's bytes are encrypted at once and passed to the kernel in one call, as without. rustls keeps at most
//! [`MAX_ENCRYPTED_BYTES`] that the kernel does not accept; beyond that plain bytes wait where they would without TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::task::Poll;

use rustls::ServerConnection;

/// Encrypted bytes that may wait for the kernel.
const MAX_ENCRYPTED_BYTES: usize = 32 * 1024;
/// Reads from the kernel at one tick, of at most 4 KiB each. A client that sends empty TLS records gets no more of the shard's
/// time than one that sends messages.
const MAX_READS: usize = 8;

/// A player's stream.
#[derive(Debug)]
pub enum Stream {
    /// Without TLS.
    Plain(TcpStream),
    /// With TLS.
    Tls(Box<Encrypted>),
}

/// A stream under TLS.
#[derive(Debug)]
pub struct Encrypted {
    tcp: TcpStream,
    session: ServerConnection,
}

/// How much of the waiting and new bytes the kernel accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All of them, or there were none.
    All,
    /// Some of them.
    Part,
    /// None of them.
    Nothing,
}

/// The outcome of a [`Stream::write`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOutcome {
    /// Bytes that the stream has taken over, sent or not. The caller passes only the rest again.
    pub taken: usize,
    /// How much the kernel accepted.
    pub written: Written,
}

impl Stream {
    /// A TLS stream whose handshake is done.
    #[must_use]
    pub fn tls(tcp: TcpStream, mut session: ServerConnection) -> Self {
        session.set_buffer_limit(Some(MAX_ENCRYPTED_BYTES));
        Self::Tls(Box::new(Encrypted { tcp, session }))
    }

    /// The TCP stream, for its options.
    #[must_use]
    pub fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(encrypted) => &encrypted.tcp,
        }
    }

    /// Reads the bytes that have arrived, as far as they fit. 0 is the end of the stream.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] if nothing has arrived; any other if the connection is lost.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(encrypted) => encrypted.read(buffer),
        }
    }

    /// Writes the bytes that wait in the stream and then `bytes`, in one call to the kernel.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<WriteOutcome> {
        match self {
            Self::Plain(_) if bytes.is_empty() => Ok(WriteOutcome { taken: 0, written: Written::All }),
            Self::Plain(tcp) => match tcp.write(bytes) {
                Ok(taken) if taken == bytes.len() => Ok(WriteOutcome { taken, written: Written::All }),
                Ok(0) => Ok(WriteOutcome { taken: 0, written: Written::Nothing }),
                Ok(taken) => Ok(WriteOutcome { taken, written: Written::Part }),
                Err(error) if must_wait(&error) => Ok(WriteOutcome { taken: 0, written: Written::Nothing }),
                Err(error) => Err(error),
            },
            Self::Tls(encrypted) => encrypted.write(bytes),
        }
    }

    /// Ends the sending side behind everything that was written. Ready once that is done.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn poll_finish(&mut self) -> io::Result<Poll<()>> {
        if let Self::Tls(encrypted) = self {
            encrypted.session.send_close_notify();
            if encrypted.write(&[])?.written != Written::All {
                return Ok(Poll::Pending);
            }
        }
        self.tcp().shutdown(Shutdown::Write)?;
        Ok(Poll::Ready(()))
    }

    /// Discards the bytes that have arrived. Ready at the end of the stream. Nothing can be read afterwards.
    pub fn poll_discard(&mut self, buffer: &mut [u8]) -> Poll<()> {
        match self.tcp().read(buffer) {
            Ok(0) => Poll::Ready(()),
            Err(error) if !must_wait(&error) => Poll::Ready(()),
            Ok(_) | Err(_) => Poll::Pending,
        }
    }
}

impl Encrypted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (mut filled, mut reads) = (0, 0);
        let mut kernel = Kernel { tcp: &self.tcp, drained: false };
        loop {
            match self.session.reader().read(&mut buffer[filled..]) {
                Ok(0) => return Ok(filled),
                Ok(read) => filled += read,
                // Many clients end without TLS' close_notify. A truncation attack gains nothing here.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(filled),
                Err(error) if must_wait(&error) => {}
                Err(error) => return Err(error),
            }
            if filled == buffer.len() || kernel.drained || reads == MAX_READS {
                break;
            }
            reads += 1;
            match self.session.read_tls(&mut kernel) {
                Ok(_) => {}
                Err(error) if must_wait(&error) => break,
                Err(error) => return Err(error),
            }
            self.session.process_new_packets().map_err(io::Error::other)?;
        }
        if filled == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(filled) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<WriteOutcome> {
        let taken = if bytes.is_empty() { 0 } else { self.session.writer().write(bytes)? };
        if !self.session.wants_write() {
            return Ok(WriteOutcome { taken, written: Written::All });
        }
        let sent = match self.session.write_tls(&mut self.tcp) {
            Ok(sent) => sent,
            Err(error) if must_wait(&error) => 0,
            Err(error) => return Err(error),
        };
        let all = taken == bytes.len() && !self.session.wants_write();
        let written = match sent {
            _ if all => Written::All,
            0 => Written::Nothing,
            _ => Written::Part,
        };
        Ok(WriteOutcome { taken, written })
    }
}

/// The TCP stream as TLS reads it.
struct Kernel<'s> {
    tcp: &'s TcpStream,
    /// True if the last read returned less than it had room for: the kernel has no more until the next tick.
    drained: bool,
}

impl Read for Kernel<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.tcp.read(buffer)?;
        self.drained = read > 0 && read < buffer.len();
        Ok(read)
    }
}

/// Returns true if the operation may succeed at the next tick.
pub fn must_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
