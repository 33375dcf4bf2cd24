//! Rooms and their players' connections, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "no test needs all of the helpers")]

#[path = "../common/mod.rs"]
mod common;

mod coming_back;
mod lifecycle;
mod making;
mod panics;
mod resume;
mod sockets;
