//! The project's chores. `cargo xtask test` sets up what the tests need and runs them all.

mod setup;
mod step;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::setup::{CHROMIUM, NGINX, OPENSSL};
use crate::step::{Steps, command};

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
    /// Checks the rules of style that no other tool knows
    Tidy,
    /// Takes the README's pictures of the games from the real pages
    Screenshot,
}

fn main() -> ExitCode {
    let root = root();
    let outcome = match Chores::parse().chore {
        Chore::Test => test(&root),
        Chore::Tidy => tidy::check(&root),
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
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask lies in the project's root").to_owned()
}

/// Everything, the quick checks first.
fn test(root: &Path) -> Result<(), String> {
    let cargo = |arguments: &str| command(root, "cargo", arguments);
    let client = root.join("client");
    let mut steps = Steps::default();
    steps.run("format", cargo("fmt --all --check"))?;
    steps.check("tidy", || tidy::check(root))?;
    steps.run("clippy", cargo("clippy --workspace --all-targets --locked -- -D warnings"))?;
    steps.run("Rust tests", cargo("test --workspace --locked"))?;
    steps.run("benches run", cargo("test --benches --package drumline-benches --locked"))?;
    let docs = cargo("doc --workspace --no-deps --locked --document-private-items");
    steps.run("docs", docs.env("RUSTDOCFLAGS", "-D warnings"))?;
    steps.check("npm packages", || setup::npm_packages(&client))?;
    steps.run("client types", command(&client, "npm", "run --silent check"))?;
    steps.run("client tests", command(&client, "npm", "run --silent test"))?;
    steps.run(
        "release build",
        cargo("build --release --locked --package drumline-server --package drumline-bots"),
    )?;
    let mut browser = command(&client, "npm", "run --silent test:browser");
    for tool in [CHROMIUM, NGINX, OPENSSL] {
        browser = browser.env(tool.variable, tool.get()?);
    }
    steps.run("browser tests", browser)?;
    steps.finish();
    Ok(())
}

fn screenshot(root: &Path) -> Result<(), String> {
    let client = root.join("client");
    let mut steps = Steps::default();
    let build = "build --release --locked --package drumline-server --package drumline-bots";
    steps.run("release build", command(root, "cargo", build))?;
    steps.check("npm packages", || setup::npm_packages(&client))?;
    let picture = command(&client, "node", "browser/screenshot.js").env(CHROMIUM.variable, CHROMIUM.get()?);
    steps.run("screenshot", picture)
}
