//! The bytes of HTTP and WebSocket, written by hand, correct or not.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::{Hostile, Outcome};

/// The receive buffer of a client that will not read, in bytes.
const SMALL_BUFFER: u32 = 2048;
/// Longest head of an answer, in bytes.
const MAX_HEAD: usize = 8192;

/// The headers of a WebSocket handshake.
pub const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                           sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: drumline.1\r\n";

/// The opcode of a text message.
pub const TEXT: u8 = 1;
/// The opcode of a binary message.
pub const BINARY: u8 = 2;
/// The opcode of a close frame.
pub const CLOSE: u8 = 8;
/// The opcode of a ping.
pub const PING: u8 = 9;
/// The bit that marks the last frame of a message.
pub const FINAL: u8 = 0x80;

/// Connects to the server.
pub async fn connect(hostile: &Hostile, small_buffer: bool) -> io::Result<TcpStream> {
    let socket = if hostile.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if small_buffer {
        socket.set_recv_buffer_size(SMALL_BUFFER)?;
    }
    if let Some(ip) = hostile.from {
        socket.bind((ip, 0).into())?;
    }
    socket.connect(hostile.address).await
}

/// Sends a request, and reads the head of the answer. Returns its status, and the bytes after the head.
pub async fn ask(stream: &mut TcpStream, path: &str, headers: &str) -> io::Result<(u16, Vec<u8>)> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: hostile\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    answer(stream).await
}

/// Reads the head of an answer. Returns its status, and the bytes after the head.
pub async fn answer(stream: &mut TcpStream) -> io::Result<(u16, Vec<u8>)> {
    let mut read = Vec::new();
    while read.len() < MAX_HEAD {
        if stream.read_buf(&mut read).await? == 0 {
            break;
        }
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let status = std::str::from_utf8(&read[9..12]).ok().and_then(|status| status.parse().ok());
            return Ok((status.ok_or(io::ErrorKind::InvalidData)?, read.split_off(end + 4)));
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Reads to the end of a WebSocket. Returns how the server closed it.
pub async fn read_to_close(stream: &mut (impl AsyncReadExt + Unpin), mut read: Vec<u8>) -> Outcome {
    loop {
        while let Some((opcode, start, end)) = frame(&read) {
            if opcode == 8 {
                let code = read[start..end].first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                return Outcome::Closed(code);
            }
            read.drain(..end);
        }
        match stream.read_buf(&mut read).await {
            Ok(0) | Err(_) => return Outcome::Cut,
            Ok(_) => {}
        }
    }
}

/// The opcode of the first frame, and where its payload begins and ends; `None` if the frame is incomplete.
fn frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (start, length) = match bytes.get(1)? {
        126 => (4, u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?).into()),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize),
        short => (2, usize::from(*short)),
    };
    let end = start + length;
    (bytes.len() >= end).then(|| (bytes[0] & 0xf, start, end))
}

/// A frame as clients send it, with a mask of zeros. `first` is its first byte: the opcode and flags.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend_from_slice(payload);
    bytes
}

/// The header of a frame with this length.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(0x80 | length as u8),
        126..=0xffff => {
            bytes.push(0x80 | 0x7e);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 0x7f);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}
