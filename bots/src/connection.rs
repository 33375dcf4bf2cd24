//! A bot's connection: from an address to the welcome, to take a seat or to take one up again.

use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use drumline_room::GameSpec;
use drumline_shared::limits::MAX_SERVER_MESSAGE_BYTES;
use drumline_shared::wire::control::{SUBPROTOCOL, ServerMessage, Welcome, read_control};
use drumline_shared::wire::session::SessionToken;
use futures_util::StreamExt;
use thiserror::Error;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::path::Path;
use crate::stream::{Stream, Trust};

/// The receive buffer of a bot that is going to stall: what fits in it never reaches the server's notice.
const STALL_RECEIVE_BUFFER: u32 = 4096;
/// What is read at a time: what a game sends at a tick is less.
const READ_BUFFER_BYTES: usize = 4096;
/// How long a goodbye may be under way on a bad network.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// A bot cannot join, or not come back.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The URL is neither `ws://host:port` nor `wss://host:port`.
    #[error("`{0}` is not an address like ws://127.0.0.1:7777 or wss://localhost:7777")]
    BadUrl(String),
    /// The address wants TLS, and it is not said who is trusted.
    #[error("wss needs --ca FILE, which says what certificates are trusted")]
    NoTrust,
    /// The TLS handshake failed.
    #[error("no TLS with {host}: {source}")]
    Tls {
        /// Host and port.
        host: String,
        /// What went wrong.
        source: io::Error,
    },
    /// No connection.
    #[error("cannot connect to {host}: {source}; is the server running?")]
    Connect {
        /// Host and port.
        host: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The server refused the handshake.
    #[error("the server refused to let a bot in: {status} {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
    /// The connection broke, or was not WebSocket.
    #[error("the handshake failed: {0}")]
    Handshake(#[from] Box<WsError>),
    /// The first message was no welcome.
    #[error("the server's first message is no welcome")]
    NoWelcome,
    /// A bot of another process met with this.
    #[error("{0}")]
    Elsewhere(String),
    /// Nothing came.
    #[error("no welcome within {} seconds", .0.as_secs())]
    TimedOut(Duration),
}

impl JoinError {
    /// What they are counted by: without what differs from one bot to the next.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::BadUrl(_) => "bad address".to_owned(),
            Self::NoTrust => "nobody to trust".to_owned(),
            Self::Tls { .. } => "no TLS".to_owned(),
            Self::Connect { source, .. } => format!("cannot connect: {source}"),
            Self::Refused { status, body } => {
                let answer: Option<serde_json::Value> = serde_json::from_str(body).ok();
                let name = answer.as_ref().and_then(|answer| answer.get("error")?.as_str());
                format!("{status} {}", name.unwrap_or("refused"))
            }
            Self::Handshake(_) => "the handshake failed".to_owned(),
            Self::NoWelcome | Self::TimedOut(_) | Self::Elsewhere(_) => self.to_string(),
        }
    }
}

/// Where and as what a bot joins.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// `ws://host:port` or `wss://host:port`.
    pub url: String,
    /// Who is trusted, for `wss`.
    pub trust: Option<Trust>,
    /// The game, as the bot was built with.
    pub spec: Arc<GameSpec>,
    /// A room's id, or `new`.
    pub room: String,
    /// The bot's name.
    pub name: String,
    /// Whether the bot is going to stop reading for a while: then little of what comes meanwhile is to be kept for it.
    pub stops_reading: bool,
    /// The bot's own address, if it is not the usual one.
    pub from: Option<Ipv4Addr>,
    /// The network in between, if it is a bad one.
    pub path: Option<Rc<Path>>,
    /// What else is random about this bot comes of this.
    pub seed: u64,
}

/// What a connection asks for.
#[derive(Debug, Clone, Copy)]
pub enum Request {
    /// The ticket's room, and a seat.
    Join,
    /// The seat of a session, and what has happened since a tick, if the mirror shows that.
    Resume(SessionToken, Option<u32>),
}

