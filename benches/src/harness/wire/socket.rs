//! A WebSocket that is read without waiting.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use drumline_shared::limits::MAX_SERVER_MESSAGE_BYTES;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Utf8Bytes, WebSocket, client};

use crate::harness::Outcome;

/// How long a handshake may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A message that is more than bookkeeping.
pub enum Payload {
    Binary(Bytes),
    Text(Utf8Bytes),
}

/// A connected WebSocket.
pub struct Socket {
    inner: WebSocket<Once>,
}

/// A stream that is asked for more only if it filled the last buffer: a short read means that nothing is left, and one
/// system call for each update is saved.
struct Once {
    stream: TcpStream,
    drained: bool,
}

impl Socket {
    /// Connects and shakes hands, waiting for both.
    pub fn connect(address: SocketAddr, path: &str, subprotocol: Option<&'static str>) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        if let Some(subprotocol) = subprotocol {
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_SERVER_MESSAGE_BYTES));
        let stream = Once { stream, drained: false };
        let (inner, _) = client::client_with_config(request, stream, Some(config))
            .map_err(|error| format!("the handshake failed: {error}"))?;
        inner.get_ref().stream.set_nonblocking(true)?;
        Ok(Self { inner })
    }

    /// The stream, to be waited for.
    pub fn stream(&self) -> &TcpStream {
        &self.inner.get_ref().stream
    }

    /// To be called when the stream is ready, before the messages are taken.
    pub fn wake(&mut self) {
        self.inner.get_mut().drained = false;
    }

    /// The next message that has arrived.
    pub fn next(&mut self) -> Outcome<Option<Payload>> {
        loop {
            match self.inner.read() {
                Ok(Message::Binary(bytes)) => return Ok(Some(Payload::Binary(bytes))),
                Ok(Message::Text(text)) => return Ok(Some(Payload::Text(text))),
                Ok(Message::Close(frame)) => return Err(format!("closed: {frame:?}").into()),
                Ok(_) => {}
                Err(error) if waits(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a message, or keeps it until the socket takes more.
    pub fn send(&mut self, message: Message) -> Outcome<()> {
        match self.inner.send(message) {
            Err(error) if !waits(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn waits(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == ErrorKind::WouldBlock)
}

impl Read for Once {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.drained {
            return Err(ErrorKind::WouldBlock.into());
        }
        let bytes = self.stream.read(buffer)?;
        // The end of the stream is no short read: it must be seen.
        self.drained = (1..buffer.len()).contains(&bytes);
        Ok(bytes)
    }
}

impl Write for Once {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
