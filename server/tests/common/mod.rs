//! A server in this process, and a small client for it.

pub mod http_api;

use std::net::SocketAddr;
use std::time::Duration;

use drumline::{Config, RoomsConfig, Running, Server};
use drumline_arena::world::Controls;
use drumline_arena::{Arena, Page};
use drumline_frontier::Frontier;
use drumline_kit::PageKit;
use drumline_shared::layout::{InputLayout, Layout};
use drumline_shared::mirror::Applied;
use drumline_shared::wire::control::{
    ClientMessage, KIND_CONTROL, SUBPROTOCOL, ServerMessage, Welcome, read_control, write_control,
};
use drumline_shared::wire::input::{InputHeader, write_input};
use drumline_shared::{Mirror, Replicate};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// A server's address.
pub trait At {
    /// Its address.
    fn at(&self) -> SocketAddr;
}

impl At for Running {
    fn at(&self) -> SocketAddr {
        self.address()
    }
}

impl At for SocketAddr {
    fn at(&self) -> SocketAddr {
        *self
    }
}

/// Starts a server of both games on a free port.
pub fn start(config: &Config) -> Running {
    let arena = Server::new().game::<Arena>().page::<Arena, Page>();
    let both = arena.game::<Frontier>().page::<Frontier, drumline_frontier::Page>();
    both.files::<PageKit>("kit").start(config).unwrap()
}

/// The same, with other settings of its rooms.
pub fn start_rooms(rooms: RoomsConfig) -> Running {
    start(&Config { rooms, ..Config::on_free_port() })
}

/// Sends a plain HTTP/1.1 request and returns the status and the body.
pub async fn http(server: &impl At, method: &str, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.at()).await.unwrap();
    let close = if headers.contains("connection:") { "" } else { "connection: close\r\n" };
    let host = if headers.contains("host:") { "" } else { "host: test\r\n" };
    let request = format!("{method} {path} HTTP/1.1\r\n{host}{close}{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// Waits for something that a healthy server does at once, with a time limit.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("the server answers")
}

/// Does the handshake with any game. Later messages are not read.
pub async fn join(server: &impl At, game: &str, query: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(server.at()).await.unwrap();
    join_over(stream, server, game, query).await
}

async fn join_over<S: Bytes>(stream: S, server: &impl At, game: &str, query: &str) -> WebSocketStream<S> {
    let url = format!("ws://{}/play/{game}?{query}", server.at());
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
    let (socket, response) = client_async(request, stream).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], SUBPROTOCOL);
    socket
}

/// The close frame of a player who leaves.
pub fn goodbye() -> CloseFrame {
    CloseFrame { code: 1000.into(), reason: "".into() }
}

/// Reads to the close frame and returns its code and reason.
pub async fn closed<S: Bytes>(socket: &mut WebSocketStream<S>) -> (u16, String) {
    loop {
        match soon(socket.next()).await.expect("a close frame comes before the end").unwrap() {
            Message::Close(Some(frame)) => return (frame.code.into(), frame.reason.to_string()),
            Message::Close(None) => panic!("every close has a code"),
            _ => {}
        }
    }
}

/// A stream beneath a WebSocket.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Bytes for S {}

/// A client of the arena.
pub struct Client<S = TcpStream> {
    pub socket: WebSocketStream<S>,
    pub welcome: Welcome,
    pub mirror: Mirror,
    numbers: u32,
}

impl Client {
    /// Joins with a query such as `name=a&room=new`.
    pub async fn join(server: &impl At, query: &str) -> Self {
        let stream = TcpStream::connect(server.at()).await.unwrap();
        Self::join_over(stream, server, query).await
    }

    /// Joins over a socket with the smallest receive buffer.
    pub async fn join_with_small_buffer(server: &impl At, query: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        let stream = socket.connect(server.at()).await.unwrap();
        Self::join_over(stream, server, query).await
    }

    /// Joins with a ticket for the arena.
    pub async fn enter(server: &Running, ticket: &str) -> Self {
        Self::try_enter(server, ticket).await.expect("the ticket is good")
    }

