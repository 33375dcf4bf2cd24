//! The verdict on a run.

use crate::report::condition::{Condition, ConditionError, figures};
use crate::report::figures::Report;

/// The verdict on a run: what failed, and whether its figures say anything about the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The failures; empty if nothing did.
    pub failures: Vec<String>,
    /// Why the figures say nothing about the server; empty if they do.
    pub doubts: Vec<String>,
}

impl Verdict {
    /// Judges a report. It fails if it is not clean, or meets one of the conditions.
    ///
    /// # Errors
    /// [`ConditionError`] if a condition names an unknown figure.
    pub fn of(report: &Report, fail_if: &[Condition]) -> Result<Self, ConditionError> {
        let mut failures = failures_of_any_run(report);
        let figures = figures(report);
        for condition in fail_if {
            let value = condition.value(&figures)?;
            if condition.is_met_by(value) {
                failures.push(format!("{condition}: it is {value}"));
            }
        }
        Ok(Self { failures, doubts: report.invalid_because.clone() })
    }

    /// Returns true if the run failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The CSS class of the verdict: `good`, `bad` or `warn`.
    #[must_use]
    pub fn css_class(&self) -> &'static str {
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
    pub fn heading(&self) -> &'static str {
        match self.css_class() {
            "bad" => "Failed",
            "warn" => "Not valid: the swarm itself could not keep up",
            _ => "Passed",
        }
    }

    /// All failures and doubts.
    #[must_use]
    pub fn reasons(&self) -> Vec<&str> {
        self.failures.iter().chain(&self.doubts).map(String::as_str).collect()
    }
}

/// The failures of any run, whatever its conditions.
fn failures_of_any_run(report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    if report.mismatches > 0 {
        found.push(format!("{} snapshots did not match the server's state", report.mismatches));
    }
    if report.resume_failures > 0 {
        found.push(format!("{} lost connections were not resumed", report.resume_failures));
    }
    let early = report.closes.iter().filter(|(cause, _)| *cause != crate::report::figures::FINISHED);
    found.extend(early.map(|(cause, count)| format!("{count} connections ended: {cause}")));
    found.extend(report.processes_lost.iter().map(|lost| format!("a process of the swarm was lost: {lost}")));
    found.extend(report.join_failures.iter().map(|(cause, count)| format!("{count} joins failed: {cause}")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_fails_by_its_own_errors_and_by_its_conditions() {
        let conditions = ["interval_ms_p99>60".parse().unwrap(), "mismatches>0".parse().unwrap()];
        let mut report = Report { interval_ms_p99: 50.0, valid: true, ..Report::default() };
        report.closes.insert(crate::report::figures::FINISHED.to_owned(), 4);
        let verdict = |report: &Report| Verdict::of(report, &conditions).unwrap();
        assert_eq!(verdict(&report).css_class(), "good");
        report.invalid_because.push("the swarm was busy".to_owned());
        assert_eq!((verdict(&report).css_class(), verdict(&report).is_failure()), ("warn", false));
        report.interval_ms_p99 = 60.5;
        assert_eq!(verdict(&report).failures, ["interval_ms_p99>60: it is 60.5"]);
        report.mismatches = 1;
        report.join_failures.insert("503".to_owned(), 2);
        report.closes.insert("1006".to_owned(), 3);
        assert_eq!(verdict(&report).failures.len(), 5, "{:?}", verdict(&report));
        assert_eq!(verdict(&report).css_class(), "bad");
        assert!(Verdict::of(&report, &["p99>1".parse().unwrap()]).is_err());
    }
}
