//! How many source files a folder holds.

use std::collections::BTreeMap;

use super::Finding;
use super::sources::Source;

/// Source files in a folder, not counting those that only list or start the others: more cannot be surveyed.
const MAX_FILES: usize = 15;

/// Checks every folder.
pub fn check(sources: &[Source], findings: &mut Vec<Finding>) {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_code()) {
        let (folder, file) = source.name.rsplit_once('/').unwrap_or(("", &source.name));
        if !matches!(file, "mod.rs" | "lib.rs" | "main.rs") {
            *folders.entry(folder).or_default() += 1;
        }
    }
    for (folder, files) in folders.into_iter().filter(|(_, files)| *files > MAX_FILES) {
        let message =
            format!("{files} source files in one folder; group them in folders of at most {MAX_FILES}");
        findings.push(Finding { file: format!("{folder}/"), line: None, rule: "folder size", message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: usize, extension: &str) -> Vec<Finding> {
        let file = |name: String| Source { name, text: String::new() };
        let mut sources: Vec<Source> = (0..files).map(|n| file(format!("a/src/{n}.{extension}"))).collect();
        sources.extend(
            ["a/src/lib.rs", "a/src/main.rs", "a/src/b/mod.rs", "a/src/c.md"].map(|name| file(name.into())),
        );
        let mut findings = Vec::new();
        check(&sources, &mut findings);
        findings
    }

    #[test]
    fn a_folder_with_too_many_files_is_found() {
        assert_eq!(findings(MAX_FILES, "rs"), []);
        assert_eq!(findings(MAX_FILES, "js"), []);
        assert_eq!(findings(MAX_FILES + 1, "rs")[0].file, "a/src/");
        assert_eq!(findings(MAX_FILES + 1, "js")[0].rule, "folder size");
    }
}
