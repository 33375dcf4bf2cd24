//! The operating system's limits on this process: open files and memory.

use std::fs;

use drumline_shared::limits;

use crate::net::connection_slot::SPARE_RETURNS;

/// Open files that are not connections, such as the listener, the event queue and the standard streams, and those of clients on
/// their way back to a seat.
const SPARE_FILES: u64 = 64 + SPARE_RETURNS as u64;
/// The bytes of memory that this process may use, by its control group or else by the machine; `None` if they are not known.
pub fn memory_bytes() -> Option<u64> {
    let of_group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let of_machine = fs::read_to_string("/proc/meminfo").ok();
    let group_bytes = of_group.and_then(|text| text.trim().parse().ok());
    let machine_bytes = of_machine.and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    });
    group_bytes.into_iter().chain(machine_bytes).min()
}

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
