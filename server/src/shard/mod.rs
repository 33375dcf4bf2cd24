//! Threads that own rooms and their players' connections.
//!
//! A shard's [runner] is a plain loop that runs the step of the room whose deadline is next. A room's [driver] reads its
//! [connections](connection), ticks the room, and writes snapshots; [slow clients](slow_client) are noticed there. Others reach
//! the shard through its [handle], and read the shard's [status]. [New rooms](new_room) are [made](makers) on other threads and
//! then passed to their shard.

pub mod audience;
pub mod client_activity;
pub mod connection;
pub mod contain_panic;
pub mod driver;
pub mod handle;
pub mod jobs;
pub mod makers;
pub mod new_room;
pub mod priority;
pub mod runner;
pub mod slow_client;
pub mod spare_time;
pub mod status;
#[cfg(test)]
pub mod testing;
pub mod viewer;
