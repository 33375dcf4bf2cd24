//! One attempt of each kind of attack.

use std::io;
use std::time::{Duration, Instant};

use drumline_shared::wire::control::{Channel, ClientMessage, write_control};
use rand::RngExt;
use rand_pcg::Pcg32;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::tls::client_hello;
use super::wire::{
    BINARY, CLOSE, FINAL, PING, TEXT, UPGRADE, answer, ask, connect, header, masked, read_to_close,
};
use super::{Harm, Hostile, Outcome};

/// Time between two bytes of a slow client.
const SLOW: Duration = Duration::from_millis(300);
/// The head of a request, without its end.
const HEAD: &[u8] = b"GET /api/rooms HTTP/1.1\r\nhost: hostile\r\nx-padding: ";
/// Requests that are sent at once.
const PIPELINED: usize = 300;
/// Messages of a flood that are sent at once.
const FLOOD: usize = 64;

/// Makes one attempt.
pub async fn attempt(hostile: &Hostile, rng: &mut Pcg32) -> Outcome {
    let Ok(mut stream) = connect(hostile, hostile.harm == Harm::NeverReads).await else {
        return Outcome::NotConnected;
    };
    let attempted = match hostile.harm {
        Harm::Silence => return to_the_end(&mut stream).await,
        Harm::SlowHead => return send_slowly(&mut stream, HEAD).await,
        Harm::SlowBody => slow_body(&mut stream).await,
        Harm::Drop => return leave(&stream, rng.random()),
        Harm::TlsHandshakes => tls_handshake(&mut stream, rng.random()).await,
        Harm::Garbage => garbage(&mut stream, rng).await,
        Harm::HugeHead => huge_head(&mut stream).await,
        Harm::Pipeline => pipeline(&mut stream).await,
        Harm::WrongOrigin => {
            let headers = format!("{UPGRADE}origin: https://hostile.example\r\n");
            refused(&mut stream, "/play/arena?name=hostile", &headers).await
        }
        Harm::ForgedSession => {
            let path = format!("/play/arena?session={:032x}", rng.random::<u128>());
            refused(&mut stream, &path, UPGRADE).await
        }
        Harm::ForgedTicket => {
            let path = format!("/play/arena?ticket={:064x}", rng.random::<u128>());
            refused(&mut stream, &path, UPGRADE).await
        }
        Harm::ChatBurst
        | Harm::RoomHoarding
        | Harm::JoinFlood
        | Harm::AckGames
        | Harm::JoinStorm
        | Harm::NeverReads
        | Harm::FloodOfInputs
        | Harm::FloodOfPings
        | Harm::BadFrames
        | Harm::HugeFrames
        | Harm::EndlessFragments
        | Harm::BadMessages => play(hostile.harm, &mut stream, rng).await,
    };
    attempted.unwrap_or(Outcome::Cut)
}

/// Takes a seat, and attacks from there.
async fn play(harm: Harm, stream: &mut TcpStream, rng: &mut Pcg32) -> io::Result<Outcome> {
    let room = match harm {
        Harm::JoinStorm | Harm::RoomHoarding => "&room=new",
        _ => "",
    };
    let (status, mut read) = ask(stream, &format!("/play/arena?name=hostile{room}"), UPGRADE).await?;
    if status != 101 {
        return Ok(Outcome::Status(status));
    }
    match harm {
        Harm::JoinStorm => {
            stream.read_buf(&mut read).await?;
            // The server holds the seat of a client that has sent an input.
            if rng.random() {
                stream.write_all(&input(1, 0)).await?;
            }
            return Ok(leave(stream, rng.random()));
        }
        Harm::NeverReads => std::future::pending().await,
        // The connection stays for as long as the attempt may take, and reads what comes.
        Harm::RoomHoarding => return Ok(read_to_close(stream, read).await),
        Harm::JoinFlood => {
            stream.write_all(&masked(FINAL | CLOSE, &1000u16.to_be_bytes())).await?;
            return Ok(read_to_close(stream, read).await);
        }
        Harm::ChatBurst => {
            return Ok(flood(stream, read, |index| said(u32::from(index) + 1)).await);
        }
        Harm::AckGames => return play_ack_games(stream, read, rng).await,
        Harm::FloodOfInputs => {
            let number = rng.random::<u16>();
            return Ok(flood(stream, read, |index| input(number.wrapping_add(index), index as u8)).await);
        }
        Harm::FloodOfPings => return Ok(flood(stream, read, |_| masked(FINAL | PING, &[7; 100])).await),
        Harm::EndlessFragments => {
            let first = masked(BINARY, &[]);
            stream.write_all(&first).await?;
            return Ok(flood(stream, read, |_| masked(0, &[])).await);
        }
        Harm::BadFrames => stream.write_all(&bad_frame(rng)).await?,
        Harm::HugeFrames => stream.write_all(&huge_frame(rng)).await?,
        _ => stream.write_all(&masked(FINAL | BINARY, &bad_message(rng))).await?,
    }
    Ok(read_to_close(stream, read).await)
}

