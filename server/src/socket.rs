//! A player's WebSocket over a non-blocking stream: one read and one write a tick.
//!
//! What a game sends is small binary frames, one after the other: those are taken from the bytes and put into them
//! right here, in buffers that all connections of a room share. Every other frame – pings, closes, fragments, mistakes – is
//! handed to the WebSocket library, a whole one at a time, and what the library says in answer waits for the next
//! write. So the library keeps no buffers for a connection that only plays.

use std::io::{self, Cursor, ErrorKind, Read, Write};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, FrameHeader};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use crate::close::CloseReason;
use crate::stream::{Stream, Written, must_wait};

/// Bytes taken in from one connection at one tick, those kept from the tick before included: what an honest client
/// sends in seconds.
pub const READ_BUFFER_BYTES: usize = 16 * 1024;
/// The longest message that a client can be allowed: with its header it must fit in what is read at a tick.
pub const MAX_MESSAGE_BYTES: u64 = 16_000;
/// The shortest limit of messages: what is shorter is not measured.
pub const MIN_MESSAGE_BYTES: u64 = 128;

/// The first byte of a final binary frame without extensions.
const BINARY_FRAME: u8 = 0x82;
/// The bit that says that a frame is masked, as every client's must be; the other seven are the length, if below 126.
const MASKED: u8 = 0x80;
/// Bytes before the payload of a short masked frame: the two above and the mask.
const SHORT_HEADER_BYTES: usize = 6;
/// The longest payload whose length is in the second byte.
const MAX_SHORT_BYTES: usize = 125;
/// The library reads only what it is given; more room than for a frame's header is of no use to it.
const LIBRARY_BUFFER_BYTES: usize = 16;

/// A player's WebSocket.
#[derive(Debug)]
pub struct Socket {
    stream: Stream,
    /// What was read and is no whole frame yet, or was too much for a tick.
    kept: Vec<u8>,
    /// What is to be written, or was not taken by the kernel.
    outgoing: Vec<u8>,
    /// Whether the library waits for the rest of a fragmented message.
    in_fragments: bool,
    /// Bytes that were received and sent beside messages: frames' headers, and whole frames of the library's.
    overhead: [u32; 2],
    /// Bytes that a message may have.
    max_message_bytes: u32,
    /// Out of the way: with many clients, what a tick touches should be close together.
    library: Box<WebSocket<Pipe>>,
}

/// What the library takes for its stream.
#[derive(Debug, Default)]
struct Pipe {
    /// The frame that it is to read.
    incoming: Cursor<Vec<u8>>,
    /// What it wants written.
    outgoing: Vec<u8>,
}

/// What has arrived and is not looked at yet.
#[derive(Debug)]
pub struct Arrived<'b> {
    bytes: &'b mut [u8],
    /// How many bytes were read just now.
    read: usize,
    /// Whether the stream goes on after it.
    ended: bool,
}

/// One thing that has arrived.
#[derive(Debug)]
pub enum Received<'b> {
    /// A binary message in the reader's buffer.
    Short(&'b [u8]),
    /// A binary message that the library put together.
    Long(Bytes),
    /// Something between the libraries of both sides: a ping, a pong, part of a message.
    Control,
}

/// What stands at the start of some bytes.
enum Frame {
    /// A whole short binary frame with so long a payload.
    Short(usize),
    /// So many bytes for the library.
    Other(usize),
    /// The start of a frame.
    Incomplete,
}

