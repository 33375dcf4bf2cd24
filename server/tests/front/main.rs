//! The HTTP front, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "no test needs all of the helpers")]

#[path = "../common/mod.rs"]
mod common;

mod admin;
mod admission;
mod bans;
mod http;
mod join_api;
mod metrics;
mod tls;