/// Sends messages as fast as the server takes them, and reads until it closes the connection.
async fn flood(stream: &mut TcpStream, read: Vec<u8>, message: impl Fn(u16) -> Vec<u8>) -> Outcome {
    let (mut reader, mut writer) = stream.split();
    let sending = async {
        for round in 0_u16.. {
            let first = round.wrapping_mul(FLOOD as u16);
            let messages = (0..FLOOD as u16).flat_map(|index| message(first.wrapping_add(index)));
            if writer.write_all(&messages.collect::<Vec<_>>()).await.is_err() {
                break;
            }
        }
        // The server's last messages are still to be read.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = read_to_close(&mut reader, read) => outcome,
        () = sending => Outcome::Left,
    }
}

/// A chat message.
fn said(request: u32) -> Vec<u8> {
    let text = format!("number {request}, and more of the same: {}", "blah ".repeat(20));
    let chat = ClientMessage::Chat { request, reply: false, channel: Channel::Room, text };
    masked(FINAL | BINARY, &write_control(&chat))
}

/// Acknowledges some earlier snapshot after a pause of any length, over and over.
async fn play_ack_games(stream: &mut TcpStream, read: Vec<u8>, rng: &mut Pcg32) -> io::Result<Outcome> {
    let began = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let acknowledging = async {
        loop {
            tokio::time::sleep(Duration::from_millis(rng.random_range(10..1500))).await;
            // The room may be of any age: some of these ticks were sent.
            let tick = (began.elapsed().as_millis() / 33) as u32 + rng.random_range(0..60);
            let ack = masked(FINAL | BINARY, &write_control(&ClientMessage::Ack { tick }));
            if writer.write_all(&ack).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        outcome = read_to_close(&mut reader, read) => Ok(outcome),
        () = acknowledging => Ok(Outcome::Left),
    }
}

/// An input of the arena, for an arbitrary tick.
fn input(number: u16, lead: u8) -> Vec<u8> {
    let [low, high] = number.to_le_bytes();
    masked(FINAL | BINARY, &[1, low, high, low, high, lead, 0, 0])
}

/// A frame that a client must not send.
fn bad_frame(rng: &mut Pcg32) -> Vec<u8> {
    match rng.random_range(0..8) {
        // No mask, reserved bits, an unknown opcode.
        0 => vec![FINAL | BINARY, 1, 0],
        1 => masked(FINAL | 0x40 | BINARY, &[0; 8]),
        2 => masked(FINAL | 0x10 | BINARY, &[0; 8]),
        3 => masked(FINAL | rng.random_range(3..8), &[0; 8]),
        // A fragmented ping, a ping that is too long, a continuation of nothing, a text message.
        4 => masked(PING, &[0; 8]),
        5 => masked(FINAL | PING, &[0; 126]),
        6 => masked(FINAL, &[0; 8]),
        _ => masked(FINAL | TEXT, b"hello"),
    }
}

/// A frame that is too large, or claims to be.
fn huge_frame(rng: &mut Pcg32) -> Vec<u8> {
    match rng.random_range(0..4) {
        0 => header(FINAL | BINARY, u64::MAX >> 1),
        1 => header(FINAL | BINARY, u64::MAX),
        2 => header(BINARY, 1 << 32),
        _ => masked(FINAL | BINARY, &[1; 16_001]),
    }
}

/// A message without meaning.
fn bad_message(rng: &mut Pcg32) -> Vec<u8> {
    let mut message: Vec<u8> = (0..rng.random_range(1..200)).map(|_| rng.random()).collect();
    // An unknown kind, inputs that are too short or too long, an unknown control message.
    match rng.random_range(0..4) {
        0 => message[0] = 0xff,
        1 => message = vec![1, 0, 0],
        2 => message = vec![1; 300],
        _ => message = vec![0, 200, 200, 200],
    }
    message
}

async fn slow_body(stream: &mut TcpStream) -> io::Result<Outcome> {
    let head = "POST /api/join HTTP/1.1\r\nhost: hostile\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let (mut reader, mut writer) = stream.split();
    let mut read = Vec::new();
    tokio::select! {
        read = reader.read_buf(&mut read) => drop(read?),
        () = drip(&mut writer, b"{") => {}
    }
    status_of(&read)
}

async fn garbage(stream: &mut TcpStream, rng: &mut Pcg32) -> io::Result<Outcome> {
    let bytes: Vec<u8> = (0..rng.random_range(1..512)).map(|_| rng.random()).collect();
    stream.write_all(&bytes).await?;
    Ok(Outcome::Status(answer(stream).await?.0))
}

async fn huge_head(stream: &mut TcpStream) -> io::Result<Outcome> {
    stream.write_all(HEAD).await?;
    // The server may refuse before it has read everything.
    let _ = stream.write_all(&[b'x'; 100_000]).await;
    Ok(Outcome::Status(answer(stream).await?.0))
}

async fn pipeline(stream: &mut TcpStream) -> io::Result<Outcome> {
    let requests = "GET /api/rooms HTTP/1.1\r\nhost: hostile\r\n\r\n".repeat(PIPELINED);
    stream.write_all(requests.as_bytes()).await?;
    Ok(Outcome::Status(answer(stream).await?.0))
}

/// Sends a client's first message, and leaves as soon as the answer begins.
async fn tls_handshake(stream: &mut TcpStream, resets: bool) -> io::Result<Outcome> {
    stream.write_all(client_hello()?).await?;
    // A refused client sees the connection's end instead.
    if stream.read(&mut [0; 64]).await? == 0 {
        return Ok(Outcome::Cut);
    }
    Ok(leave(stream, resets))
}

async fn refused(stream: &mut TcpStream, path: &str, headers: &str) -> io::Result<Outcome> {
    Ok(Outcome::Status(ask(stream, path, headers).await?.0))
}

/// Reads to the end of the connection.
async fn to_the_end(stream: &mut TcpStream) -> Outcome {
    let mut read = Vec::new();
    match stream.read_to_end(&mut read).await {
        Ok(_) => status_of(&read).unwrap_or(Outcome::Cut),
        Err(_) => Outcome::Cut,
    }
}

/// Sends bytes slowly, until the server ends the connection.
async fn send_slowly(stream: &mut TcpStream, bytes: &[u8]) -> Outcome {
    let (mut reader, mut writer) = stream.split();
    let mut read = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut read) => status_of(&read).unwrap_or(Outcome::Cut),
        () = drip(&mut writer, bytes) => Outcome::Cut,
    }
}

/// Writes bytes one by one, over and over, as long as the connection lasts.
async fn drip(writer: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) {
    for byte in bytes.iter().chain(bytes.iter().cycle()) {
        if writer.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(SLOW).await;
    }
}

fn status_of(answer: &[u8]) -> io::Result<Outcome> {
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    status.map(Outcome::Status).ok_or(io::ErrorKind::UnexpectedEof.into())
}

/// Disconnects without closing the WebSocket; `resets` decides whether the TCP connection is reset.
fn leave(stream: &TcpStream, resets: bool) -> Outcome {
    if resets {
        // If the option cannot be set, the connection ends in the usual way.
        let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
    Outcome::Left
}
