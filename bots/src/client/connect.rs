//! Opening a bot's connection: from an address to the server's welcome, for a new seat or a resumed one.

use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use drumline_room::GameSpec;
use drumline_shared::limits::MAX_SERVER_MESSAGE_BYTES;
use drumline_shared::wire::control::{SUBPROTOCOL, ServerMessage, Welcome, read_control};
use futures_util::StreamExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::client::join_error::JoinError;
use crate::net::path::Path;
use crate::net::transport::{Transport, TrustedRoots};

/// The receive buffer of a bot that will stop reading, in bytes. Data that fits into it hides from the server that
/// the bot does not read.
const STALL_RECEIVE_BUFFER: u32 = 4096;
/// Bytes that are read at a time: more than a game sends per tick.
const READ_BUFFER_BYTES: usize = 4096;
/// How long closing a connection may take on a bad network.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// The room that a bot joins, and how.
#[derive(Debug, Clone)]
pub struct JoinTarget {
    /// `ws://host:port` or `wss://host:port`.
    pub url: String,
    /// The root certificates to trust; required for `wss`.
    pub trust: Option<TrustedRoots>,
    /// The game that the bot was built with.
    pub spec: Arc<GameSpec>,
    /// A room's id, or `new`.
    pub room: String,
    /// The bot's name.
    pub name: String,
    /// True if the bot will stop reading for a while: then its receive buffer is kept small.
    pub stops_reading: bool,
    /// The bot's local address; `None`: the system chooses.
    pub from: Option<Ipv4Addr>,
    /// The simulated network; `None` if there is none.
    pub path: Option<Rc<Path>>,
    /// The seed of the bot's own randomness.
    pub seed: u64,
}

/// The seat that a connection asks for.
#[derive(Debug, Clone, Copy)]
pub enum SeatRequest<'a> {
    /// A new seat in the target's room.
    Join,
    /// The seat of a session, with the events since the tick that the mirror shows, if it shows one.
    Resume {
        /// The session's token.
        session: &'a str,
        /// The tick that the mirror shows.
        tick: Option<u32>,
    },
}

/// A connection that has received its welcome.
#[derive(Debug)]
pub struct Connection {
    /// The WebSocket.
    pub socket: WebSocketStream<Transport>,
    /// The duration of the handshake, which is about a round trip.
    pub round_trip: Duration,
    /// The task that carries its bytes over a simulated network.
    pub(crate) carrier: Option<JoinHandle<()>>,
}

impl Connection {
    /// Connects, and waits for the welcome, for at most `limit`.
    ///
    /// # Errors
    /// [`JoinError`] names the step that failed.
    pub async fn open(
        target: &JoinTarget,
        request: SeatRequest<'_>,
        limit: Duration,
    ) -> Result<(Self, Box<Welcome>), JoinError> {
        let opened = tokio::time::timeout(limit, Self::connect(target, request)).await;
        opened.unwrap_or(Err(JoinError::TimedOut(limit)))
    }

    async fn connect(
        target: &JoinTarget,
        request: SeatRequest<'_>,
    ) -> Result<(Self, Box<Welcome>), JoinError> {
        let JoinTarget { url, spec, room, name, .. } = target;
        let seat = match request {
            SeatRequest::Join => format!("room={room}&name={name}"),
            SeatRequest::Resume { session, tick: None } => format!("session={session}"),
            SeatRequest::Resume { session, tick: Some(tick) } => format!("session={session}&tick={tick}"),
        };
        let address = format!("{url}/play/{}?{seat}&schema={:016x}", spec.name, spec.schema_hash);
        let bad_url = || JoinError::BadUrl(url.clone());
        let uri: Uri = address.parse().map_err(|_| bad_url())?;
        let host = uri.authority().ok_or_else(bad_url)?;
        let trust = match uri.scheme_str() {
            Some("ws") => None,
            Some("wss") => Some(target.trust.as_ref().ok_or(JoinError::NoTrust)?),
            _ => return Err(bad_url()),
        };
        let stream = open_socket(host.as_str(), target)
            .await
            .map_err(|source| JoinError::Connect { host: host.to_string(), source })?;
        let (stream, carrier) = match &target.path {
            None => (Transport::Tcp(stream), None),
            Some(path) => {
                path.open().await;
                let (stream, carrier) = Rc::clone(path).carry_connection(stream);
                (Transport::Simulated(stream), Some(carrier))
            }
        };
        let stream = match trust {
            None => stream,
            Some(trust) => {
                let tls = |source| JoinError::Tls { host: host.to_string(), source };
                trust.encrypt(host.host().trim_matches(['[', ']']), stream).await.map_err(tls)?
            }
        };
        let mut request = address.into_client_request().map_err(Box::new)?;
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_SERVER_MESSAGE_BYTES));
        let asked = Instant::now();
        let (mut socket, _) = client_async_with_config(request, stream, Some(config))
            .await
            .map_err(JoinError::from_handshake)?;
        let round_trip = asked.elapsed();
        let first = socket.next().await.ok_or(JoinError::NoWelcome)?.map_err(Box::new)?;
        match read_control(&first.into_data()) {
            Ok(ServerMessage::Welcome(welcome)) if welcome.schema_hash == spec.schema_hash => {
                Ok((Self { socket, round_trip, carrier }, welcome))
            }
            _ => Err(JoinError::NoWelcome),
        }
    }

    /// Closes the connection, and waits until the server has answered, so that the seat is free.
    pub async fn leave(mut self) {
        let closed = async {
            if self.socket.close(Some(goodbye())).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // If the server takes longer, the bot goes on without its answer.
        let _ = tokio::time::timeout(CLOSE_LIMIT, closed).await;
    }

    /// Closes the connection. The server may be gone already, so errors are ignored.
    pub async fn close(mut self) {
        let _ = self.socket.close(Some(goodbye())).await;
        drop(self.socket);
        if let Some(carrier) = self.carrier {
            let _ = tokio::time::timeout(CLOSE_LIMIT, carrier).await;
        }
    }
}

async fn open_socket(host: &str, target: &JoinTarget) -> io::Result<TcpStream> {
    let address = tokio::net::lookup_host(host).await?.next().ok_or(io::ErrorKind::NotFound)?;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if target.stops_reading {
        socket.set_recv_buffer_size(STALL_RECEIVE_BUFFER)?;
    }
    if let Some(ip) = target.from {
        socket.bind((ip, 0).into())?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The close frame of a player who leaves: no other frees the seat at once.
fn goodbye() -> CloseFrame {
    CloseFrame { code: CloseCode::Normal, reason: "".into() }
}