/// A connection that has been welcomed.
#[derive(Debug)]
pub struct Connection {
    /// The WebSocket.
    pub socket: WebSocketStream<Stream>,
    /// How long the handshake took: there and back, and perhaps what kept either side.
    pub round_trip: Duration,
    /// What carries its bytes over a bad network.
    pub(crate) carrier: Option<JoinHandle<()>>,
}

impl Connection {
    /// Connects, and waits for the welcome for so long.
    ///
    /// # Errors
    /// [`JoinError`] says what went wrong.
    pub async fn open(
        ticket: &Ticket,
        request: Request,
        limit: Duration,
    ) -> Result<(Self, Box<Welcome>), JoinError> {
        let opened = tokio::time::timeout(limit, Self::connect(ticket, request)).await;
        opened.unwrap_or(Err(JoinError::TimedOut(limit)))
    }

    async fn connect(ticket: &Ticket, request: Request) -> Result<(Self, Box<Welcome>), JoinError> {
        let Ticket { url, spec, room, name, .. } = ticket;
        let who = match request {
            Request::Join => format!("room={room}&name={name}"),
            Request::Resume(session, None) => format!("session={session}"),
            Request::Resume(session, Some(tick)) => format!("session={session}&tick={tick}"),
        };
        let address = format!("{url}/play/{}?{who}&schema={:016x}", spec.name, spec.schema_hash);
        let bad_url = || JoinError::BadUrl(url.clone());
        let uri: Uri = address.parse().map_err(|_| bad_url())?;
        let host = uri.authority().ok_or_else(bad_url)?;
        let trust = match uri.scheme_str() {
            Some("ws") => None,
            Some("wss") => Some(ticket.trust.as_ref().ok_or(JoinError::NoTrust)?),
            _ => return Err(bad_url()),
        };
        let stream = connect(host.as_str(), ticket)
            .await
            .map_err(|source| JoinError::Connect { host: host.to_string(), source })?;
        let (stream, carrier) = match &ticket.path {
            None => (Stream::Straight(stream), None),
            Some(path) => {
                path.open().await;
                let (stream, carrier) = Rc::clone(path).lead(stream);
                (Stream::Led(stream), Some(carrier))
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
        let (mut socket, _) =
            client_async_with_config(request, stream, Some(config)).await.map_err(join_error)?;
        let round_trip = asked.elapsed();
        let first = socket.next().await.ok_or(JoinError::NoWelcome)?.map_err(Box::new)?;
        match read_control(&first.into_data()) {
            Ok(ServerMessage::Welcome(welcome)) if welcome.schema_hash == spec.schema_hash => {
                Ok((Self { socket, round_trip, carrier }, Box::new(welcome)))
            }
            _ => Err(JoinError::NoWelcome),
        }
    }

    /// Says goodbye, and waits until the server has taken note, so that the seat is free.
    pub async fn leave(mut self) {
        let gone = async {
            if self.socket.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // A server that takes longer is not asked to be nice.
        let _ = tokio::time::timeout(GOODBYE_LIMIT, gone).await;
    }

    /// Says goodbye. The server may be gone already: a goodbye that fails is no finding.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
        drop(self.socket);
        if let Some(carrier) = self.carrier {
            let _ = tokio::time::timeout(GOODBYE_LIMIT, carrier).await;
        }
    }
}

async fn connect(host: &str, ticket: &Ticket) -> io::Result<TcpStream> {
    let address = tokio::net::lookup_host(host).await?.next().ok_or(io::ErrorKind::NotFound)?;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if ticket.stops_reading {
        socket.set_recv_buffer_size(STALL_RECEIVE_BUFFER)?;
    }
    if let Some(ip) = ticket.from {
        socket.bind((ip, 0).into())?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn join_error(error: WsError) -> JoinError {
    match error {
        WsError::Http(response) => JoinError::Refused {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned(),
        },
        other => JoinError::Handshake(Box::new(other)),
    }
}
