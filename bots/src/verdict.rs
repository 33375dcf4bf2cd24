//! What a run comes to.

use crate::condition::{Condition, ConditionError, figures};
use crate::report::Report;

/// What a run comes to: its failures, and whether its figures speak of the server at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What failed, in words; empty if nothing did.
    pub failures: Vec<String>,
    /// Why the figures do not speak of the server; empty if they do.
    pub doubts: Vec<String>,
}

impl Verdict {
    /// Judges a report: it is to be clean, and to meet none of the conditions.
    ///
    /// # Errors
    /// [`ConditionError`] if a condition is about a figure that there is not.
    pub fn of(report: &Report, fail_if: &[Condition]) -> Result<Self, ConditionError> {
        let mut failures = uncleanliness(report);
        let figures = figures(report);
        for condition in fail_if {
            let value = condition.value(&figures)?;
            if condition.is_met_by(value) {
                failures.push(format!("{condition}: it is {value}"));
            }
        }
        Ok(Self { failures, doubts: report.invalid_because.clone() })
    }

    /// Whether the run failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !self.failures.is_empty()
    }

    /// `good`, `bad` or `warn`.
    #[must_use]
    pub fn mood(&self) -> &'static str {
        if self.is_failure() {
            "bad"
        } else if self.doubts.is_empty() {
            "good"
        } else {
            "warn"
        }
    }

    /// A heading.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.mood() {
            "bad" => "Failed",
            "warn" => "Not valid: the swarm itself could not keep up",
            _ => "Passed",
        }
    }

    /// Everything that speaks against it.
    #[must_use]
    pub fn reasons(&self) -> Vec<&str> {
        self.failures.iter().chain(&self.doubts).map(String::as_str).collect()
    }
}

/// What a run is always blamed for.
fn uncleanliness(report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    if report.mismatches > 0 {
        found.push(format!("{} mirrors differed from the world", report.mismatches));
    }
    if report.resume_failures > 0 {
        found.push(format!("{} lost connections were not resumed", report.resume_failures));
    }
    let early = report.closes.iter().filter(|(cause, _)| *cause != crate::FINISHED);
    found.extend(early.map(|(cause, count)| format!("{count} connections ended: {cause}")));
    found.extend(report.processes_lost.iter().map(|lost| format!("a process of the swarm was lost: {lost}")));
    found.extend(report.join_failures.iter().map(|(cause, count)| format!("{count} joins failed: {cause}")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_fails_by_what_is_wrong_and_by_its_conditions() {
        let conditions = ["interval_ms_p99>60".parse().unwrap(), "mismatches>0".parse().unwrap()];
        let mut report = Report { interval_ms_p99: 50.0, valid: true, ..Report::default() };
        report.closes.insert(crate::FINISHED.to_owned(), 4);
        let verdict = |report: &Report| Verdict::of(report, &conditions).unwrap();
        assert_eq!(verdict(&report).mood(), "good");
        report.invalid_because.push("the swarm was busy".to_owned());
        assert_eq!((verdict(&report).mood(), verdict(&report).is_failure()), ("warn", false));
        report.interval_ms_p99 = 60.5;
        assert_eq!(verdict(&report).failures, ["interval_ms_p99>60: it is 60.5"]);
        report.mismatches = 1;
        report.join_failures.insert("503".to_owned(), 2);
        report.closes.insert("1006".to_owned(), 3);
        assert_eq!(verdict(&report).failures.len(), 5, "{:?}", verdict(&report));
        assert_eq!(verdict(&report).mood(), "bad");
        assert!(Verdict::of(&report, &["p99>1".parse().unwrap()]).is_err());
    }
}
