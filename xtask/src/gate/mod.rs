//! `cargo xtask gate`: the hot path may not take more instructions than the committed baseline says.
//!
//! Times vary by a tenth on a quiet machine and by more on a busy one, so losses of a few percent go unnoticed and add up.
//! Counted instructions are the same in every run.

mod baseline;
mod count;

use std::path::Path;

pub use self::count::build;

use self::baseline::{Baseline, Verdict};
use crate::run::Output;

/// The committed counts.
const FILE: &str = "benches/instructions.toml";

/// Counts the instructions of each piece of work and compares them with the baseline, or replaces it if `accept` is true.
///
/// # Errors
/// If a piece of work takes too many instructions, has no baseline, or cannot be counted.
pub fn run(root: &Path, accept: bool, output: &Output) -> Result<(), String> {
    let counts = count::all(root)?;
    let measured = Baseline::of(count::compiler(root)?, counts);
    let path = root.join(FILE);
    if accept {
        std::fs::write(&path, measured.to_file()).map_err(|error| format!("{FILE}: {error}"))?;
        output.line(&format!("{FILE} has the new counts; say in the commit's message why they changed"));
        return Ok(());
    }
    let committed = std::fs::read_to_string(&path).map_err(|error| format!("{FILE}: {error}"))?;
    let committed = Baseline::parse(&committed).map_err(|error| format!("{FILE}: {error}"))?;
    let comparisons = committed.compare(&measured);
    for comparison in &comparisons {
        output.line(&comparison.to_string());
    }
    let same_compiler = committed.compiler == measured.compiler;
    if !same_compiler {
        output.line(&format!(
            "note: the baseline is of {}, this is {}: the counts may differ for that alone. On a commit whose counts are in \
             order, run `cargo xtask gate --accept` with the new compiler.",
            committed.compiler, measured.compiler
        ));
    }
    let failed = comparisons.iter().filter(|comparison| comparison.verdict.fails()).count();
    if failed > 0 {
        return Err(format!(
            "{failed} counts are beyond the baseline. Make the work cheaper; or accept the new counts with \
             `cargo xtask gate --accept`, and say in the commit's message why they are worth it."
        ));
    }
    if comparisons.iter().any(|comparison| comparison.verdict == Verdict::Cheaper) {
        output.line("Keep what was gained: `cargo xtask gate --accept` lowers the baseline.");
    }
    Ok(())
}
