//! A secret in the configuration, which is never shown.

use std::fmt::{self, Debug, Formatter};

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// Shown in place of a secret.
const HIDDEN: &str = "(hidden)";

/// A secret setting. Its debug and serialized forms are hidden, and errors do not quote it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A secret with this text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, which must not be shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Secret {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

/// A secret long enough that nobody can guess it.
///
/// # Errors
/// The deserializer's error for any other value.
pub fn long_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    const MIN_BYTES: usize = 32;
    let secret = Secret::deserialize(deserializer)?;
    if secret.expose().len() < MIN_BYTES {
        return Err(D::Error::custom(format_args!("expected a text of at least {MIN_BYTES} characters")));
    }
    Ok(Some(secret))
}

struct SecretVisitor;

/// Values of other types: they may be a secret without its quotes, so errors must not show them.
macro_rules! not_a_string {
    ($($visit:ident: $kind:ty),*) => {$(
        fn $visit<E: Error>(self, _: $kind) -> Result<Secret, E> {
            Err(E::custom("expected a string in quotes"))
        }
    )*};
}

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str("a string in quotes that is not empty")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        // An empty secret is a variable that nobody has set, and it would admit everybody.
        if text.is_empty() {
            return Err(E::custom("expected a string that is not empty"));
        }
        Ok(Secret(text.to_owned()))
    }

    not_a_string!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
}
