//! Scenario files, and the built-in scenarios.

use std::path::Path;

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::scenario::Scenario;
use crate::scenario::invalid_value::InvalidValue;

/// Names and texts of the built-in scenarios.
const NAMED: [(&str, &str); 5] = [
    ("smoke", include_str!("../../scenarios/smoke.toml")),
    ("steady", include_str!("../../scenarios/steady.toml")),
    ("storm", include_str!("../../scenarios/storm.toml")),
    ("mobile", include_str!("../../scenarios/mobile.toml")),
    ("soak", include_str!("../../scenarios/soak.toml")),
];

/// A scenario cannot be found or read, or has a value that is not allowed.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// There is neither such a file nor a built-in scenario of that name.
    #[error(
        "there is neither a file nor a scenario `{name}` ({source}); built-in scenarios: {known}",
        known = NAMED.map(|(name, _)| name).join(", ")
    )]
    NotFound {
        /// The name.
        name: String,
        /// Why the file cannot be read.
        source: std::io::Error,
    },
    /// The file is not TOML, or not a scenario. The TOML library's message names the line.
    #[error("{file}: {source}")]
    Format {
        /// The file's name.
        file: String,
        /// The cause.
        source: toml::de::Error,
    },
    /// A value is not allowed.
    #[error("{file}, line {line}: {fault}")]
    Value {
        /// The file's name.
        file: String,
        /// The line of the value.
        line: usize,
        /// The error, with what is allowed.
        fault: InvalidValue,
    },
    /// A value of the command line is not allowed.
    #[error("{0}")]
    Flags(InvalidValue),
}

impl Scenario {
    /// The built-in scenarios.
    ///
    /// # Panics
    /// Never: a test reads them all.
    pub fn named() -> impl Iterator<Item = Self> {
        NAMED.iter().map(|(name, text)| Self::parse(text, name).expect("the tests read every named scenario"))
    }

    /// The built-in scenario of this name, or the scenario of this file.
    ///
    /// # Errors
    /// [`ScenarioError`] names the file, the line, and what is allowed. Behaviours are not checked here: only a
    /// [swarm](crate::Swarm) knows them.
    pub fn find(name: &str) -> Result<Self, ScenarioError> {
        if let Some((_, text)) = NAMED.iter().find(|(known, _)| *known == name) {
            return Self::parse(text, name);
        }
        let text = std::fs::read_to_string(name)
            .map_err(|source| ScenarioError::NotFound { name: name.to_owned(), source })?;
        let mut scenario = Self::parse(&text, name)?;
        if scenario.name.is_empty() {
            let stem = Path::new(name).file_stem().unwrap_or_default();
            scenario.name = stem.to_string_lossy().into_owned();
        }
        Ok(scenario)
    }

    /// Reads a scenario from TOML; `file` is the name that errors use.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn parse(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let file = || file.to_owned();
        let scenario: Self =
            toml::from_str(text).map_err(|source| ScenarioError::Format { file: file(), source })?;
        let check = scenario.check();
        check.map_err(|fault| ScenarioError::Value { file: file(), line: line(text, &fault.path), fault })?;
        Ok(scenario)
    }
}

/// The line (from 1) on which a key stands; of a list, the line on which it begins.
fn line(text: &str, path: &[String]) -> usize {
    let mut at = 0;
    if let Ok(whole) = DeTable::parse(text) {
        let mut table = Some(whole.get_ref());
        for step in path {
            let Some((key, value)) = table.and_then(|table| table.get_key_value(step.as_str())) else {
                break;
            };
            at = Spanned::span(key).start;
            table = match value.get_ref() {
                DeValue::Table(inner) => Some(inner),
                _ => None,
            };
        }
    }
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::scenario::arrival_pattern::Arrival;

    fn error(text: &str) -> String {
        Scenario::parse(text, "x.toml").unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_scenarios_are_complete() {
        for scenario in Scenario::named() {
            assert!(!scenario.about.is_empty() && !scenario.fail_if.is_empty(), "{scenario:?}");
            assert_eq!(Scenario::find(&scenario.name).unwrap(), scenario);
            let text = toml::to_string(&scenario).unwrap();
            assert_eq!(Scenario::parse(&text, "again").unwrap(), scenario);
        }
    }

    #[test]
    fn every_key_has_a_default_and_is_read() {
        assert_eq!(Scenario::parse("", "x").unwrap(), Scenario::default());
        let text =
            "rooms = 3\narrival = { storm = { at = 1.5, bots = 7 } }\n[networks]\n4g = 1\n'delay=5ms' = 2\n";
        let scenario = Scenario::parse(text, "x").unwrap();
        assert_eq!((scenario.rooms, scenario.arrival), (3, Arrival::Storm { at: 1.5, bots: 7 }));
        assert_eq!(
            scenario.networks.into_iter().collect::<Vec<_>>(),
            [("4g".into(), 1.0), ("delay=5ms".into(), 2.0)]
        );
    }

    #[test]
    fn errors_name_the_line_and_what_is_allowed() {
        let unknown = error("rooms = 1\n\nroom = 3\n");
        assert!(unknown.contains("line 3") && unknown.contains("`per_room`"), "{unknown}");
        let kind = error("rooms = 1\narrival = { flood = { at = 1 } }");
        assert!(kind.contains("line 2") && kind.contains("`storm`"), "{kind}");
        let inner = error("[arrival.ramp]\nseconds = 1\nuntil = 3");
        assert!(inner.contains("line 3") && inner.contains("until, available keys: seconds"), "{inner}");
        let many = error("name = 'x'\nper_room = 5000");
        assert_eq!(many, "x.toml, line 2: `per_room` is 1 to 1024, not 5000");
        let net = error("name = 'x'\n\n[networks]\nlan = 1\n5g = 2");
        assert!(
            net.starts_with("x.toml, line 5: `networks.5g`") && net.contains("lan, wifi, 4g, bad"),
            "{net}"
        );
        let time = error("[networks]\n'delay=60' = 1");
        assert!(time.contains("line 2") && time.contains("like 60ms"), "{time}");
        let weight = error("[behaviours]\n\nidle = -1");
        assert!(weight.contains("line 3") && weight.contains("not -1"), "{weight}");
        let missing = Scenario::find("/no/such/file").unwrap_err().to_string();
        assert!(missing.contains("smoke, steady, storm, mobile, soak"), "{missing}");
    }
}