impl Socket {
    /// A socket whose handshake is done and that takes messages of so many bytes; `leftover` is what came after the handshake
    /// and is already read.
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
            overhead: [0; 2],
            max_message_bytes,
            library: Box::new(library),
        }
    }

    /// Reads what has arrived, as far as there is room in `buffer`, in one call to the kernel. All of it is to be taken by
    /// [`next`](Self::next), or [kept](Self::keep).
    ///
    /// # Errors
    /// The reason if the connection is lost, or more came with the handshake than the buffer holds.
    ///
    /// # Panics
    /// If the buffer has not [`READ_BUFFER_BYTES`].
    pub fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Arrived<'b>, CloseReason> {
        assert_eq!(buffer.len(), READ_BUFFER_BYTES, "what was kept must fit again");
        let kept = self.kept.len();
        // What came with the handshake may be more than a tick's worth; no client has that much to say before the welcome.
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

    /// Takes the next thing that has arrived; none if there is no whole one left.
    ///
    /// # Errors
    /// The reason if the connection is over, or should be.
    pub fn next<'b>(&mut self, arrived: &mut Arrived<'b>) -> Result<Option<Received<'b>>, CloseReason> {
        match first_frame(arrived.bytes, self.max_message_bytes) {
            Frame::Short(length) if !self.in_fragments => {
                let frame = arrived.take(SHORT_HEADER_BYTES + length);
                self.overhead[0] += SHORT_HEADER_BYTES as u32;
                let (header, payload) = frame.split_at_mut(SHORT_HEADER_BYTES);
                for (index, byte) in payload.iter_mut().enumerate() {
                    *byte ^= header[2 + index % 4];
                }
                Ok(Some(Received::Short(payload)))
            }
            Frame::Short(length) => self.read_by_library(arrived.take(SHORT_HEADER_BYTES + length)).map(Some),
            Frame::Other(length) => self.read_by_library(arrived.take(length)).map(Some),
            Frame::Incomplete if arrived.ended => Err(CloseReason::Lost),
            Frame::Incomplete => {
                self.kept = arrived.bytes.to_vec();
                Ok(None)
            }
        }
    }

    /// Keeps what has not been taken for the next tick.
    pub fn keep(&mut self, arrived: &Arrived) {
        self.kept = arrived.bytes.to_vec();
    }

    fn read_by_library<'b>(&mut self, frame: &[u8]) -> Result<Received<'b>, CloseReason> {
        self.library.get_mut().incoming = Cursor::new(frame.to_vec());
        let read = self.library.read();
        if let Ok(Message::Close(Some(close))) = &read
            && u16::from(close.code) == CloseReason::Silent.code()
        {
            // A client that hears nothing gives the connection up for a newer one: that is no goodbye.
            return Err(CloseReason::Lost);
        }
        // The answer to a ping leaves the library only when it is flushed.
        let read = read.and_then(|message| self.library.flush().map(|()| message));
        self.take_from_library();
        self.overhead[0] += frame.len() as u32;
        match read {
            Ok(Message::Binary(message)) => {
                // Of fragments, earlier frames were counted whole.
                self.overhead[0] = self.overhead[0].saturating_sub(message.len() as u32);
                self.in_fragments = false;
                Ok(Received::Long(message))
            }
            Ok(Message::Text(_)) => Err(CloseReason::TextMessage),
            Ok(Message::Close(_)) => Err(CloseReason::Left),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Received::Control),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                self.in_fragments = true;
                Ok(Received::Control)
            }
            Err(error) => Err(reason_of(&error)),
        }
    }

    /// Has a binary message wait for the next [`write`](Self::write).
    pub fn queue(&mut self, message: &[u8]) {
        self.overhead[1] += put_frame(&mut self.outgoing, message);
    }

    /// Has a ping wait for the next [`write`](Self::write).
    ///
    /// # Errors
    /// The reason if the connection is over.
    pub fn queue_ping(&mut self) -> Result<(), CloseReason> {
        self.library.send(Message::Ping(Bytes::new())).map_err(|error| reason_of(&error))?;
        self.take_from_library();
        Ok(())
    }

    /// Writes what waits and then `frames`, in one call to the kernel. What it does not take waits.
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
        let (taken, written) = stream.write(bytes).map_err(|_| CloseReason::Lost)?;
        if taken == bytes.len() {
            *outgoing = Vec::new();
        } else if waited {
            outgoing.drain(..taken);
        } else {
            outgoing.extend_from_slice(&frames[taken..]);
        }
        Ok(written)
    }

    /// Has the close frame wait. From then on the socket is only to be [`drain`](Self::drain)ed.
    pub fn close(&mut self, frame: CloseFrame) {
        // Whatever fails here, the connection is dropped after its time to drain.
        let _ = self.library.close(Some(frame));
        self.take_from_library();
    }

    /// Puts what the library wants written behind what waits.
    fn take_from_library(&mut self) {
        let outgoing = &mut self.library.get_mut().outgoing;
        self.overhead[1] += outgoing.len() as u32;
        self.outgoing.append(outgoing);
    }

    /// Bytes that have been received and sent beside messages since this was last asked.
    pub fn take_overhead(&mut self) -> [u32; 2] {
        std::mem::take(&mut self.overhead)
    }

    /// Carries on with the goodbye; whether it is over. What still arrives is thrown away unread: after an
    /// error the library's reader must not be used again, and a socket closed on unread data would cut off the
    /// close frame.
    pub fn drain(&mut self) -> bool {
        match self.write(&[]) {
            Ok(Written::All) => {}
            Ok(Written::Part | Written::Nothing) => return false,
            Err(_) => return true,
        }
        match self.stream.finish() {
            Ok(true) => self.stream.throw_away(&mut [0; READ_BUFFER_BYTES]),
            Ok(false) => false,
            Err(_) => true,
        }
    }
}

impl<'b> Arrived<'b> {
    /// How many bytes were read just now.
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
    /// The message, if it is one.
    #[must_use]
    pub fn message(&self) -> Option<&[u8]> {
        match self {
            Self::Short(message) => Some(message),
            Self::Long(message) => Some(message),
            Self::Control => None,
        }
    }
}

/// Appends a binary frame, and returns how many bytes of it are its header.
pub fn put_frame(out: &mut Vec<u8>, payload: &[u8]) -> u32 {
    let before = out.len();
    let header = FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() };
    header.format(payload.len() as u64, out).expect("memory takes what is written");
    let header_bytes = (out.len() - before) as u32;
    out.extend_from_slice(payload);
    header_bytes
}

fn first_frame(bytes: &[u8], max_message_bytes: u32) -> Frame {
    if let [BINARY_FRAME, second, ..] = *bytes
        && second & MASKED != 0
        && usize::from(second & !MASKED) <= MAX_SHORT_BYTES
    {
        let length = usize::from(second & !MASKED);
        return if bytes.len() >= SHORT_HEADER_BYTES + length {
            Frame::Short(length)
        } else {
            Frame::Incomplete
        };
    }
    let mut cursor = Cursor::new(bytes);
    match FrameHeader::parse(&mut cursor) {
        Ok(None) => Frame::Incomplete,
        Ok(Some((_, length))) if length <= max_message_bytes.into() => {
            let whole = cursor.position() as usize + length as usize;
            if bytes.len() >= whole { Frame::Other(whole) } else { Frame::Incomplete }
        }
        // The library will say what is wrong with it.
        Ok(Some(_)) | Err(_) => Frame::Other(bytes.len()),
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
