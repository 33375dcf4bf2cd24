//! What each kind of hostile client does in one attempt.

use std::io;
use std::time::Duration;

use rand::RngExt;
use rand_pcg::Pcg32;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::wire::{BINARY, FINAL, PING, TEXT, UPGRADE, answer, ask, connect, header, hear_out, masked};
use super::{Harm, Hostile, Outcome};

/// Time between two bytes of a slow client.
const SLOW: Duration = Duration::from_millis(300);
/// A request's head up to where it could end.
const HEAD: &[u8] = b"GET /api/rooms HTTP/1.1\r\nhost: hostile\r\nx-padding: ";
/// Requests that are sent at once.
const PIPELINED: usize = 300;
/// Messages of a flood that are sent at once.
const FLOOD: usize = 64;

/// One attempt.
pub async fn attempt(hostile: &Hostile, rng: &mut Pcg32) -> Outcome {
    let Ok(mut stream) = connect(hostile, hostile.harm == Harm::NeverReads).await else {
        return Outcome::NotConnected;
    };
    let attempted = match hostile.harm {
        Harm::Silence => return to_the_end(&mut stream).await,
        Harm::SlowHead => return say_slowly(&mut stream, HEAD).await,
        Harm::SlowBody => slow_body(&mut stream).await,
        Harm::Drop => return leave(&stream, rng.random()),
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
        Harm::JoinStorm
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

/// Takes a seat and misbehaves.
async fn play(harm: Harm, stream: &mut TcpStream, rng: &mut Pcg32) -> io::Result<Outcome> {
    let room = if harm == Harm::JoinStorm { "&room=new" } else { "" };
    let (status, mut read) = ask(stream, &format!("/play/arena?name=hostile{room}"), UPGRADE).await?;
    if status != 101 {
        return Ok(Outcome::Status(status));
    }
    match harm {
        Harm::JoinStorm => {
            stream.read_buf(&mut read).await?;
            // Who has said something has a seat that is held.
            if rng.random() {
                stream.write_all(&input(1, 0)).await?;
            }
            return Ok(leave(stream, rng.random()));
        }
        Harm::NeverReads => std::future::pending().await,
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
    Ok(hear_out(stream, read).await)
}

/// Says something over and over, as fast as the server takes it, and reads what it says.
async fn flood(stream: &mut TcpStream, read: Vec<u8>, message: impl Fn(u16) -> Vec<u8>) -> Outcome {
    let (mut reader, mut writer) = stream.split();
    let say = async {
        for round in 0_u16.. {
            let first = round.wrapping_mul(FLOOD as u16);
            let messages = (0..FLOOD as u16).flat_map(|index| message(first.wrapping_add(index)));
            if writer.write_all(&messages.collect::<Vec<_>>()).await.is_err() {
                break;
            }
        }
        // What the server has said last is still to be read.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = hear_out(&mut reader, read) => outcome,
        () = say => Outcome::Left,
    }
}

/// An input of the arena, meant for some tick or other.
fn input(number: u16, lead: u8) -> Vec<u8> {
    let [low, high] = number.to_le_bytes();
    masked(FINAL | BINARY, &[1, low, high, low, high, lead, 0, 0])
}

/// A frame that a client must not send.
fn bad_frame(rng: &mut Pcg32) -> Vec<u8> {
    match rng.random_range(0..8) {
        // No mask, each reserved bit, opcodes that there are not.
        0 => vec![FINAL | BINARY, 1, 0],
        1 => masked(FINAL | 0x40 | BINARY, &[0; 8]),
        2 => masked(FINAL | 0x10 | BINARY, &[0; 8]),
        3 => masked(FINAL | rng.random_range(3..8), &[0; 8]),
        // A ping in pieces, one that is too long, a piece of nothing, text.
        4 => masked(PING, &[0; 8]),
        5 => masked(FINAL | PING, &[0; 126]),
        6 => masked(FINAL, &[0; 8]),
        _ => masked(FINAL | TEXT, b"hello"),
    }
}

/// A frame that is too large, or said to be.
fn huge_frame(rng: &mut Pcg32) -> Vec<u8> {
    match rng.random_range(0..4) {
        0 => header(FINAL | BINARY, u64::MAX >> 1),
        1 => header(FINAL | BINARY, u64::MAX),
        2 => header(BINARY, 1 << 32),
        _ => masked(FINAL | BINARY, &[1; 16_001]),
    }
}

/// A message that means nothing.
fn bad_message(rng: &mut Pcg32) -> Vec<u8> {
    let mut message: Vec<u8> = (0..rng.random_range(1..200)).map(|_| rng.random()).collect();
    // Of a kind that there is none of, an input that is too short or too long, a control message of no variant.
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
    // The server has heard enough before all is said.
    let _ = stream.write_all(&[b'x'; 100_000]).await;
    Ok(Outcome::Status(answer(stream).await?.0))
}

async fn pipeline(stream: &mut TcpStream) -> io::Result<Outcome> {
    let requests = "GET /api/rooms HTTP/1.1\r\nhost: hostile\r\n\r\n".repeat(PIPELINED);
    stream.write_all(requests.as_bytes()).await?;
    Ok(Outcome::Status(answer(stream).await?.0))
}

async fn refused(stream: &mut TcpStream, path: &str, headers: &str) -> io::Result<Outcome> {
    Ok(Outcome::Status(ask(stream, path, headers).await?.0))
}

/// Reads to the end.
async fn to_the_end(stream: &mut TcpStream) -> Outcome {
    let mut read = Vec::new();
    match stream.read_to_end(&mut read).await {
        Ok(_) => status_of(&read).unwrap_or(Outcome::Cut),
        Err(_) => Outcome::Cut,
    }
}

/// Says something slowly, until the server has enough.
async fn say_slowly(stream: &mut TcpStream, bytes: &[u8]) -> Outcome {
    let (mut reader, mut writer) = stream.split();
    let mut read = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut read) => status_of(&read).unwrap_or(Outcome::Cut),
        () = drip(&mut writer, bytes) => Outcome::Cut,
    }
}

/// Writes bytes one by one and over again, while they are taken.
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

/// Goes without a word; `resets` says whether the connection is even cut.
fn leave(stream: &TcpStream, resets: bool) -> Outcome {
    if resets {
        // A socket that cannot be told so is closed in the usual way.
        let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
    Outcome::Left
}
