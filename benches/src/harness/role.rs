//! The roles of a benchmark's processes. The programs start themselves again, with a role as a hidden subcommand.

use std::net::SocketAddr;

use clap::Subcommand;

use super::system::System;
use super::{Outcome, load, servers};

/// A server or a load.
#[derive(Debug, Clone, Subcommand)]
pub enum Role {
    /// Serves drift with Drumline
    #[command(hide = true)]
    ServeDrumline {
        /// Seats of a room
        room_size: u16,
    },
    /// Serves bytes over plain TCP
    #[command(hide = true)]
    ServeFloor {
        /// Clients that are going to connect
        clients: usize,
        /// Bytes of an update
        update_bytes: usize,
    },
    /// Serves drift with tokio and tokio-tungstenite
    #[command(hide = true)]
    ServePlain {
        /// Seats of a room
        room_size: u16,
    },
    /// Plays with many clients
    #[command(hide = true)]
    Load {
        /// The kind of server
        system: System,
        /// The server's address
        address: SocketAddr,
        /// Clients that play
        clients: usize,
        /// Bytes of an update, where the client cannot see that
        update_bytes: usize,
    },
}

impl Role {
    /// Plays the role until its standard input ends or says so.
    ///
    /// # Errors
    /// If the server or the load fails.
    pub fn run(&self) -> Outcome<()> {
        match *self {
            Self::ServeDrumline { room_size } => servers::drumline::serve(room_size),
            Self::ServeFloor { clients, update_bytes } => servers::floor::serve(clients, update_bytes),
            Self::ServePlain { room_size } => servers::plain::serve(room_size),
            Self::Load { system, address, clients, update_bytes } => {
                load::Load::new(system, address, clients, update_bytes)?.run()
            }
        }
    }
}
