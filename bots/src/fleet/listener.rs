//! Forming a fleet from processes that connect over TCP.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use crate::fleet::coordinator::{Fleet, greet};
use crate::fleet::member::Link;
use crate::fleet::tcp::{DeadlineReader, GREETING_LIMIT, keep_alive};
use crate::run::error::FleetError;

/// A fleet that is being formed from processes that connect.
#[derive(Debug)]
pub struct FleetListener {
    listener: TcpListener,
    wanted: u32,
    fleet: Fleet,
}

impl FleetListener {
    /// Listens for this many processes. Anyone who reaches the address can become one of them, and a process's
    /// measurements are taken as they are: choose an address that only your own machines reach.
    ///
    /// # Errors
    /// [`FleetError::Listen`], or [`FleetError::Empty`] for no processes.
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

    /// The address that it listens on.
    ///
    /// # Errors
    /// If the operating system does not report it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Accepts the next process, if one has connected. Returns its address.
    ///
    /// # Errors
    /// [`FleetError`] if the process cannot join the fleet. Others still can.
    pub fn accept(&mut self) -> Result<Option<String>, FleetError> {
        self.fleet.remove_lost();
        let (stream, address) = match self.listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        stream.set_nonblocking(false)?;
        keep_alive(&stream)?;
        let name = address.to_string();
        let mut link = Link::Peer(stream.try_clone()?);
        let mut from = DeadlineReader { stream: &stream, deadline: Instant::now() + GREETING_LIMIT };
        let environment = greet(&mut from, link.writer(), &name)?;
        stream.set_read_timeout(None)?;
        self.fleet.add_member(name.clone(), environment, stream, link);
        Ok(Some(name))
    }

    /// Number of processes that have joined.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.fleet.len()
    }

    /// The fleet, once it is complete.
    ///
    /// # Errors
    /// Returns itself if the fleet is not complete.
    pub fn into_fleet(self) -> Result<Fleet, Box<Self>> {
        if self.count() < self.wanted { Err(Box::new(self)) } else { Ok(self.fleet) }
    }
}
