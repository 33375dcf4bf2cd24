//! Bytes over TCP: an update is a fixed number of them.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::{Received, Wire};
use crate::harness::Outcome;
use crate::harness::servers::floor::INPUT_BYTES;
use drumline_worlds::drift::Controls;

/// A client of the floor.
pub struct FloorWire {
    stream: TcpStream,
    update_bytes: usize,
    /// Bytes of an update that has not arrived whole.
    pending: usize,
}

impl FloorWire {
    pub fn connect(address: SocketAddr, update_bytes: usize) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, update_bytes: update_bytes.max(1), pending: 0 })
    }
}

impl Wire for FloorWire {
    fn socket(&self) -> &TcpStream {
        &self.stream
    }

    fn receive(&mut self, received: &mut Received) -> Outcome<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => return Err("the server has closed the connection".into()),
            Ok(bytes) => self.pending += bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        while self.pending >= self.update_bytes {
            self.pending -= self.update_bytes;
            received.updates.push(self.update_bytes);
        }
        Ok(())
    }

    fn send(&mut self, controls: &Controls) -> Outcome<()> {
        let mut input = [0; INPUT_BYTES];
        input[..4].copy_from_slice(&controls.angle.to_le_bytes());
        self.stream.write_all(&input)?;
        Ok(())
    }
}
