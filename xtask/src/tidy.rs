//! Rules of style that no other tool knows.

use std::path::Path;
use std::process::Command;

/// Lines of a source file: beyond this it is more than one thing.
const MAX_LINES: usize = 500;
/// Characters of a line of source.
const MAX_WIDTH: usize = 130;

/// What must not stand in a source file, and why. The words are split so that this file passes its own check.
const FORBIDDEN: [(&str, &str); 8] = [
    (concat!("todo", "!("), "nothing half-done stays"),
    (concat!("unimplemented", "!("), "nothing half-done stays"),
    (concat!("TO", "DO"), "nothing half-done stays"),
    (concat!("FIX", "ME"), "nothing half-done stays"),
    (concat!("#[ign", "ore"), "a test that is not run tests nothing"),
    (concat!("test.sk", "ip("), "a test that is not run tests nothing"),
    (concat!("test.on", "ly("), "it keeps the other tests from running"),
    (concat!("console.", "log("), "a library is quiet; a page shows what it has to say"),
];

/// Checks every tracked source file, and every new one that is not ignored.
pub fn check(root: &Path) -> Result<(), String> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    let listing = String::from_utf8(listing.stdout).map_err(|_| "a file's name is not UTF-8".to_owned())?;
    let mut findings = Vec::new();
    let mut files = 0;
    for name in listing.lines().filter(|name| is_source(name)) {
        // A file that is listed and not there has just been deleted.
        if let Ok(text) = std::fs::read_to_string(root.join(name)) {
            files += 1;
            check_file(name, &text, &mut findings);
        }
    }
    if files == 0 {
        return Err("no source file was found; is this a git checkout?".into());
    }
    if findings.is_empty() {
        println!("{files} files are tidy");
        return Ok(());
    }
    Err(format!("{} findings:\n  {}", findings.len(), findings.join("\n  ")))
}

fn is_source(name: &str) -> bool {
    is_code(name) || matches!(extension(name), Some("css" | "html" | "toml" | "md" | "sh" | "py"))
}

fn is_code(name: &str) -> bool {
    matches!(extension(name), Some("rs" | "js" | "mjs"))
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension().and_then(|extension| extension.to_str())
}

fn check_file(name: &str, text: &str, findings: &mut Vec<String>) {
    let code = is_code(name);
    if code && text.lines().count() > MAX_LINES {
        findings.push(format!("{name}: over {MAX_LINES} lines; split it"));
    }
    if code && !(text.starts_with("//!") || text.starts_with("/*") || text.starts_with("//")) {
        findings.push(format!("{name}: a file begins with what it holds"));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(format!("{name}: no newline at its end"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if line.ends_with([' ', '\t']) {
            findings.push(format!("{name}:{number}: white space at the end"));
        }
        if code && line.chars().count() > MAX_WIDTH {
            findings.push(format!("{name}:{number}: over {MAX_WIDTH} characters"));
        }
        if code {
            for (words, reason) in FORBIDDEN {
                if line.contains(words) {
                    findings.push(format!("{name}:{number}: `{words}`: {reason}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, text: &str) -> usize {
        let mut findings = Vec::new();
        check_file(name, text, &mut findings);
        findings.len()
    }

    #[test]
    fn each_rule_finds_its_case() {
        assert_eq!(findings("a.rs", "//! Fine.\n"), 0);
        assert_eq!(findings("a.rs", "fn main() {}\n"), 1);
        assert_eq!(findings("a.rs", "//! x"), 1);
        assert_eq!(findings("a.rs", "//! x \n"), 1);
        assert_eq!(findings("a.rs", &format!("//! {}\n", "x".repeat(MAX_WIDTH))), 1);
        assert_eq!(findings("a.js", &"// x\n".repeat(MAX_LINES + 1)), 1);
        for (words, _) in FORBIDDEN {
            assert_eq!(findings("a.rs", &format!("//! x\n{words}\n")), 1, "{words}");
        }
    }
}
