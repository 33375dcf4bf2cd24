//! Rules of structure and style that no other tool knows. Each group of rules has a file.

mod bans;
mod circles;
mod comments;
mod crates;
mod english;
mod folders;
mod functions;
mod layers;
mod modules;
mod sources;
mod text;

use std::fmt;
use std::path::Path;

use self::crates::Crates;
use self::modules::Tree;
use crate::run::Output;

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the project's root.
    pub file: String,
    /// The line, counted from 1; `None` if the finding concerns the whole file.
    pub line: Option<usize>,
    /// The rule's name.
    pub rule: &'static str,
    /// The fault and its remedy.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, message } = self;
        match line {
            Some(line) => write!(out, "{file}:{line}: [{rule}] {message}"),
            None => write!(out, "{file}: [{rule}] {message}"),
        }
    }
}

/// Checks every tracked source file, and every new one that is not ignored.
///
/// # Errors
/// If anything breaks a rule, or a file cannot be read or parsed.
pub fn check(root: &Path, output: &Output) -> Result<(), String> {
    let sources = sources::read(root)?;
    let crates = Crates::read(root)?;
    let mut findings = Vec::new();
    for source in &sources {
        text::check(source, &mut findings);
        english::check(source, &mut findings);
        functions::check(source, &mut findings)?;
    }
    folders::check(&sources, &mut findings);
    crates.check(root, &mut findings)?;
    for package in &crates.list {
        bans::check(package, &sources, &mut findings);
        let trees = Tree::read(root, &package.folder)?;
        layers::check(package, &trees, &mut findings);
        let largest = circles::check(&trees, &mut findings);
        output.line(&format!("{}: largest import circle: {largest}", package.folder));
    }
    report(sources.len(), &findings, output)
}

fn report(files: usize, findings: &[Finding], output: &Output) -> Result<(), String> {
    if findings.is_empty() {
        output.line(&format!("{files} files are tidy"));
        return Ok(());
    }
    let lines: Vec<String> = findings.iter().map(|finding| format!("\n  {finding}")).collect();
    Err(format!("{} findings:{}", findings.len(), lines.concat()))
}
