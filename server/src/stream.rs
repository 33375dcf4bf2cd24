//! The bytes beneath a player's WebSocket: a non-blocking TCP stream, plain or under TLS.
//!
//! Under TLS, what a tick writes is encrypted at once and given to the kernel in one call, as it is without. What the kernel
//! does not take is kept, of so many bytes: a client that does not read costs no more than that.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use rustls::ServerConnection;

/// Bytes of encrypted data that may wait for the kernel. Beyond these, plain text waits.
const MAX_ENCRYPTED_BYTES: usize = 32 * 1024;
/// Reads from the kernel at one tick. Each takes in 4 KiB at most, of which an honest client's every byte is text: whoever sends
/// records of nothing has the rest of them wait.
const MAX_READS: usize = 8;

/// A player's stream.
#[derive(Debug)]
pub enum Stream {
    /// Without TLS.
    Plain(TcpStream),
    /// With it.
    Tls(Box<Encrypted>),
}

/// A stream under TLS.
#[derive(Debug)]
pub struct Encrypted {
    tcp: TcpStream,
    session: ServerConnection,
}

/// How much of what was to be written the kernel took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All, or there was nothing.
    All,
    /// Some of it.
    Part,
    /// None of it.
    Nothing,
}

impl Stream {
    /// A stream under TLS whose handshake is done.
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

    /// Reads what has arrived, as far as there is room for it; nothing is the stream's end.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] if nothing has arrived; any other if the connection is lost.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(encrypted) => encrypted.read(buffer),
        }
    }

    /// Writes what waits in here and then `bytes`, in one call to the kernel. The number of bytes is how many are not to be
    /// given again, sent or not.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<(usize, Written)> {
        match self {
            Self::Plain(_) if bytes.is_empty() => Ok((0, Written::All)),
            Self::Plain(tcp) => match tcp.write(bytes) {
                Ok(taken) if taken == bytes.len() => Ok((taken, Written::All)),
                Ok(0) => Ok((0, Written::Nothing)),
                Ok(taken) => Ok((taken, Written::Part)),
                Err(error) if must_wait(&error) => Ok((0, Written::Nothing)),
                Err(error) => Err(error),
            },
            Self::Tls(encrypted) => encrypted.write(bytes),
        }
    }

    /// Ends the sending side, after everything that was written; whether that is done.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn finish(&mut self) -> io::Result<bool> {
        if let Self::Tls(encrypted) = self {
            encrypted.session.send_close_notify();
            if encrypted.write(&[])?.1 != Written::All {
                return Ok(false);
            }
        }
        self.tcp().shutdown(Shutdown::Write)?;
        Ok(true)
    }

    /// Throws away what has arrived; whether the stream is over. Nothing can be read after it.
    pub fn throw_away(&mut self, buffer: &mut [u8]) -> bool {
        match self.tcp().read(buffer) {
            Ok(read) => read == 0,
            Err(error) => !must_wait(&error),
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
                // Many clients end without a word; that they have is no attack that would matter here.
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

    fn write(&mut self, bytes: &[u8]) -> io::Result<(usize, Written)> {
        let taken = if bytes.is_empty() { 0 } else { self.session.writer().write(bytes)? };
        if !self.session.wants_write() {
            return Ok((taken, Written::All));
        }
        let sent = match self.session.write_tls(&mut self.tcp) {
            Ok(sent) => sent,
            Err(error) if must_wait(&error) => 0,
            Err(error) => return Err(error),
        };
        let all = taken == bytes.len() && !self.session.wants_write();
        Ok((
            taken,
            if all {
                Written::All
            } else if sent > 0 {
                Written::Part
            } else {
                Written::Nothing
            },
        ))
    }
}

/// The TCP stream as TLS reads it.
struct Kernel<'s> {
    tcp: &'s TcpStream,
    /// Whether it has given less than there was room for: then there is no more until the next tick.
    drained: bool,
}

impl Read for Kernel<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.tcp.read(buffer)?;
        self.drained = read > 0 && read < buffer.len();
        Ok(read)
    }
}

/// Whether the next tick may do better.
pub fn must_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
