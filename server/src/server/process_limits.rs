//! The operating system's limits on this process: open files and the priority of threads.

use drumline_shared::limits;

use crate::net::connection_slot::SPARE_RETURNS;

/// Open files that are not connections, such as the listener, the event queue and the standard streams, and those of clients on
/// their way back to a seat.
const SPARE_FILES: u64 = 64 + SPARE_RETURNS as u64;
/// The front's `nice` value: it gets a tenth of the shards' share where both want all.
#[cfg(target_os = "linux")]
const FRONT_NICE: i32 = 10;

/// Lowers the calling thread's priority below the shards': where they share a core, a flood of handshakes must delay joins, not
/// ticks.
#[cfg(target_os = "linux")]
pub fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, FRONT_NICE) {
        tracing::debug!(%error, "the front keeps the priority of the shards");
    }
}

/// Other systems have no priority of a single thread.
#[cfg(not(target_os = "linux"))]
pub fn lower_priority() {}

/// The connections that are wanted, or as many as the operating system allows open files, once the soft limit is raised to the
/// hard one.
pub fn max_connections(wanted: Option<u32>) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::from(limits::MAX_PLAYERS) * 64).unwrap_or(1024);
    let possible = limit.saturating_sub(SPARE_FILES).max(1);
    if let Some(wanted) = wanted
        && u64::from(wanted) > possible
    {
        tracing::warn!(
            wanted,
            possible,
            "limits.connections is more than the operating system allows (ulimit -n)"
        );
    }
    wanted.map_or(possible, |wanted| possible.min(wanted.into())) as usize
}
