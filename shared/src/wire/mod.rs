//! The messages between server and client, byte by byte; `docs/PROTOCOL.md` specifies them.
//!
//! A [`snapshot`] goes to a client on each tick, an [`input`] comes from it; everything else is a [control message](control),
//! a large one in [fragments](fragment).

pub mod bits;
pub mod control;
pub mod fragment;
pub mod input;
pub mod snapshot;
