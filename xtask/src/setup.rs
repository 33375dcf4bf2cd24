//! What the tests need beyond Rust: npm packages, a browser, and a web server before ours.

use std::env;
use std::path::{Path, PathBuf};

use crate::step::command;

/// A program of the system.
pub struct Tool {
    /// What it is called.
    name: &'static str,
    /// Its files, the best one first.
    files: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
    /// The variable that names another one, for the tests too.
    pub variable: &'static str,
}

/// The browser.
pub const CHROMIUM: Tool = Tool {
    name: "Chromium",
    files: &["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
    variable: "CHROMIUM",
};
/// The web server that operators put before ours.
pub const NGINX: Tool = Tool { name: "nginx", files: &["nginx"], package: "nginx-light", variable: "NGINX" };
/// What makes certificates for tests.
pub const OPENSSL: Tool =
    Tool { name: "OpenSSL", files: &["openssl"], package: "openssl", variable: "OPENSSL" };

/// Installs the client's packages exactly as its lock file says.
pub fn npm_packages(client: &Path) -> Result<(), String> {
    if find(&["npm"]).is_none() {
        return Err("npm is missing; install Node.js 20 or later".into());
    }
    command(client, "npm", "ci --no-audit --no-fund").run()
}

impl Tool {
    /// Finds the program, or installs Debian's where that is permitted.
    pub fn get(&self) -> Result<PathBuf, String> {
        let Self { name, files, package, variable } = self;
        if let Some(path) = env::var_os(variable) {
            return Ok(path.into());
        }
        if let Some(path) = find(files) {
            return Ok(path);
        }
        let help = format!(
            "{name} is missing; install it (Debian: apt-get install {package}), or set {variable} to its path"
        );
        if find(&["apt-get"]).is_some() {
            let apt = |arguments: &str| {
                let apt = command(Path::new("."), "apt-get", arguments);
                apt.env("DEBIAN_FRONTEND", "noninteractive").run()
            };
            apt("update -qq")
                .and_then(|()| apt(&format!("install -y -qq {package}")))
                .map_err(|error| format!("{error}; {help}"))?;
        }
        find(files).ok_or(help)
    }
}

/// The first of some programs. Debian keeps servers where only root looks by itself.
fn find(names: &[&str]) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    folders.push("/usr/sbin".into());
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}
