//! Servers of the workload. Each prints `listening ADDRESS` when it is ready, and ends with the process that started it.

pub mod drumline;
pub mod floor;
pub mod plain;

use std::net::SocketAddr;

/// Tells the process that started this one where the server listens.
pub fn announce(address: SocketAddr) {
    println!("listening {address}");
}
