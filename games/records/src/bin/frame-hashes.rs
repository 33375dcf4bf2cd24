//! Prints the hashes of seeded runs of the shipped games: `frame-hashes SEED TICKS`. A line for each game, with a hash for every
//! thousand ticks.

use std::process::ExitCode;

use drumline_records::{REPORT_TICKS, Run, games};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let (Some(Ok(seed)), Some(Ok(ticks)), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: frame-hashes SEED TICKS");
        return ExitCode::FAILURE;
    };
    for spec in games() {
        let name = spec.name;
        let mut run = Run::new(spec, seed.into());
        let hashes = (0..ticks / REPORT_TICKS).map(|_| format!("{:016x}", run.advance(REPORT_TICKS)));
        println!("{name} {}", hashes.collect::<Vec<_>>().join(" "));
    }
    ExitCode::SUCCESS
}
