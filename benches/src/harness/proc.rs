//! Processes: which core they run on, what time and memory they use.

use std::collections::BTreeMap;
use std::fs;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::Outcome;

/// Nanoseconds of a tick of `/proc/PID/stat`: `USER_HZ` is 100 wherever Linux runs.
const STAT_TICK_NS: u64 = 10_000_000;

/// The core for the server and the one for the load; the same one if there is no second.
///
/// # Errors
/// If the cores cannot be listed.
pub fn cores() -> Outcome<(usize, usize)> {
    let allowed = sched_getaffinity(None)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
    let server = cores.next().ok_or("no core may be used")?;
    Ok((server, cores.next().unwrap_or(server)))
}

/// Binds the calling thread, and what it starts from now on, to a core.
///
/// # Errors
/// If the core may not be used.
pub fn pin(core: usize) -> Outcome<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// The time on a processor, user and system, that a process has used so far, in nanoseconds.
///
/// It is the sum of `/proc/PID/task/*/schedstat`, which counts nanoseconds, or, on a kernel without it, of
/// `/proc/PID/stat`, which counts hundredths of a second.
///
/// # Errors
/// If there is no such process.
pub fn cpu_ns(pid: u32) -> Outcome<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        total += schedstat.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    if total > 0 { Ok(total) } else { stat_cpu_ns(pid) }
}

/// The time on a processor that the threads of a process have used so far, by their names, in nanoseconds.
///
/// # Errors
/// If there is no such process.
pub fn threads_cpu_ns(pid: u32) -> Outcome<BTreeMap<String, u64>> {
    let mut threads = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        let name = fs::read_to_string(task.join("comm"))?.trim().to_owned();
        let schedstat = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
        let ns = schedstat.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
        *threads.entry(name).or_default() += ns;
    }
    Ok(threads)
}

fn stat_cpu_ns(pid: u32) -> Outcome<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in parentheses, and may hold spaces; user and system time are the 14th and 15th.
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks * STAT_TICK_NS)
}

/// The memory of a process that is resident, in bytes.
///
/// # Errors
/// If there is no such process.
pub fn resident_bytes(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("a status without VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_own_time_and_memory() {
        let pid = std::process::id();
        let began = cpu_ns(pid).unwrap();
        let stat_began = stat_cpu_ns(pid).unwrap();
        let mut sum = 0_u64;
        while cpu_ns(pid).unwrap() < began + 50_000_000 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(stat_cpu_ns(pid).unwrap() > stat_began);
        assert!(resident_bytes(pid).unwrap() > 100_000);
    }
}
