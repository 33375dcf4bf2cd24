//! A player's WebSocket over a non-blocking stream: one read and one write a tick.
//!
//! Games send small binary frames, one after the other. These are parsed and written right here, in buffers that all
//! connections of a room share. Every other frame (pings, closes, fragments, mistakes) is passed to the WebSocket library,
//! a whole one at a time, and the library's answers wait for the next write. A connection that only plays therefore has no
//! buffers of its own; in paired runs this saves 6 % of the server's processor time.
//!
//! In the steady state a client costs two system calls a tick. A read that returns less than it had room for has emptied the
//! kernel's buffer, so the kernel is not asked again until the next tick.

mod frame;

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::task::Poll;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use super::close_reason::CloseReason;
use super::stream::{Stream, WriteOutcome, Written, must_wait};
use frame::{Frame, SHORT_HEADER_BYTES, first_frame, read_close, unmask_short};

pub use frame::put_frame;

/// Bytes read from one connection at one tick, with those kept from the tick before. An honest client takes seconds to send
/// as much.
pub const READ_BUFFER_BYTES: usize = 16 * 1024;
/// The largest allowed limit of a client's message: with its header it must fit in one read.
pub const MAX_MESSAGE_BYTES: u64 = 16_000;
/// The smallest allowed limit of a client's message: shorter ones are not measured.
pub const MIN_MESSAGE_BYTES: u64 = 128;

/// The library reads whole frames from memory, so it needs room for no more than a frame's header.
const LIBRARY_BUFFER_BYTES: usize = 16;

/// A player's WebSocket.
#[derive(Debug)]
pub struct Socket {
    stream: Stream,
    /// Bytes that were read and are not a whole frame yet, or were too many for one tick.
    kept: Vec<u8>,
    /// Bytes to be written, and bytes that the kernel did not accept.
    outgoing: Vec<u8>,
    /// True while the library waits for the rest of a fragmented message.
    in_fragments: bool,
    overhead: Overhead,
    /// The largest message that is accepted.
    max_message_bytes: u32,
    /// Boxed: with many clients, the bytes that a tick touches should lie close together.
    library: Box<WebSocket<Pipe>>,
}

/// Bytes received and sent beside messages: headers of frames, and whole frames of the library's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overhead {
    /// Received bytes.
    pub received_bytes: u32,
    /// Sent bytes.
    pub sent_bytes: u32,
}

/// The stream that the library works on, in memory.
#[derive(Debug, Default)]
struct Pipe {
    /// The frame that it is to read.
    incoming: Cursor<Vec<u8>>,
    /// The bytes that it has written.
    outgoing: Vec<u8>,
}

/// Bytes that have arrived and are not parsed yet.
#[derive(Debug)]
pub struct Arrived<'b> {
    bytes: &'b mut [u8],
    /// Bytes that the last read returned.
    read: usize,
    /// True if the stream ends behind them.
    ended: bool,
}

/// One thing that has arrived.
#[derive(Debug)]
pub enum Received<'b> {
    /// A binary message in the reader's buffer.
    Short(&'b [u8]),
    /// A binary message that the library put together.
    Long(Bytes),
    /// A ping, a pong, or part of a message: nothing for the caller.
    Control,
}

