//! A bot's path over a [simulated network](crate::net::profile), which looks like any other connection to the bot.
//!
//! The bot holds one end of an in-process pipe. At its other end, two pumps carry the bytes to the real socket and
//! back, each piece at the time that its [`Link`] gives. The pumps work beneath the WebSocket, so handshakes, pings
//! and closes are delayed like everything else. The bytes in flight are bounded, and a full pump stops reading: a
//! sender that is too fast is held up, as over TCP.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::net::link::{CutKind, Cuts, Link};
use crate::net::profile::NetProfile;

/// Separates the seeds of a path's two links and of its cuts.
const STREAMS: [u64; 3] = [0x0000_7570_9d3a_61c5, 0x646f_776e_4b12_e07f, 0x6375_7473_85f9_3ad1];
/// Bytes that are carried in one piece. A game's messages in play are smaller.
const PIECE_BYTES: usize = 4096;
/// Bytes that may be in flight, in each direction.
const MOST_UNDER_WAY_BYTES: usize = 64 * 1024;
/// Bytes that the pipe between the bot and the pumps holds, in each direction.
const PIPE_BYTES: usize = 16 * 1024;
/// Bytes that opening a connection takes, in each direction.
const OPENING_BYTES: usize = 40;

/// A bot's path to the server. It belongs to the bot, not to a connection: it outlives connections.
#[derive(Debug)]
pub struct Path {
    began: Instant,
    up: RefCell<Link>,
    down: RefCell<Link>,
    cuts: RefCell<Cuts>,
    /// False while connections are spared from cuts.
    cuts_allowed: Cell<bool>,
}

impl Path {
    /// A path with a profile's properties. Cuts are off at first: see [`allow_cuts`](Self::allow_cuts).
    #[must_use]
    pub fn new(profile: &NetProfile, seed: u64) -> Self {
        let [up, down, cuts] = STREAMS.map(|stream| seed ^ stream);
        Self {
            began: Instant::now(),
            up: RefCell::new(Link::new(profile, up)),
            down: RefCell::new(Link::new(profile, down)),
            cuts: RefCell::new(Cuts::new(profile, cuts)),
            cuts_allowed: Cell::new(false),
        }
    }

    /// Turns cuts on or off. They are off while a bot has no seat to resume, and while it closes its connection.
    pub fn allow_cuts(&self, allowed: bool) {
        self.cuts_allowed.set(allowed);
    }

    /// Waits for as long as opening a connection takes: one round trip.
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
            if self.cuts_allowed.get() {
                return;
            }
        }
    }

    /// Puts a connection on this path. Returns the stream that the bot uses instead, and the task that carries the
    /// bytes.
    pub fn carry_connection(self: Rc<Self>, socket: TcpStream) -> (DuplexStream, JoinHandle<()>) {
        let (bot, pipe) = tokio::io::duplex(PIPE_BYTES);
        (bot, tokio::task::spawn_local(async move { self.carry(pipe, socket).await }))
    }

    /// Carries bytes until both sides have ended, or the connection is cut.
    async fn carry(&self, pipe: DuplexStream, mut socket: TcpStream) {
        let (from_server, to_server) = socket.split();
        let (from_bot, to_bot) = tokio::io::split(pipe);
        // Their results are not needed: the other end of each pump sees how it ended.
        let up = self.pump(&self.up, from_bot, to_server);
        let down = self.pump(&self.down, from_server, to_bot);
        let pumps = async { tokio::join!(up, down) };
        let was_cut = tokio::select! {
            _ = pumps => false,
            () = self.cut() => true,
        };
        if was_cut && self.cuts.borrow_mut().kind() == CutKind::Reset {
            // The server sees a reset instead of an orderly end. Where the option cannot be set, the end will do.
            let _ = socket.set_zero_linger();
        }
    }

    /// Carries bytes in one direction, until their source has ended and all of them have arrived.
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
                    // A read error counts as the end, and like one it arrives after the bytes sent before it.
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

    fn path(text: &str) -> Path {
        Path::new(&text.parse().unwrap(), SEED)
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_arrive_as_the_link_says_and_then_the_end() {
        let text = "delay=50ms,jitter=20ms,stall=20%:100ms";
        let path = path(text);
        let (mut near, pipe) = tokio::io::duplex(PIPE_BYTES);
        let (far_pipe, mut far) = tokio::io::duplex(PIPE_BYTES);
        let began = path.began;
        let mut link = Link::new(&text.parse().unwrap(), SEED ^ STREAMS[0]);
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
    async fn a_sender_that_is_too_fast_is_held_up() {
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
        path.allow_cuts(true);
        assert!(tokio::time::timeout(minute, path.cut()).await.is_ok());
    }
}
