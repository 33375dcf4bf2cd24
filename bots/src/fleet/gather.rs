//! A fleet that comes together from processes that connect.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use crate::fleet::member::Link;
use crate::fleet::{Fleet, FleetError, greet};

/// How long either side may take to say who it is.
pub const GREETING_LIMIT: Duration = Duration::from_secs(5);
/// After how long without an answer a connection is taken for dead.
const DEAD_AFTER: Duration = Duration::from_secs(20);

/// A fleet that is coming together, from processes that connect.
#[derive(Debug)]
pub struct Gathering {
    listener: TcpListener,
    wanted: u32,
    fleet: Fleet,
}

impl Gathering {
    /// Listens for so many processes. Whoever reaches the address can be one of them, and a process tells what it likes: it is to
    /// be an address that only one's own machines reach.
    ///
    /// # Errors
    /// [`FleetError::Listen`], or [`FleetError::Empty`] for a fleet of none.
    pub fn listen(address: SocketAddr, wanted: u32) -> Result<Self, FleetError> {
        if wanted == 0 {
            return Err(FleetError::Empty);
        }
        let listen = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listener = listen().map_err(|source| FleetError::Listen { address, source })?;
        Ok(Self { listener, wanted, fleet: Fleet::empty() })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes the next process, if one has connected; where it is.
    ///
    /// # Errors
    /// [`FleetError`] if it cannot be one of the fleet. Others still can.
    pub fn take_next(&mut self) -> Result<Option<String>, FleetError> {
        self.fleet.forget_the_lost();
        let (stream, address) = match self.listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        stream.set_nonblocking(false)?;
        keep_alive(&stream)?;
        let name = address.to_string();
        let mut link = Link::Peer(stream.try_clone()?);
        let mut from = Until { stream: &stream, until: Instant::now() + GREETING_LIMIT };
        let environment = greet(&mut from, link.writer(), &name)?;
        stream.set_read_timeout(None)?;
        self.fleet.enlist(name.clone(), environment, stream, link);
        Ok(Some(name))
    }

    /// How many are here.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.fleet.members.len() as u32
    }

    /// The fleet, once it is complete.
    ///
    /// # Errors
    /// Gives itself back if it is not.
    pub fn fleet(self) -> Result<Fleet, Box<Self>> {
        if self.count() < self.wanted { Err(Box::new(self)) } else { Ok(self.fleet) }
    }
}

/// What comes over a connection up to a moment, however slowly.
struct Until<'a> {
    stream: &'a TcpStream,
    until: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

/// Has a connection end if the other side does not answer any more.
pub fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(DEAD_AFTER))?;
    let socket = SockRef::from(stream);
    // What is under way is one thing, silence another.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(DEAD_AFTER))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(DEAD_AFTER / 2).with_interval(DEAD_AFTER / 4))
}