impl Socket {
    /// A socket whose handshake is done and that accepts messages of at most `max_message_bytes`. `leftover` are the bytes
    /// behind the handshake that are already read.
    #[must_use]
    pub fn new(stream: Stream, leftover: Vec<u8>, max_message_bytes: u32) -> Self {
        let max = Some(max_message_bytes as usize);
        let config = WebSocketConfig::default()
            .read_buffer_size(LIBRARY_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(max)
            .max_frame_size(max);
        let library = WebSocket::from_raw_socket(Pipe::default(), Role::Server, Some(config));
        Self {
            stream,
            kept: leftover,
            outgoing: Vec::new(),
            in_fragments: false,
            overhead: Overhead::default(),
            max_message_bytes,
            library: Box::new(library),
        }
    }

    /// Reads the bytes that have arrived, as far as they fit in `buffer`, in one call to the kernel. The caller then takes all of
    /// them by [`next`](Self::next), or [keeps](Self::keep) the rest.
    ///
    /// # Errors
    /// The reason if the connection is lost, or more bytes came with the handshake than the buffer holds.
    ///
    /// # Panics
    /// If the buffer is not [`READ_BUFFER_BYTES`] long.
    pub fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Arrived<'b>, CloseReason> {
        assert_eq!(buffer.len(), READ_BUFFER_BYTES, "the bytes that were kept must fit again");
        let kept = self.kept.len();
        // Bytes behind the handshake may exceed one read; no honest client sends that much before the welcome.
        if kept > buffer.len() {
            return Err(CloseReason::ProtocolError);
        }
        buffer[..kept].copy_from_slice(&self.kept);
        self.kept = Vec::new();
        if kept == buffer.len() {
            return Ok(Arrived { bytes: buffer, read: 0, ended: false });
        }
        let (read, ended) = match self.stream.read(&mut buffer[kept..]) {
            Ok(read) => (read, read == 0),
            Err(error) if must_wait(&error) => (0, false),
            Err(_) => return Err(CloseReason::Lost),
        };
        Ok(Arrived { bytes: &mut buffer[..kept + read], read, ended })
    }

