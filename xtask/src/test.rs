//! `cargo xtask test`: every check and test, side by side.

use std::path::Path;

use crate::run::{background, command};
use crate::schedule::Schedule;
use crate::setup::{self, CHROMIUM, NGINX, OPENSSL, VALGRIND};
use crate::{gate, suite, tidy, wasm};

/// Runs all of it.
///
/// The tests' build and then the tests are the critical path. Steps without Rust run beside the build; the other
/// compilations get the processor time that the tests leave while they wait for a clock.
///
/// # Errors
/// If any step fails.
pub fn run(root: &Path) -> Result<(), String> {
    let client = root.join("client");
    let mut schedule = Schedule::default();
    schedule.command("format", &[], command(root, "cargo", "fmt --all --check"));
    schedule.step("tidy", &[], |output| tidy::check(root, output));
    schedule.step("dependencies", &[], |output| {
        let cargo_deny = setup::cargo_deny(root, output)?;
        // The advisories would need the network, and would fail on a day on which nothing here has changed.
        let check = command(root, &cargo_deny.to_string_lossy(), "--offline check licenses bans sources");
        check.run(output)
    });
    schedule.step("tools", &[], |output| setup::install(&[CHROMIUM, NGINX, OPENSSL, VALGRIND], output));
    schedule.step("npm packages", &[], |output| setup::npm_packages(&client, output));
    schedule.command("client types", &["npm packages"], command(&client, "npm", "run --silent check"));
    schedule.command("client tests", &["client types"], command(&client, "npm", "run --silent test"));
    schedule.step("build tests", &[], |output| suite::build(root, output));
    schedule.step("Rust tests", &["build tests"], |output| suite::run(root, output));
    let clippy = "clippy --workspace --all-targets --locked -- -D warnings";
    schedule.command("clippy", &["build tests"], background(root, "cargo", clippy));
    let docs = background(root, "cargo", "doc --workspace --no-deps --locked --document-private-items");
    schedule.command("docs", &["clippy"], docs.env("RUSTDOCFLAGS", "-D warnings"));
    schedule.step("build gate", &["docs"], |output| gate::build(root, output));
    schedule.step("gate", &["build gate", "tools"], |output| gate::run(root, false, output));
    // Beside the browser tests it would disturb them.
    schedule.step("WebAssembly", &["gate"], |output| wasm::run(root, output));
    let release = "build --release --locked --package drumline --package drumline-bots";
    schedule.command("release build", &["Rust tests", "WebAssembly"], command(root, "cargo", release));
    // Alone and with the release build: a page that is drawn without a graphics card needs both processors, and the tests of
    // how the game feels over a bad network count its frames. With a development build ships run back a tenth of a unit.
    schedule.step("browser tests", &["release build", "client tests", "tools"], |output| {
        let mut run = command(&client, "npm", "run --silent test:browser");
        for tool in [CHROMIUM, NGINX, OPENSSL] {
            run = run.env(tool.variable, tool.get()?);
        }
        run.run(output)
    });
    schedule.run()
}
