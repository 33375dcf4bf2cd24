//! Servers under load. These tests judge times, so they are a program of their own and run one after another.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "no test needs all of the helpers")]

#[path = "../common/mod.rs"]
mod common;

mod hostile;
mod overload;

/// Held by the test that runs.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
