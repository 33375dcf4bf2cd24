//! Lines, widths, and words that must not stand in a source file.

use super::Finding;
use super::sources::Source;

/// A file with more lines than this is more than one thing.
const MAX_LINES: usize = 500;
/// Characters of a line of source.
const MAX_WIDTH: usize = 130;

/// Text that must not stand in a source file, and why. The words are split so that this file passes its own check.
const FORBIDDEN: [(&str, &str); 8] = [
    (concat!("todo", "!("), "finish it: nothing half-done stays"),
    (concat!("unimplemented", "!("), "finish it: nothing half-done stays"),
    (concat!("TO", "DO"), "finish it: nothing half-done stays"),
    (concat!("FIX", "ME"), "finish it: nothing half-done stays"),
    (concat!("#[ign", "ore"), "run the test or delete it: a test that never runs tests nothing"),
    (concat!("test.sk", "ip("), "run the test or delete it: a test that never runs tests nothing"),
    (concat!("test.on", "ly("), "remove it: it keeps the other tests from running"),
    (concat!("console.", "log("), "remove it: a library is quiet, and a page shows its messages"),
];

/// Checks one file.
pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    let text = &source.text;
    let mut find = |line, rule, message: String| {
        findings.push(Finding { file: source.name.clone(), line, rule, message });
    };
    if !text.is_empty() && !text.ends_with('\n') {
        find(None, "newline", "the last line has no newline; add one".into());
    }
    if source.is_code() {
        if text.lines().count() > MAX_LINES {
            find(None, "file length", format!("over {MAX_LINES} lines; split the file"));
        }
        if !["//!", "/*", "//"].iter().any(|comment| text.starts_with(comment)) {
            find(None, "file comment", "begin the file with a comment that says what it holds".into());
        }
    }
    for (number, line) in (1..).zip(text.lines()) {
        if line.ends_with([' ', '\t']) {
            find(Some(number), "white space", "remove the white space at the line's end".into());
        }
        if !source.is_code() {
            continue;
        }
        if line.chars().count() > MAX_WIDTH {
            find(Some(number), "line width", format!("over {MAX_WIDTH} characters; break the line"));
        }
        for (words, reason) in FORBIDDEN {
            if line.contains(words) {
                find(Some(number), "forbidden text", format!("`{words}`: {reason}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(name: &str, text: &str) -> Vec<&'static str> {
        let mut findings = Vec::new();
        check(&Source { name: name.into(), text: text.into() }, &mut findings);
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn each_rule_finds_its_case() {
        assert_eq!(rules("a.rs", "//! Fine.\n"), [""; 0]);
        assert_eq!(rules("a.rs", "fn main() {}\n"), ["file comment"]);
        assert_eq!(rules("a.rs", "//! x"), ["newline"]);
        assert_eq!(rules("a.md", "x \n"), ["white space"]);
        assert_eq!(rules("a.rs", &format!("//! {}\n", "x".repeat(MAX_WIDTH))), ["line width"]);
        assert_eq!(rules("a.js", &"// x\n".repeat(MAX_LINES + 1)), ["file length"]);
        for (words, _) in FORBIDDEN {
            assert_eq!(rules("a.rs", &format!("//! x\n{words}\n")), ["forbidden text"], "{words}");
        }
    }

    #[test]
    fn a_finding_names_file_line_rule_and_remedy() {
        let mut findings = Vec::new();
        check(&Source { name: "a.rs".into(), text: "//! x\n//! y \n".into() }, &mut findings);
        assert_eq!(findings[0].to_string(), "a.rs:2: [white space] remove the white space at the line's end");
    }
}
