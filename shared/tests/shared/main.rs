//! The tests of the shared crate, in one program: each links the whole crate.

#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "tests")]

mod delta;
mod derive;
mod kitchen;
mod messages;
mod nested;
mod protocol_doc;
mod vectors;
