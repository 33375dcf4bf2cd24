//! Servers that are not Rust: where they are, and how they are started.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;

/// The command that runs a peer's server with rooms of a size. Its packages are installed first if they are missing.
///
/// # Errors
/// If there is no npm, or it fails.
pub fn command(folder: &str, room_size: u16) -> Outcome<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(folder);
    if !folder.join("node_modules").is_dir() {
        install(&folder)?;
    }
    let mut command = Command::new(node(&folder));
    command.arg("server.mjs").current_dir(&folder);
    command.env("NODE_ENV", "production").env("ROOM_SIZE", room_size.to_string());
    Ok(command)
}

/// The Node.js that comes with the packages, so that its version is the peer's and not the machine's; that of the machine
/// where there is none for it.
fn node(folder: &Path) -> PathBuf {
    let packaged = folder.join("node_modules/.bin/node");
    if packaged.exists() { packaged } else { "node".into() }
}

fn install(folder: &Path) -> Outcome<()> {
    eprintln!("{}: npm ci", folder.display());
    let status = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("npm ci failed in {}: {status}", folder.display()).into()),
        Err(error) => {
            Err(format!("npm cannot be run: {error}; install Node.js 22 or later, which brings npm").into())
        }
    }
}
