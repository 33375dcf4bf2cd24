//! The priority of threads that no tick waits for.

/// The `nice` value of those threads: they get a tenth of the shards' share where both want all.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Lowers the calling thread's priority below the shards': where they share a core, a flood of handshakes or of new rooms must
/// delay joins, not ticks.
#[cfg(target_os = "linux")]
pub fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a thread keeps the priority of the shards");
    }
}

/// Other systems have no priority of a single thread.
#[cfg(not(target_os = "linux"))]
pub fn lower_priority() {}
