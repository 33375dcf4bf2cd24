//! What the benchmarks share. `cargo bench -p drumline-benches` measures the data path in memory; the programs
//! `bytes`, `fanout` and `versus` measure the size of updates and a whole server under load (`docs/BENCHMARKS.md`).
//! `defaults` trains the default priors.

pub mod blocks;
pub mod crowd;
pub mod cubes;
pub mod drift;
#[cfg(target_os = "linux")]
pub mod harness;
pub mod in_memory;
pub mod pilot;
pub mod prairie;
#[cfg(target_os = "linux")]
pub mod siege;

pub use crowd::Crowd;
pub use in_memory::Match;

/// A message's bytes on the wire from a server to a client: RFC 6455, 5.2, without a mask.
#[must_use]
pub fn wire_bytes(payload: usize) -> usize {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    payload + header
}
