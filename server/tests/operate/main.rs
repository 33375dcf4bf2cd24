//! The `drumline` program, as operators run it.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "no test needs all of the helpers")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(unix)]
mod blocked_log;
mod configuration;
#[cfg(unix)]
mod drain;
#[cfg(target_os = "linux")]
mod endings;
#[cfg(unix)]
mod logs;
mod program;
