//! The project's chores. `cargo xtask test` sets up what the tests need and runs them all.

mod gate;
mod run;
mod schedule;
mod setup;
mod suite;
mod test;
mod tidy;
mod wasm;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::run::{Output, command};
use crate::schedule::Schedule;
use crate::setup::{CHROMIUM, VALGRIND};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's chores")]
struct Chores {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Sets up what the tests need and runs every check and test
    Test,
    /// Checks the rules of structure and style that no other tool knows
    Tidy,
    /// Counts the hot path's instructions and compares them with the committed counts
    Gate {
        /// Replace the committed counts by the new ones
        #[arg(long)]
        accept: bool,
    },
    /// Runs the shipped games natively and in WebAssembly, from the same records, and compares all frames
    Wasm,
    /// Takes the README's pictures of the games from the real pages
    Screenshot,
}

fn main() -> ExitCode {
    let root = root();
    let outcome = match Chores::parse().chore {
        Chore::Test => test::run(&root),
        Chore::Tidy => alone(|output| tidy::check(&root, output)),
        Chore::Gate { accept } => alone(|output| {
            setup::install(&[VALGRIND], output)?;
            gate::build(&root, output)?;
            gate::run(&root, accept, output)
        }),
        Chore::Wasm => alone(|output| wasm::run(&root, output)),
        Chore::Screenshot => screenshot(&root),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    // Cargo says where it runs us; without it, the place of the build is right.
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().expect("xtask lies in the project's root").to_owned()
}

/// Runs one chore and prints its output.
fn alone(chore: impl FnOnce(&Output) -> Result<(), String>) -> Result<(), String> {
    let output = Output::default();
    let outcome = chore(&output);
    print!("{}", output.text());
    outcome
}

fn screenshot(root: &Path) -> Result<(), String> {
    let client = root.join("client");
    let picture =
        command(&client, "node", "browser/support/screenshot.js").env(CHROMIUM.variable, CHROMIUM.get()?);
    let mut schedule = Schedule::default();
    let build = "build --release --locked --package drumline --package drumline-bots";
    schedule.command("release build", &[], command(root, "cargo", build));
    schedule.step("npm packages", &[], |output| setup::npm_packages(&client, output));
    schedule.command("screenshot", &["release build", "npm packages"], picture);
    schedule.run()
}
