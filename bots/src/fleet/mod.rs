//! A fleet: a swarm's bots in several processes, on this machine or on others, with one coordinator.
//!
//! Each process runs whole rooms, and sends its threads' measurements as they are: percentiles cannot be added, but
//! histograms can, bucket by bucket, so the figures are exactly those that one process would have measured. The
//! coordinator tells all processes when to begin and when to end; each counts its seconds from when it receives that.
//! A process that is lost ends the run and makes it a failure: what its bots would have measured cannot be made up,
//! and a report without them would flatter the server.

pub mod coordinator;
pub mod listener;
mod member;
pub mod process;
mod protocol;
mod tcp;
