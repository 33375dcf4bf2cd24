//! A bot's way to the server over a [bad network](crate::net), which the bot takes for a connection like any other.
//!
//! The bot talks to one end of a pipe within this process. From its other end, two pumps carry the bytes to the real
//! socket and back, each piece when its [`Link`] says. What is under way is bounded, and a pump that may not take more
//! reads no more: so whoever sends too much is held up, as over TCP.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::link::{Cuts, Link};
use crate::net::NetProfile;

/// What parts the seeds of a path's two links and of its cuts.
const STREAMS: [u64; 3] = [0x0000_7570_9d3a_61c5, 0x646f_776e_4b12_e07f, 0x6375_7473_85f9_3ad1];
/// Bytes that are carried in one piece: messages of a game in play are smaller.
const PIECE_BYTES: usize = 4096;
/// Bytes that may be under way, each way.
const MOST_UNDER_WAY_BYTES: usize = 64 * 1024;
/// The pipe between the bot and the pumps, each way.
const PIPE_BYTES: usize = 16 * 1024;
/// What opens a connection, each way, in bytes.
const OPENING_BYTES: usize = 40;

/// A bot's path to the server. It outlives connections.
#[derive(Debug)]
pub struct Path {
    began: Instant,
    up: RefCell<Link>,
    down: RefCell<Link>,
    cuts: RefCell<Cuts>,
    /// Whether connections are not to be cut.
    spared: Cell<bool>,
}

impl Path {
    /// A path of this kind. Its connections are [spared](Self::spare) from cuts at first.
    #[must_use]
    pub fn new(profile: &NetProfile, seed: u64) -> Self {
        let [up, down, cuts] = STREAMS.map(|stream| seed ^ stream);
        Self {
            began: Instant::now(),
            up: RefCell::new(Link::new(profile, up)),
            down: RefCell::new(Link::new(profile, down)),
            cuts: RefCell::new(Cuts::new(profile, cuts)),
            spared: Cell::new(true),
        }
    }

    /// Whether connections are spared from cuts from now on: while a bot has no seat to come back to, and when it says
    /// goodbye.
    pub fn spare(&self, spared: bool) {
        self.spared.set(spared);
    }

    /// Waits for as long as it takes to open a connection: there and back.
    pub async fn open(&self) {
        let asked = self.arrival(&self.up, OPENING_BYTES, Instant::now());
        let answered = self.arrival(&self.down, OPENING_BYTES, asked);
        tokio::time::sleep_until(answered).await;
    }

    fn arrival(&self, link: &RefCell<Link>, bytes: usize, sent: Instant) -> Instant {
        self.began + link.borrow_mut().arrival(sent.duration_since(self.began), bytes)
    }

    /// Waits for the next cut.
    async fn cut(&self) {
        loop {
            let cut = self.cuts.borrow_mut().next(self.began.elapsed());
            let Some(cut) = cut else { return std::future::pending().await };
            tokio::time::sleep_until(self.began + cut).await;
            if !self.spared.get() {
                return;
            }
        }
    }

    /// Leads a connection over this path: what the bot is to use in its place, and what carries the bytes.
    pub fn lead(self: Rc<Self>, socket: TcpStream) -> (DuplexStream, JoinHandle<()>) {
        let (bot, pipe) = tokio::io::duplex(PIPE_BYTES);
        (bot, tokio::task::spawn_local(async move { self.carry(pipe, socket).await }))
    }

    /// Carries bytes until both sides have ended, or the connection is cut.
    async fn carry(&self, pipe: DuplexStream, mut socket: TcpStream) {
        let (from_server, to_server) = socket.split();
        let (from_bot, to_bot) = tokio::io::split(pipe);
        // How each of them ended, its other end shows.
        let up = self.pump(&self.up, from_bot, to_server);
        let down = self.pump(&self.down, from_server, to_bot);
        let pumps = async { tokio::join!(up, down) };
        let was_cut = tokio::select! {
            _ = pumps => false,
            () = self.cut() => true,
        };
        if was_cut && self.cuts.borrow_mut().is_rude() {
            // The server gets a reset in place of an end. If that cannot be had, the end will do.
            let _ = socket.set_zero_linger();
        }
    }

