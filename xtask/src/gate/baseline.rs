//! The committed counts, and how new ones compare with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// Percent of change that is accepted in silence. The compiler's choices alone move counts by some tenths.
const TOLERANCE_PERCENT: f64 = 2.0;

const HEAD: &str = "# Instructions of each piece of work of the hot path, as callgrind counts them for `cargo xtask gate`.\n\
                    # `cargo xtask gate --accept` writes this file; the commit says why the counts changed.\n";

/// Counted instructions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The compiler's version and target.
    pub compiler: String,
    /// By the work's name.
    instructions: BTreeMap<String, u64>,
}

/// A piece of work's counts.
#[derive(Debug, PartialEq)]
pub struct Comparison {
    name: String,
    committed: Option<u64>,
    measured: Option<u64>,
    /// The change's verdict.
    pub verdict: Verdict,
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within the tolerance.
    Same,
    /// Fewer instructions, beyond the tolerance.
    Cheaper,
    /// More instructions, beyond the tolerance.
    Dearer,
    /// The baseline lacks the work.
    New,
    /// The work is gone.
    Gone,
}

impl Verdict {
    /// Returns true unless the counts are in order.
    pub fn fails(self) -> bool {
        matches!(self, Self::Dearer | Self::New | Self::Gone)
    }
}

impl Baseline {
    /// The counts of a compiler's code.
    pub fn of(compiler: String, instructions: BTreeMap<String, u64>) -> Self {
        Self { compiler, instructions }
    }

    /// Reads a committed file.
    ///
    /// # Errors
    /// If it is not of this form.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Returns the file's content.
    pub fn to_file(&self) -> String {
        let counts = toml::to_string(self).expect("strings and numbers are written in TOML");
        format!("{HEAD}{counts}")
    }

    /// Compares other counts with these.
    pub fn compare(&self, measured: &Self) -> Vec<Comparison> {
        let names: BTreeSet<&String> = self.instructions.keys().chain(measured.instructions.keys()).collect();
        let compare = |name: &String| {
            let committed = self.instructions.get(name).copied();
            let measured = measured.instructions.get(name).copied();
            let verdict = match (committed, measured) {
                (Some(committed), Some(measured)) => match percent(committed, measured) {
                    change if change > TOLERANCE_PERCENT => Verdict::Dearer,
                    change if change < -TOLERANCE_PERCENT => Verdict::Cheaper,
                    _ => Verdict::Same,
                },
                (None, _) => Verdict::New,
                (_, None) => Verdict::Gone,
            };
            Comparison { name: name.clone(), committed, measured, verdict }
        };
        names.into_iter().map(compare).collect()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, committed, measured, verdict } = self;
        match (committed, measured) {
            (Some(committed), Some(measured)) => {
                let change = percent(*committed, *measured);
                write!(out, "{name:<20}{committed:>12} -> {measured:>12}  {change:+.2} %")?;
            }
            (_, Some(measured)) => write!(out, "{name:<20}{:>12} -> {measured:>12}", "none")?,
            (committed, None) => {
                write!(out, "{name:<20}{:>12} -> {:>12}", committed.unwrap_or_default(), "none")?;
            }
        }
        match verdict {
            Verdict::Same => Ok(()),
            Verdict::Cheaper => write!(out, "  cheaper"),
            Verdict::Dearer => write!(out, "  DEARER: at most +{TOLERANCE_PERCENT} % is allowed"),
            Verdict::New => write!(out, "  NEW: it has no baseline"),
            Verdict::Gone => write!(out, "  GONE: the baseline has it still"),
        }
    }
}

fn percent(committed: u64, measured: u64) -> f64 {
    100.0 * (measured as f64 - committed as f64) / committed as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> Baseline {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count));
        Baseline::of("rustc 1".into(), counts.collect())
    }

    fn verdict(committed: &[(&str, u64)], measured: &[(&str, u64)]) -> Verdict {
        counts(committed).compare(&counts(measured))[0].verdict
    }

    #[test]
    fn five_percent_more_fail_and_two_do_not() {
        assert_eq!(verdict(&[("tick", 100_000)], &[("tick", 105_000)]), Verdict::Dearer);
        assert_eq!(verdict(&[("tick", 100_000)], &[("tick", 102_001)]), Verdict::Dearer);
        assert_eq!(verdict(&[("tick", 100_000)], &[("tick", 102_000)]), Verdict::Same);
        assert_eq!(verdict(&[("tick", 100_000)], &[("tick", 98_000)]), Verdict::Same);
        assert_eq!(verdict(&[("tick", 100_000)], &[("tick", 97_999)]), Verdict::Cheaper);
        let fail = |verdict: Verdict| verdict.fails();
        assert_eq!([Verdict::Same, Verdict::Cheaper, Verdict::Dearer].map(fail), [false, false, true]);
    }

    #[test]
    fn work_that_only_one_side_knows_fails() {
        assert_eq!(verdict(&[], &[("tick", 1)]), Verdict::New);
        assert_eq!(verdict(&[("tick", 1)], &[]), Verdict::Gone);
        assert!(Verdict::New.fails() && Verdict::Gone.fails());
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let written = counts(&[("join", 5), ("tick", 7)]);
        assert_eq!(Baseline::parse(&written.to_file()), Ok(written));
    }

    #[test]
    fn a_line_names_the_work_both_counts_and_the_change() {
        let comparisons = counts(&[("tick", 1000)]).compare(&counts(&[("tick", 1050)]));
        let line = comparisons[0].to_string();
        for part in ["tick", "1000", "1050", "+5.00 %", "DEARER"] {
            assert!(line.contains(part), "{line}");
        }
    }
}
