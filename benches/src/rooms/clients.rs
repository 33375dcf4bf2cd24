//! Clients that open rooms and join them, without playing.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use drumline_shared::wire::control::{KIND_CONTROL, SUBPROTOCOL};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// A client's address on this machine; `None` is any.
pub type Source = Option<Ipv4Addr>;
/// The result of a client's attempt, which other threads may get.
pub type Attempt<T> = Result<T, Box<dyn Error + Send + Sync>>;

async fn connect(address: SocketAddr, from: Source) -> Attempt<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(ip) = from {
        socket.bind((ip, 0).into())?;
    }
    Ok(socket.connect(address).await?)
}

/// Joins a game.
///
/// # Errors
/// If the server refuses.
pub async fn join(address: SocketAddr, from: Source, path: &str) -> Attempt<WebSocketStream<TcpStream>> {
    let mut request = format!("ws://{address}/play/{path}").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
    Ok(client_async(request, connect(address, from).await?).await?.0)
}

/// Reads up to the first snapshot. Returns the time that it took.
///
/// # Errors
/// If the connection ends before it.
pub async fn first_snapshot(socket: &mut WebSocketStream<TcpStream>) -> Attempt<Duration> {
    let began = Instant::now();
    loop {
        match socket.next().await.ok_or("the connection ended")?? {
            Message::Binary(bytes) if bytes.first() != Some(&KIND_CONTROL) => return Ok(began.elapsed()),
            Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
            _ => {}
        }
    }
}

/// Reads until the connection ends, and answers pings.
pub async fn stay(mut socket: WebSocketStream<TcpStream>) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// Opens a room. Returns the status and the body of the answer.
///
/// # Errors
/// If there is no answer.
pub async fn create(address: SocketAddr, from: Source, body: &str) -> Attempt<(u16, String)> {
    let mut stream = connect(address, from).await?;
    let head =
        "POST /api/rooms HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-type: application/json";
    let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
    Ok((head.get(9..12).ok_or("an answer without a status")?.parse()?, body.to_owned()))
}