    /// Carries bytes one way, until their source ends and all have arrived.
    async fn pump(
        &self,
        link: &RefCell<Link>,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut under_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
        let mut under_way_bytes = 0;
        let mut piece = vec![0; PIECE_BYTES];
        let mut ended = false;
        loop {
            let next = under_way.front().map(|(arrival, _)| *arrival);
            tokio::select! {
                read = from.read(&mut piece), if !ended && under_way_bytes < MOST_UNDER_WAY_BYTES => {
                    // An error is an end; like one, it arrives after what was sent before it.
                    let bytes = read.unwrap_or(0);
                    ended = bytes == 0;
                    under_way_bytes += bytes;
                    let arrival = self.arrival(link, bytes, Instant::now());
                    under_way.push_back((arrival, piece[..bytes].to_vec()));
                }
                () = sleep_until(next), if next.is_some() => {
                    let (_, arrived) = under_way.pop_front().expect("something is under way");
                    if arrived.is_empty() {
                        return to.shutdown().await;
                    }
                    to.write_all(&arrived).await?;
                    under_way_bytes -= arrived.len();
                }
            }
        }
    }
}

async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SEED: u64 = 11;

    fn path(words: &str) -> Path {
        Path::new(&words.parse().unwrap(), SEED)
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_arrive_as_the_link_says_and_then_the_end() {
        let words = "delay=50ms,jitter=20ms,stall=20%:100ms";
        let path = path(words);
        let (mut near, pipe) = tokio::io::duplex(PIPE_BYTES);
        let (far_pipe, mut far) = tokio::io::duplex(PIPE_BYTES);
        let began = path.began;
        let mut link = Link::new(&words.parse().unwrap(), SEED ^ STREAMS[0]);
        let sender = async {
            for piece in 0..100_u8 {
                near.write_all(&[piece; 10]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(7)).await;
            }
            drop(near);
        };
        let receiver = async {
            let mut piece = [0; 10];
            for index in 0..100_u8 {
                far.read_exact(&mut piece).await.unwrap();
                assert_eq!(piece, [index; 10]);
                let late =
                    began.elapsed().checked_sub(link.arrival(Duration::from_millis(7) * index.into(), 10));
                assert!(late.unwrap() <= Duration::from_millis(1), "timers count in milliseconds: {late:?}");
            }
            assert_eq!(far.read(&mut piece).await.unwrap(), 0, "the end comes after all bytes");
        };
        let (carried, (), ()) = tokio::join!(path.pump(&path.up, pipe, far_pipe), sender, receiver);
        carried.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_more_than_is_carried_is_held_up() {
        let path = path("delay=60000ms");
        let (mut near, pipe) = tokio::io::duplex(PIPE_BYTES);
        let (far_pipe, _far) = tokio::io::duplex(PIPE_BYTES);
        let mut taken = 0;
        let flood = async {
            loop {
                taken += near.write(&[0; 1000]).await.unwrap();
            }
        };
        tokio::select! {
            _ = path.pump(&path.up, pipe, far_pipe) => panic!("it goes on"),
            () = flood => {}
            () = tokio::time::sleep(Duration::from_secs(30)) => {}
        }
        let most = MOST_UNDER_WAY_BYTES + PIECE_BYTES + PIPE_BYTES;
        assert!((MOST_UNDER_WAY_BYTES..=most).contains(&taken), "{taken} bytes");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_cut_only_while_its_bot_plays() {
        let path = path("drop=conn:10/s");
        let minute = Duration::from_secs(60);
        assert!(tokio::time::timeout(minute, path.cut()).await.is_err());
        path.spare(false);
        assert!(tokio::time::timeout(minute, path.cut()).await.is_ok());
    }
}
