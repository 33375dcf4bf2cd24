//! The machine of a run, and the memory of this process.

use std::fs;
use std::thread;
use std::time::SystemTime;

use crate::report::figures::Environment;

impl Environment {
    /// This machine, now.
    #[must_use]
    pub fn here() -> Self {
        let uname = rustix::system::uname();
        let os = [uname.sysname(), uname.release()].map(|part| part.to_string_lossy().into_owned()).join(" ");
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os,
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: thread::available_parallelism().map_or(0, |cores| cores.get() as u32),
            memory_bytes: kilobytes("/proc/meminfo", "MemTotal"),
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            release: !cfg!(debug_assertions),
        }
    }
}

/// The resident memory of this process, in bytes; 0 on systems that do not report it.
#[must_use]
pub fn resident_bytes() -> u64 {
    kilobytes("/proc/self/status", "VmRSS")
}

/// The first value of this name in a file with lines like `name: value`.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// A value in `kB`, in bytes; 0 if there is none.
fn kilobytes(file: &str, name: &str) -> u64 {
    let value = field(file, name).unwrap_or_default();
    value.trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_knows_what_it_is() {
        let here = Environment::here();
        assert!(here.cores > 0 && !here.os.is_empty() && !here.cpu.is_empty(), "{here:?}");
        assert!(here.date.starts_with("20") && here.date.ends_with('Z'), "{here:?}");
        if cfg!(target_os = "linux") {
            assert!(here.memory_bytes > resident_bytes() && resident_bytes() > 100_000);
        }
    }
}
