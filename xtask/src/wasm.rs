//! `cargo xtask wasm`: the shipped games give the same frames natively and in WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Output, command, target, text_of};
use crate::setup;

const TARGET: &str = "wasm32-unknown-unknown";
/// The package of seeded records.
const PACKAGE: &str = "drumline-records";
const SEED: u32 = 7;
const TICKS: u32 = 10_000;

/// Runs the same records natively and under Node, and compares the hashes of all frames.
///
/// # Errors
/// If a hash differs, or a tool is missing.
pub fn run(root: &Path, output: &Output) -> Result<(), String> {
    let module = build(root, output)?;
    // As the tests are built, so that nothing is built twice.
    command(root, "cargo", "build --locked --workspace --bin frame-hashes").run(output)?;
    let mut native = Command::new(target(root).join("debug").join("frame-hashes"));
    let native = text_of(native.args([SEED.to_string(), TICKS.to_string()]))?;
    let games = native.lines().filter_map(|line| line.split(' ').next());
    let mut node = Command::new("node");
    node.arg(root.join("games/records/frame-hashes.js")).arg(&module);
    node.args([SEED.to_string(), TICKS.to_string()]).args(games);
    let wasm = text_of(&mut node)?;
    for (native, wasm) in native.lines().zip(wasm.lines()) {
        let hashes = || native.split(' ').zip(wasm.split(' '));
        let game = native.split(' ').next().unwrap_or_default();
        if let Some(thousand) = hashes().skip(1).position(|(native, wasm)| native != wasm) {
            return Err(format!(
                "{game}: the frames differ between ticks {thousand}000 and {}000",
                thousand + 1
            ));
        }
        output.line(&format!(
            "{game}: {TICKS} ticks, the same frames: {}",
            hashes().last().map_or("", |(hash, _)| hash)
        ));
    }
    if native == wasm { Ok(()) } else { Err("the runs in WebAssembly ended early".to_owned()) }
}

/// Builds the module with rustup's standard library for WebAssembly, or else with Debian's compiler and the library's source.
fn build(root: &Path, output: &Output) -> Result<PathBuf, String> {
    let target = root.join("target").join("wasm");
    let sysroot = text_of(Command::new("rustc").args(["--print", "sysroot"]))?;
    let is_installed = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).exists();
    let std = if is_installed { "" } else { "-Zbuild-std=std,panic_abort" };
    let build = format!("build --release --lib --locked -p {PACKAGE} --target {TARGET} {std}");
    let mut build = command(root, "cargo", &build).env("CARGO_TARGET_DIR", &target);
    // The module runs for seconds, so the time to build it counts more.
    for (key, value) in [("OPT_LEVEL", "1"), ("LTO", "off"), ("CODEGEN_UNITS", "16"), ("PANIC", "abort")] {
        build = build.env(&format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    if !is_installed {
        build = build
            .env("RUSTC", setup::debian_rustc(output)?)
            // The toolchain is stable; only the option is not.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker(sysroot.trim())?)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Clinker-flavor=wasm-ld");
    }
    build.run(output)?;
    let name = format!("{}.wasm", PACKAGE.replace('-', "_"));
    Ok(target.join(TARGET).join("release").join(name))
}

/// The linker that comes with the toolchain.
fn linker(sysroot: &str) -> Result<PathBuf, String> {
    let rustlib = Path::new(sysroot).join("lib/rustlib");
    let hosts = fs::read_dir(&rustlib).map_err(|error| format!("{}: {error}", rustlib.display()))?;
    let mut linkers = hosts.filter_map(|host| Some(host.ok()?.path().join("bin/rust-lld")));
    linkers.find(|path| path.exists()).ok_or_else(|| "the toolchain has no rust-lld".to_owned())
}
