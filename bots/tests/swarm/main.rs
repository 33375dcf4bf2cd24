//! The swarm against servers of every kind. One test binary, since each links the server, the games and the swarm.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;
mod faults;
mod fleet;
mod lying_servers;
mod real_server;
mod scenarios;
#[cfg(unix)]
mod throttled;
