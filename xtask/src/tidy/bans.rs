//! The bans that keep rooms and games deterministic. Std's transcendental functions and `mul_add` round differently from machine
//! to machine; `clippy.toml` lists them, and clippy finds them. Here no crate may exempt itself.

use super::Finding;
use super::crates::Package;
use super::sources::Source;

/// The lint, in two parts so that this file passes its own check.
const LINT: &str = concat!("disallowed_", "methods");

/// Finds exemptions from the bans in a crate that has to be deterministic.
pub fn check(package: &Package, sources: &[Source], findings: &mut Vec<Finding>) {
    if !package.deterministic {
        return;
    }
    let folder = format!("{}/src/", package.folder);
    for source in sources.iter().filter(|source| source.name.starts_with(&folder)) {
        for (number, line) in (1..).zip(source.text.lines()) {
            let exempts = line.contains("allow(") || line.contains("expect(");
            if exempts && line.contains(LINT) {
                let message = "a room or game must compute the same on every machine; use `drumline::math`";
                findings.push(Finding {
                    file: source.name.clone(),
                    line: Some(number),
                    rule: "determinism",
                    message: message.into(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Clippy's findings in a file of a game, with the project's settings.
    fn clippy(text: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = std::env::temp_dir().join(format!("drumline-bans-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("game.rs");
        std::fs::write(&file, text).unwrap();
        let output = Command::new("clippy-driver")
            .env("CLIPPY_CONF_DIR", root)
            .args([
                "--crate-type",
                "lib",
                "--edition",
                "2024",
                "--emit",
                "metadata",
                "-W",
                "clippy::all",
                "--out-dir",
            ])
            .args([&folder, &file])
            .output()
            .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn clippy_finds_a_planted_sine_and_a_fused_multiplication() {
        let found = clippy("pub fn f(x: f32) -> f32 { x.sin() + x.mul_add(x, x) }");
        assert!(found.contains("`f32::sin`") && found.contains("`f32::mul_add`"), "{found}");
        let fine = clippy("pub fn f(x: f32) -> f32 { x * x + x.sqrt() }");
        assert!(!fine.contains("disallowed"), "{fine}");
    }

    #[test]
    fn an_exemption_is_found_in_a_deterministic_crate() {
        let find = |deterministic: bool| {
            let package = format!("name = \"x\"\nfolder = \"x\"\ndeterministic = {deterministic}");
            let text = format!("//! x\n#![allow(clippy::{LINT})]\n");
            let mut findings = Vec::new();
            check(
                &toml::from_str(&package).unwrap(),
                &[Source { name: "x/src/lib.rs".into(), text }],
                &mut findings,
            );
            findings.iter().filter_map(|finding| finding.line).collect::<Vec<_>>()
        };
        assert_eq!(find(true), [2]);
        assert_eq!(find(false), [0; 0]);
    }
}
