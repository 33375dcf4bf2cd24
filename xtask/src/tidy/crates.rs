//! The list of crates: which others each may depend on, and its layers.

use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use super::Finding;

/// The file with the list.
pub const LIST: &str = "xtask/layers.toml";

const RULE: &str = "dependencies";

/// The crates of the workspace, lowest first.
#[derive(Debug, Deserialize)]
pub struct Crates {
    #[serde(rename = "crate")]
    pub list: Vec<Package>,
}

/// A crate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// Its folder, relative to the project's root.
    pub folder: String,
    /// The workspace's crates that it may depend on; they come earlier in the list.
    #[serde(default)]
    pub depends: Vec<String>,
    /// The workspace's crates that its tests may depend on besides.
    #[serde(default)]
    pub tests_depend: Vec<String>,
    /// True if it must compute the same on every machine.
    #[serde(default)]
    pub deterministic: bool,
    /// Its top-level modules, lowest first.
    #[serde(default)]
    pub layers: Vec<Layer>,
}

/// A layer: a module, or several that may import each other.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Layer {
    One(String),
    Several(Vec<String>),
}

impl Layer {
    /// Returns the names of the layer's modules.
    pub fn modules(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl Crates {
    /// Reads the list.
    ///
    /// # Errors
    /// If the file cannot be read or parsed.
    pub fn read(root: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
        toml::from_str(&text).map_err(|error| format!("{LIST}: {error}"))
    }

    /// Checks the list against the workspace's members, and each crate's dependencies against the list.
    ///
    /// # Errors
    /// If a manifest cannot be read or parsed.
    pub fn check(&self, root: &Path, findings: &mut Vec<Finding>) -> Result<(), String> {
        self.check_members(&manifest(root, "Cargo.toml")?, findings);
        for (index, package) in self.list.iter().enumerate() {
            let file = format!("{}/Cargo.toml", package.folder);
            self.check_manifest(package, &file, &manifest(root, &file)?, findings);
            let later = package
                .depends
                .iter()
                .filter(|name| !self.list[..index].iter().any(|other| other.name == **name));
            for name in later {
                let message = format!(
                    "`{}` depends on `{name}`, which is not earlier in the list; reorder it",
                    package.name
                );
                findings.push(Finding { file: LIST.into(), line: None, rule: RULE, message });
            }
        }
        Ok(())
    }

    fn check_members(&self, workspace: &Table, findings: &mut Vec<Finding>) {
        let members = workspace.get("workspace").and_then(|workspace| workspace.get("members")?.as_array());
        for member in members.into_iter().flatten().filter_map(Value::as_str) {
            if !self.list.iter().any(|package| package.folder == member) {
                let message = format!("the workspace's member {member} is not listed; add it to {LIST}");
                findings.push(Finding { file: "Cargo.toml".into(), line: None, rule: RULE, message });
            }
        }
    }

    fn check_manifest(&self, package: &Package, file: &str, manifest: &Table, findings: &mut Vec<Finding>) {
        let mut allowed = package.depends.clone();
        let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let tables: Vec<&Table> = [manifest].into_iter().chain(targets.filter_map(Value::as_table)).collect();
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            if kind == "dev-dependencies" {
                allowed.extend_from_slice(&package.tests_depend);
            }
            let dependencies = tables
                .iter()
                .filter_map(|table| table.get(kind)?.as_table())
                .flat_map(Table::iter)
                // A dependency may go by another name than its package's.
                .map(|(name, value)| value.get("package").and_then(Value::as_str).unwrap_or(name));
            let ours = dependencies.filter(|name| self.list.iter().any(|package| package.name == **name));
            for name in ours.filter(|name| !allowed.iter().any(|other| other == name)) {
                let message = format!(
                    "`{}` may not depend on `{name}` ({kind}); do without it, or allow it in {LIST}",
                    package.name
                );
                findings.push(Finding { file: file.into(), line: None, rule: RULE, message });
            }
        }
    }
}

fn manifest(root: &Path, file: &str) -> Result<Table, String> {
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    text.parse().map_err(|error| format!("{file}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW_AND_HIGH: &str = r#"
        [[crate]]
        name = "low"
        folder = "low"
        [[crate]]
        name = "high"
        folder = "high"
        depends = ["low"]
        tests_depend = ["tools"]
        [[crate]]
        name = "tools"
        folder = "tools"
    "#;

    fn findings(package: usize, manifest: &str) -> Vec<Finding> {
        let crates: Crates = toml::from_str(LOW_AND_HIGH).unwrap();
        let mut findings = Vec::new();
        crates.check_manifest(
            &crates.list[package],
            "x/Cargo.toml",
            &manifest.parse().unwrap(),
            &mut findings,
        );
        findings
    }

    #[test]
    fn a_dependency_that_is_not_allowed_is_found() {
        let low_needs_high = "[dependencies]\nhigh.workspace = true\nserde = \"1\"";
        assert!(findings(0, low_needs_high)[0].message.contains("`low` may not depend on `high`"));
        assert_eq!(findings(0, "[target.'cfg(unix)'.dependencies]\nhigh.workspace = true").len(), 1);
        assert_eq!(findings(1, "[dependencies]\nlow.workspace = true\n[dev-dependencies]\ntools = {}"), []);
        assert_eq!(findings(1, "[dependencies]\ntools.workspace = true").len(), 1);
        let renamed = "[dependencies]\nlow = { package = \"tools\", path = \"tools\" }";
        assert!(findings(1, renamed)[0].message.contains("`high` may not depend on `tools`"));
        assert_eq!(findings(1, "[dependencies]\ntools = { package = \"low\", path = \"low\" }"), []);
    }

    #[test]
    fn every_member_is_listed() {
        let crates: Crates = toml::from_str(LOW_AND_HIGH).unwrap();
        let mut findings = Vec::new();
        crates.check_members(&"[workspace]\nmembers = [\"low\", \"new\"]".parse().unwrap(), &mut findings);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("member new"), "{}", findings[0]);
    }
}
