//! The things that authors add to a server and ask of it, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "no test needs all of the helpers")]

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod jobs;
mod loading;
mod panics;
mod probe;
mod room_events;
mod routes;
mod sections;
mod verbs;