    /// Takes the next frame; `None` if no whole one is left.
    ///
    /// # Errors
    /// The reason if the connection has ended or must be closed.
    pub fn next<'b>(&mut self, arrived: &mut Arrived<'b>) -> Result<Option<Received<'b>>, CloseReason> {
        match first_frame(arrived.bytes, self.max_message_bytes) {
            Frame::Short(length) if !self.in_fragments => {
                let frame = arrived.take(SHORT_HEADER_BYTES + length);
                self.overhead.received_bytes += SHORT_HEADER_BYTES as u32;
                Ok(Some(Received::Short(unmask_short(frame))))
            }
            Frame::Close(length) => Err(self.answer_close(arrived.take(length))),
            Frame::Overlong => Err(CloseReason::ProtocolError),
            Frame::Short(length) => self.read_by_library(arrived.take(SHORT_HEADER_BYTES + length)).map(Some),
            Frame::Other(length) => self.read_by_library(arrived.take(length)).map(Some),
            Frame::Incomplete if arrived.ended => Err(CloseReason::Lost),
            Frame::Incomplete => {
                self.kept = arrived.bytes.to_vec();
                Ok(None)
            }
        }
    }

    /// Keeps the bytes that have not been taken for the next tick.
    pub fn keep(&mut self, arrived: &Arrived) {
        self.kept = arrived.bytes.to_vec();
    }

    /// Answers a close frame with its own code and reason, and returns the reason for which the connection ends. The library
    /// would answer some frames with another code.
    fn answer_close(&mut self, frame: &mut [u8]) -> CloseReason {
        self.overhead.received_bytes += frame.len() as u32;
        match read_close(frame) {
            Ok(close) => {
                let reason = CloseReason::of_client(close.as_ref().map(|close| close.code.into()));
                // An abandoned connection needs no answer.
                if reason != CloseReason::Lost {
                    // If this fails, the connection is dropped at the end of its time to close.
                    let _ = self.library.close(close);
                    self.take_from_library();
                }
                reason
            }
            Err(reason) => reason,
        }
    }

    fn read_by_library<'b>(&mut self, frame: &[u8]) -> Result<Received<'b>, CloseReason> {
        self.library.get_mut().incoming = Cursor::new(frame.to_vec());
        let read = self.library.read();
        // The answer to a ping leaves the library only when it is flushed.
        let read = read.and_then(|message| self.library.flush().map(|()| message));
        self.take_from_library();
        self.overhead.received_bytes += frame.len() as u32;
        match read {
            Ok(Message::Binary(message)) => {
                // Earlier fragments of the message were counted whole, as overhead.
                self.overhead.received_bytes =
                    self.overhead.received_bytes.saturating_sub(message.len() as u32);
                self.in_fragments = false;
                Ok(Received::Long(message))
            }
            Ok(Message::Text(_)) => Err(CloseReason::TextMessage),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Received::Control),
            // Valid close frames do not come here.
            Ok(Message::Close(_)) => Err(CloseReason::ProtocolError),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                self.in_fragments = true;
                Ok(Received::Control)
            }
            Err(error) => Err(reason_of(&error)),
        }
    }

    /// Queues a binary message for the next [`write`](Self::write).
    pub fn queue(&mut self, message: &[u8]) {
        self.overhead.sent_bytes += put_frame(&mut self.outgoing, message);
    }

    /// Queues a ping for the next [`write`](Self::write).
    ///
    /// # Errors
    /// The reason if the connection has ended.
    pub fn queue_ping(&mut self) -> Result<(), CloseReason> {
        self.library.send(Message::Ping(Bytes::new())).map_err(|error| reason_of(&error))?;
        self.take_from_library();
        Ok(())
    }

    /// Writes the queued bytes and then `frames`, in one call to the kernel. Bytes that it does not accept stay queued.
    ///
    /// # Errors
    /// The reason if the connection is lost.
    pub fn write(&mut self, frames: &[u8]) -> Result<Written, CloseReason> {
        let Self { stream, outgoing, .. } = self;
        let waited = !outgoing.is_empty();
        if waited {
            outgoing.extend_from_slice(frames);
        }
        let bytes = if waited { &outgoing[..] } else { frames };
        let WriteOutcome { taken, written } = stream.write(bytes).map_err(|_| CloseReason::Lost)?;
        if taken == bytes.len() {
            *outgoing = Vec::new();
        } else if waited {
            outgoing.drain(..taken);
        } else {
            outgoing.extend_from_slice(&frames[taken..]);
        }
        Ok(written)
    }

    /// Queues the close frame. From then on only [`poll_closed`](Self::poll_closed) may be called.
    pub fn close(&mut self, frame: CloseFrame) {
        // If this fails, the connection is dropped at the end of its time to close.
        let _ = self.library.close(Some(frame));
        self.take_from_library();
    }

    /// Queues the bytes that the library has written.
    fn take_from_library(&mut self) {
        let outgoing = &mut self.library.get_mut().outgoing;
        self.overhead.sent_bytes += outgoing.len() as u32;
        self.outgoing.append(outgoing);
    }

    /// The overhead since the last call.
    pub fn take_overhead(&mut self) -> Overhead {
        std::mem::take(&mut self.overhead)
    }

    /// Sends the rest and waits for the peer's end. Ready once the socket can be dropped.
    ///
    /// Bytes that still arrive are discarded, not parsed: after an error the library's reader must not be used again. They
    /// must be read, though: a socket that is closed on unread data would cut off the close frame.
    pub fn poll_closed(&mut self) -> Poll<()> {
        match self.write(&[]) {
            Ok(Written::All) => {}
            Ok(Written::Part | Written::Nothing) => return Poll::Pending,
            Err(_) => return Poll::Ready(()),
        }
        match self.stream.poll_finish() {
            Ok(Poll::Ready(())) => self.stream.poll_discard(&mut [0; READ_BUFFER_BYTES]),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(()),
        }
    }
}

impl<'b> Arrived<'b> {
    /// Bytes that the last read returned.
    #[must_use]
    pub fn read_bytes(&self) -> usize {
        self.read
    }

    fn take(&mut self, bytes: usize) -> &'b mut [u8] {
        let (taken, rest) = std::mem::take(&mut self.bytes).split_at_mut(bytes);
        self.bytes = rest;
        taken
    }
}

impl Received<'_> {
    /// The message; `None` for control frames.
    #[must_use]
    pub fn message(&self) -> Option<&[u8]> {
        match self {
            Self::Short(message) => Some(message),
            Self::Long(message) => Some(message),
            Self::Control => None,
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.incoming.read(buffer)? {
            0 => Err(ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn reason_of(error: &Error) -> CloseReason {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => CloseReason::Left,
        Error::Capacity(_) => CloseReason::MessageTooBig,
        Error::WriteBufferFull(_) => CloseReason::TooSlow,
        Error::Utf8(_) => CloseReason::TextMessage,
        Error::Protocol(_) => CloseReason::ProtocolError,
        _ => CloseReason::Lost,
    }
}

#[cfg(test)]
mod tests;
