//! Which player names are allowed.

use drumline_shared::limits::MAX_NAME_BYTES;
use thiserror::Error;

/// A player's name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("a name must not be empty")]
    Empty,
    /// Over [`MAX_NAME_BYTES`].
    #[error("a name may take at most {MAX_NAME_BYTES} bytes of UTF-8")]
    TooLong,
    /// A control character, or one that changes the direction of the text around it.
    #[error("a name must not contain control characters")]
    ControlCharacter,
}

/// Checks a player's name.
///
/// # Errors
/// [`NameError`] says what is wrong with it.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.len() > MAX_NAME_BYTES {
        Err(NameError::TooLong)
    } else if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().any(|c| c.is_control() || steers_direction(c)) {
        Err(NameError::ControlCharacter)
    } else {
        Ok(())
    }
}

/// Whether a character steers the direction of the text around it (Unicode TR 9): that would let a name rewrite the score board.
pub(crate) fn steers_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(check_name("Zoë 🚀"), Ok(()));
        assert_eq!(check_name("  "), Err(NameError::Empty));
        assert_eq!(check_name(&"x".repeat(MAX_NAME_BYTES)), Ok(()));
        assert_eq!(check_name(&"x".repeat(MAX_NAME_BYTES + 1)), Err(NameError::TooLong));
        assert_eq!(check_name("a\nb"), Err(NameError::ControlCharacter));
        assert_eq!(check_name("a\u{202e}b"), Err(NameError::ControlCharacter));
    }
}
