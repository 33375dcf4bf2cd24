//! Benchmarks (`docs/BENCHMARKS.md`). `cargo bench -p drumline-benches` measures the data path in memory; the program `bytes`
//! the size of an update; `fanout`, `versus`, `hostile` and `rooms` a whole server under load. `defaults` trains the default
//! priors.

pub mod cubes;
#[cfg(target_os = "linux")]
pub mod harness;
#[cfg(target_os = "linux")]
pub mod rooms;
#[cfg(target_os = "linux")]
pub mod siege;
pub mod wire_size;
