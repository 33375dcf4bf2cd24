//! The error for a value that a scenario must not have.

use std::fmt;

use thiserror::Error;

/// A value of a scenario that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` {wrong}", path.join("."))]
pub struct InvalidValue {
    /// The keys that lead to the value.
    pub path: Vec<String>,
    /// The error, with what is allowed.
    pub wrong: String,
}

impl InvalidValue {
    /// An error for the value at this path.
    pub fn new(path: &[&str], wrong: impl fmt::Display) -> Self {
        Self { path: path.iter().map(|&key| key.to_owned()).collect(), wrong: wrong.to_string() }
    }
}
