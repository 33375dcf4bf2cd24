//! Counts instructions with callgrind.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::run::{Output, background, target, text_of};
use crate::setup::VALGRIND;

/// Cargo's profile of the counted program.
const PROFILE: &str = "gate";
const PROGRAM: &str = "counted";
/// The function whose instructions count, with those of all that it calls.
const MEASURED: &str = "*measured*";
/// glibc chooses its string functions by the processor. Without these features it takes the same ones everywhere.
const SAME_ON_ALL_PROCESSORS: &str =
    "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512F,-AVX512VL,-ERMS,-FSRM,-Fast_Unaligned_Copy,-SSE4_2,-SSSE3";

/// Builds the counted program.
///
/// # Errors
/// If it does not compile.
pub fn build(root: &Path, output: &Output) -> Result<(), String> {
    let arguments = format!("build --locked --profile {PROFILE} --package drumline-worlds --bin {PROGRAM}");
    background(root, "cargo", &arguments).run(output)
}

/// Returns the instructions of each piece of work, for one repetition.
pub fn all(root: &Path) -> Result<BTreeMap<String, u64>, String> {
    let folder = target(root).join(PROFILE);
    let valgrind = VALGRIND.get()?;
    let listing = text_of(&mut Command::new(folder.join(PROGRAM)))?;
    let works = listing.lines().filter_map(|line| line.split_once(' '));
    works
        .map(|(name, repetitions)| {
            let repetitions: u64 =
                repetitions.parse().map_err(|_| format!("{name}: {repetitions} is no number"))?;
            Ok((name.to_owned(), one(&valgrind, &folder, name)? / repetitions))
        })
        .collect()
}

/// Counts a piece of work. The environment is empty and the path relative, so that the stack begins at the same place.
fn one(valgrind: &Path, folder: &Path, name: &str) -> Result<u64, String> {
    let file = format!("{name}.callgrind");
    let mut command = Command::new(valgrind);
    command
        .current_dir(folder)
        .env_clear()
        .env("GLIBC_TUNABLES", SAME_ON_ALL_PROCESSORS)
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(format!("--callgrind-out-file={file}"))
        .arg(format!("./{PROGRAM}"))
        .arg(name);
    text_of(&mut command)?;
    let report = std::fs::read_to_string(folder.join(&file)).map_err(|error| format!("{file}: {error}"))?;
    let counted = report.lines().find_map(|line| line.strip_prefix("summary:"));
    match counted.and_then(|count| count.trim().parse().ok()) {
        Some(count) if count > 0 => Ok(count),
        _ => Err(format!(
            "{name}: nothing was counted; does `{MEASURED}` name a function of `{PROGRAM}` still?"
        )),
    }
}

/// Returns the compiler's version and target.
pub fn compiler(root: &Path) -> Result<String, String> {
    let about = text_of(Command::new("rustc").arg("-vV").current_dir(root))?;
    let field =
        |name: &str| about.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim().to_owned();
    Ok(format!("rustc {} for {}", field("release:"), field("host:")))
}
