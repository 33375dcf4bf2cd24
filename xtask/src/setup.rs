//! What the tests need beyond Rust: npm packages and a browser.

use std::env;
use std::path::{Path, PathBuf};

use crate::step::command;

/// Installs the client's packages exactly as its lock file says.
pub fn npm_packages(client: &Path) -> Result<(), String> {
    if find(&["npm"]).is_none() {
        return Err("npm is missing; install Node.js 20 or later".into());
    }
    command(client, "npm", "ci --no-audit --no-fund").run()
}

/// Finds Chromium, or installs Debian's where that is permitted.
pub fn chromium() -> Result<PathBuf, String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    if let Some(path) = env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    if let Some(path) = find(&names) {
        return Ok(path);
    }
    let help =
        "Chromium is missing; install it (Debian: apt-get install chromium), or set CHROMIUM to its path";
    if find(&["apt-get"]).is_some() {
        let here = Path::new(".");
        let apt =
            |arguments| command(here, "apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive").run();
        apt("update -qq")
            .and_then(|()| apt("install -y -qq chromium"))
            .map_err(|error| format!("{error}; {help}"))?;
    }
    find(&names).ok_or_else(|| help.to_owned())
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}
