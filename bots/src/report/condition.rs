//! Conditions on a run's figures, such as `interval_ms_p99>60`.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::report::figures::Report;

/// The comparison operators. Longer ones come first, since `>` also begins `>=`.
const COMPARISONS: [(&str, Comparison); 6] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];

/// A figure of a [`Report`] compared with a number. Members of figures that are maps of numbers are written with a
/// dot: `closes.finished`. A missing member counts as 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The figure's name in the report's JSON.
    pub figure: String,
    comparison: Comparison,
    /// The number that it is compared with.
    pub bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    AtLeast,
    AtMost,
    Equal,
    Unequal,
    Above,
    Below,
}

/// A condition that cannot be parsed, or that names an unknown figure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConditionError {
    /// It is not a figure, an operator and a number.
    #[error("`{0}` is not a condition; write one like interval_ms_p99>60, with >, >=, <, <=, == or !=")]
    Unreadable(String),
    /// A report has no such figure.
    #[error("a report has no figure `{figure}`; it has {known}")]
    UnknownFigure {
        /// The figure, as written.
        figure: String,
        /// The known figures.
        known: String,
    },
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let unreadable = || ConditionError::Unreadable(text.to_owned());
        let (figure, comparison, bound) = COMPARISONS
            .iter()
            .find_map(|(word, comparison)| {
                text.split_once(word).map(|(figure, bound)| (figure.trim(), *comparison, bound.trim()))
            })
            .ok_or_else(unreadable)?;
        let bound = bound.parse().ok().filter(|bound: &f64| bound.is_finite()).ok_or_else(unreadable)?;
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_. ".contains(letter);
        if figure.is_empty() || !figure.chars().all(is_name) {
            return Err(unreadable());
        }
        Ok(Self { figure: figure.to_owned(), comparison, bound })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = COMPARISONS.iter().find(|(_, comparison)| *comparison == self.comparison);
        let (word, _) = word.expect("every comparison has a word");
        write!(f, "{}{word}{}", self.figure, self.bound)
    }
}

impl Condition {
    /// Checks that reports have this figure.
    ///
    /// # Errors
    /// [`ConditionError::UnknownFigure`] lists the known figures.
    pub fn check(&self) -> Result<(), ConditionError> {
        self.value(&figures(&Report::default())).map(drop)
    }

    /// The figure's value in a report.
    ///
    /// # Errors
    /// [`ConditionError::UnknownFigure`] lists the known figures.
    pub fn value(&self, report: &Map<String, Value>) -> Result<f64, ConditionError> {
        let unknown = || ConditionError::UnknownFigure {
            figure: self.figure.clone(),
            known: names(report).collect::<Vec<_>>().join(", "),
        };
        let (name, part) = match self.figure.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (self.figure.as_str(), None),
        };
        match (report.get(name), part) {
            (Some(Value::Object(parts)), Some(part)) => match parts.get(part) {
                Some(value) => value.as_f64().ok_or_else(unknown),
                None => Ok(0.0),
            },
            (Some(value), None) => value.as_f64().ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }

    /// Returns true if the value meets the condition.
    #[must_use]
    pub fn is_met_by(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtLeast => value >= self.bound,
            Comparison::AtMost => value <= self.bound,
            Comparison::Equal => value == self.bound,
            Comparison::Unequal => value != self.bound,
            Comparison::Above => value > self.bound,
            Comparison::Below => value < self.bound,
        }
    }
}

/// A report's figures by their names in JSON. Optional figures that are missing count as zero.
#[must_use]
pub fn figures(report: &Report) -> Map<String, Value> {
    let Ok(Value::Object(mut figures)) = serde_json::to_value(report) else {
        unreachable!("a report is a struct of plain data")
    };
    figures.entry("recovery_ms_max").or_insert_with(|| 0.0.into());
    figures
}

/// The names of a report's figures: its numbers, and its maps of numbers.
fn names(report: &Map<String, Value>) -> impl Iterator<Item = String> + '_ {
    report.iter().filter_map(|(name, value)| match value {
        Value::Number(_) => Some(name.clone()),
        Value::Object(parts) if parts.values().all(Value::is_number) => Some(format!("{name}.…")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Condition {
        text.parse().unwrap()
    }

    #[test]
    fn figures_are_compared_as_written() {
        let report = json!({"interval_ms_p99": 60.5, "mismatches": 0, "closes": {"finished": 64}});
        let report = report.as_object().unwrap();
        for (text, met) in [
            ("interval_ms_p99>60", true),
            ("interval_ms_p99 > 60.5", false),
            ("interval_ms_p99>=60.5", true),
            ("interval_ms_p99<60.5", false),
            ("interval_ms_p99<=60.5", true),
            ("mismatches==0", true),
            ("mismatches!=0", false),
            ("closes.finished<64", false),
            ("closes.1006 lost>0", false),
        ] {
            let condition = read(text);
            assert_eq!(condition.is_met_by(condition.value(report).unwrap()), met, "{text}");
            assert_eq!(read(&condition.to_string()), condition);
        }
    }

    #[test]
    fn a_text_that_is_not_a_condition_is_refused_with_help() {
        for text in
            ["", "mismatches", "mismatches>", ">3", "mismatches=3", "mismatches>many", "a>inf", "a<b<3"]
        {
            assert_eq!(text.parse::<Condition>(), Err(ConditionError::Unreadable(text.to_owned())), "{text}");
        }
        let report = json!({"mismatches": 0, "closes": {"finished": 64}, "name": "text"});
        let unknown = read("latency>1").value(report.as_object().unwrap()).unwrap_err().to_string();
        assert_eq!(unknown, "a report has no figure `latency`; it has closes.…, mismatches");
        assert!(read("name>1").value(report.as_object().unwrap()).is_err());
    }
}