    /// The same, with a ticket that may be refused.
    pub async fn try_enter(server: &Running, ticket: &str) -> Option<Self> {
        Self::offering(server, "/play/arena", &format!("{SUBPROTOCOL}, drumline.ticket.{ticket}")).await
    }

    /// Joins with some subprotocols; `None` if the server refuses.
    pub async fn offering(server: &Running, path: &str, protocols: &str) -> Option<Self> {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let mut request = format!("ws://{}{path}", server.address()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        match client_async(request, stream).await {
            Ok((socket, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], SUBPROTOCOL);
                Some(Self::begin(socket).await)
            }
            Err(_) => None,
        }
    }
}

impl<S: Bytes> Client<S> {
    /// Joins over any stream.
    pub async fn join_over(stream: S, server: &impl At, query: &str) -> Self {
        Self::begin(join_over(stream, server, "arena", query).await).await
    }

    /// Begins with a connection whose handshake is done.
    pub async fn begin(mut socket: WebSocketStream<S>) -> Self {
        let first = socket.next().await.unwrap().unwrap().into_data();
        let Ok(ServerMessage::Welcome(welcome)) = read_control(&first) else { panic!("a welcome first") };
        let mirror = Mirror::new(Layout::new(&welcome.schema).unwrap(), welcome.tick_rate_hz);
        Self { socket, welcome: *welcome, mirror, numbers: 0 }
    }

    /// Reads to the next snapshot, applies and acknowledges it.
    pub async fn update(&mut self) -> Applied {
        loop {
            let message = soon(self.socket.next()).await.unwrap().unwrap();
            if let Message::Binary(bytes) = message
                && bytes[0] != KIND_CONTROL
            {
                return self.apply(&bytes).await;
            }
        }
    }

    /// Reads to the next snapshot and applies it, or to the close frame and returns its code and reason.
    pub async fn update_or_close(&mut self) -> Option<(u16, String)> {
        loop {
            match soon(self.socket.next()).await.expect("a close frame comes before the end").unwrap() {
                Message::Binary(bytes) if bytes[0] != KIND_CONTROL => {
                    self.mirror.apply(&bytes).unwrap();
                    return None;
                }
                Message::Close(frame) => {
                    let frame = frame.expect("every close has a code");
                    return Some((frame.code.into(), frame.reason.to_string()));
                }
                _ => {}
            }
        }
    }

    async fn apply(&mut self, snapshot: &[u8]) -> Applied {
        let applied = self.mirror.apply(snapshot).unwrap();
        self.send(write_control(&ClientMessage::Ack { tick: applied.tick })).await;
        applied
    }

    /// Reads to the next control message. Snapshots before it are applied too: the next one is a delta from them.
    pub async fn control(&mut self) -> ServerMessage {
        loop {
            match soon(self.socket.next()).await.unwrap().unwrap() {
                Message::Binary(bytes) if bytes.first() == Some(&KIND_CONTROL) => {
                    match read_control(&bytes).unwrap() {
                        // Every connection begins with one.
                        ServerMessage::Players(_) => {}
                        message => return message,
                    }
                }
                Message::Binary(bytes) => drop(self.apply(&bytes).await),
                _ => {}
            }
        }
    }

    /// Reads to the close frame and returns its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        closed(&mut self.socket).await
    }

    /// Sends an input for the tick after the newest one.
    pub async fn steer(&mut self, controls: &Controls) {
        self.numbers += 1;
        let acked_tick = self.mirror.tick();
        let header = InputHeader { number: self.numbers, acked_tick, tick: acked_tick + 2, view_eighths: 0 };
        let mut row = [0; 4];
        controls.quantize(&mut row);
        let mut message = Vec::new();
        let layout = InputLayout::of::<Controls>();
        write_input(&layout, header, &row, &mut message);
        self.send(message).await;
    }

    /// Sends a binary message.
    pub async fn send(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::Binary(bytes.into())).await.unwrap();
    }
}
