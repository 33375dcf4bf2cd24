//! The project's source files, as git lists them.

use std::path::Path;
use std::process::Command;

/// A source file.
#[derive(Debug)]
pub struct Source {
    /// Its path, relative to the project's root.
    pub name: String,
    /// Its content.
    pub text: String,
}

impl Source {
    /// Returns the part of the name after the last dot, or an empty string.
    pub fn extension(&self) -> &str {
        extension(&self.name)
    }

    /// Returns true if the file is a program's source: Rust or JavaScript.
    pub fn is_code(&self) -> bool {
        matches!(self.extension(), "rs" | "js" | "mjs")
    }

    /// Returns true if the whole file is test code.
    pub fn is_test(&self) -> bool {
        let mut parts = self.name.split('/');
        parts.any(|part| matches!(part, "tests" | "test" | "testing" | "tests.rs" | "testing.rs"))
    }
}

/// Reads every tracked source file, and every new one that is not ignored.
///
/// # Errors
/// If git does not run, or lists no source file.
pub fn read(root: &Path) -> Result<Vec<Source>, String> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    let listing = String::from_utf8(listing.stdout).map_err(|_| "a file's name is not UTF-8".to_owned())?;
    let names = listing.lines().filter(|name| is_source(name));
    // A file that is listed but missing has just been deleted.
    let read =
        |name: &str| Some(Source { name: name.into(), text: std::fs::read_to_string(root.join(name)).ok()? });
    let sources: Vec<Source> = names.filter_map(read).collect();
    if sources.is_empty() {
        return Err("no source file was found; is this a git checkout?".into());
    }
    Ok(sources)
}

fn is_source(name: &str) -> bool {
    matches!(extension(name), "rs" | "js" | "mjs" | "css" | "html" | "toml" | "md" | "sh" | "py")
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}
