//! The Rust tests: one build of them all, then program by program, as `cargo test --workspace` runs them.
//!
//! Cargo's own runner waits for each program before it starts the next. Many tests spend their time waiting for a clock,
//! so programs run side by side here.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use serde::Deserialize;

use crate::run::{Output, Run, command, text_of};

/// Programs that run at the same time: one more than the processors that the project is tested on, since many wait.
const SIDE_BY_SIDE: usize = 3;

/// A program with tests.
#[derive(Debug, Clone)]
struct Program {
    /// Its package's folder and its name.
    name: String,
    path: PathBuf,
    /// The folder of its package, in which it runs.
    folder: PathBuf,
}

/// A line that cargo writes about something it has built.
#[derive(Deserialize)]
struct Built {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Programs in the list of the slowest.
const SLOWEST: usize = 10;

/// Tests that have ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    passed: u32,
    failed: u32,
}

/// Builds all test programs, and the programs that they start.
///
/// # Errors
/// If something does not compile.
pub fn build(root: &Path, output: &Output) -> Result<(), String> {
    command(root, "cargo", &format!("test {TARGETS} --no-run")).run(output)
}

/// Bench targets are programs with tests too: each benchmark runs once. They are named apart, since `--benches` would build other
/// features of the same crates.
const TARGETS: &str = "--workspace --locked --tests --bench *";

/// A program that has ended.
struct Ended {
    name: String,
    seconds: f64,
    tally: Tally,
    failure: Option<String>,
}

/// Runs all test programs and the examples in documentation.
///
/// # Errors
/// If a test fails, or a program ends without a result.
pub fn run(root: &Path, output: &Output) -> Result<(), String> {
    let waiting = Mutex::new(VecDeque::from(programs(root)?));
    // Tests of a macro's crate link the compiler's own libraries.
    let libraries = text_of(Command::new("rustc").args(["--print", "target-libdir"]).current_dir(root))?;
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(program) = lock(&waiting).pop_front() {
                    let run = command(&program.folder, &program.path.to_string_lossy(), "")
                        .env("CARGO_MANIFEST_DIR", &program.folder)
                        .env("LD_LIBRARY_PATH", libraries.trim());
                    let program = run_one(program.name, run, output);
                    lock(&ended).push(program);
                }
            });
        }
    });
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let examples = command(root, "cargo", "test --workspace --locked --doc");
    ended.push(run_one("examples in documentation".into(), examples, output));
    conclude(ended, output)
}

/// Runs one program and prints its output whole.
fn run_one(name: String, run: Run, output: &Output) -> Ended {
    let (began, own) = (Instant::now(), Output::default());
    let result = run.run(&own);
    let text = own.text();
    output.line(&format!("     Running {name}\n{text}"));
    Ended { name, seconds: began.elapsed().as_secs_f64(), tally: tally(&text), failure: result.err() }
}

/// Prints the slowest programs and the sum.
fn conclude(mut ended: Vec<Ended>, output: &Output) -> Result<(), String> {
    ended.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    output.line("slowest test programs, in seconds:");
    for program in ended.iter().take(SLOWEST) {
        output.line(&format!("{:>8.1}  {}", program.seconds, program.name));
    }
    let failures =
        ended.iter().filter_map(|program| Some(format!("{}: {}", program.name, program.failure.as_ref()?)));
    let failures: Vec<String> = failures.collect();
    let sum = |count: fn(&Tally) -> u32| ended.iter().map(|program| count(&program.tally)).sum::<u32>();
    output.line(&format!("{} passed, {} failed", sum(|tally| tally.passed), sum(|tally| tally.failed)));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// Returns the programs of the build before, which cargo finds fresh.
fn programs(root: &Path) -> Result<Vec<Program>, String> {
    let arguments = format!("test {TARGETS} --no-run --quiet --message-format json");
    let lines = text_of(Command::new("cargo").args(arguments.split_whitespace()).current_dir(root))?;
    let mut programs: Vec<Program> = lines.lines().filter_map(|line| program(root, line)).collect();
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    if programs.is_empty() { Err("cargo has built no tests".into()) } else { Ok(programs) }
}

fn program(root: &Path, line: &str) -> Option<Program> {
    let built: Built = serde_json::from_str(line).ok()?;
    let target = built
        .target
        .filter(|target| built.profile.is_some_and(|profile| profile.test) || target.kind == ["bench"])?;
    let folder = built.manifest_path?.parent()?.to_owned();
    let package = folder.strip_prefix(root).unwrap_or(&folder).display().to_string();
    Some(Program {
        name: format!("{package} {} ({})", target.name, target.kind.join(", ")),
        path: built.executable?,
        folder,
    })
}

/// Adds up the closing lines of cargo's test harness.
fn tally(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let count = |what: &str| {
            let before = line.split(what).next().filter(|before| before.len() < line.len())?;
            before.split_whitespace().next_back()?.parse::<u32>().ok()
        };
        tally.passed += count(" passed").unwrap_or_default();
        tally.failed += count(" failed").unwrap_or_default();
    }
    tally
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let text = "running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n\
                    test result: FAILED. 11 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(tally(text), Tally { passed: 13, failed: 1 });
    }

    #[test]
    fn a_program_is_read_from_cargos_line() {
        let line = r#"{"reason":"compiler-artifact","manifest_path":"/r/a/Cargo.toml","target":{"kind":["test"],"name":"t"},
            "profile":{"test":true},"executable":"/r/target/t"}"#;
        let found = program(Path::new("/r"), line).unwrap();
        assert_eq!((found.name.as_str(), found.folder.as_path()), ("a t (test)", Path::new("/r/a")));
        let library = line.replace("true", "false");
        assert!(program(Path::new("/r"), &library).is_none(), "a program without tests is not run");
    }
}
