//! The rules for text that players write: names and chat messages.

use drumline_shared::limits::MAX_NAME_BYTES;
use drumline_shared::wire::control::Refused;
use thiserror::Error;
use unicode_normalization::char::is_combining_mark;

/// Combining marks that may stand on one letter. A few languages use three.
const MAX_MARKS: usize = 4;

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
/// [`NameError`] if the name is empty, too long, or has a control character.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.len() > MAX_NAME_BYTES {
        Err(NameError::TooLong)
    } else if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().any(|c| c.is_control() || changes_direction(c)) {
        Err(NameError::ControlCharacter)
    } else {
        Ok(())
    }
}

/// The rules of a room's chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatRules {
    /// Enables chat.
    pub enabled: bool,
    /// Bytes of a message, UTF-8; at most [`MAX_CHAT_BYTES`](drumline_shared::limits::MAX_CHAT_BYTES).
    pub max_bytes: u16,
    /// Messages that a player may send in ten seconds, on average.
    pub per_10_seconds: u16,
    /// Messages that a player may send at once after a pause.
    pub burst: u16,
}

impl Default for ChatRules {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 200, per_10_seconds: 5, burst: 4 }
    }
}

/// Checks the text of a chat message and returns it without the white space around it.
///
/// # Errors
/// [`Refused::TooLong`] or [`Refused::BadText`].
pub fn check_chat(text: &str, rules: &ChatRules) -> Result<String, Refused> {
    let text = text.trim();
    if text.len() > usize::from(rules.max_bytes) {
        return Err(Refused::TooLong);
    }
    let is_forbidden =
        |c: char| c.is_control() || changes_direction(c) || matches!(c, '\u{2028}' | '\u{2029}');
    let mut marks = 0;
    for c in text.chars() {
        // Stacks of marks reach over the lines above and below.
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > MAX_MARKS || is_forbidden(c) {
            return Err(Refused::BadText);
        }
    }
    if text.chars().all(is_invisible) { Err(Refused::BadText) } else { Ok(text.to_owned()) }
}

/// Returns true if a character changes the direction of the text around it (Unicode TR 9). A name with one could rewrite the
/// score board.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true if a character shows nothing by itself.
fn is_invisible(c: char) -> bool {
    let is_blank = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    );
    is_blank || c.is_whitespace() || is_combining_mark(c)
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

    #[test]
    fn chat_messages_are_checked() {
        let rules = ChatRules { max_bytes: 20, ..ChatRules::default() };
        let check = |text: &str| check_chat(text, &rules);
        assert_eq!(check("  grüße, Zoë 😀 "), Ok("grüße, Zoë 😀".into()));
        assert_eq!(check("👩\u{200d}🚀 ë ệ"), Ok("👩\u{200d}🚀 ë ệ".into()));
        assert_eq!(check(&"x".repeat(20)), Ok("x".repeat(20)));
        assert_eq!(check(&"x".repeat(21)), Err(Refused::TooLong));
        assert_eq!(check(&format!("{:40}", "hi")), Ok("hi".into()), "white space around it does not count");
        let marks = |count| format!("a{}", "\u{301}".repeat(count));
        assert!(check(&marks(4)).is_ok());
        let bad = [
            "",
            " \t ",
            "\u{200b}\u{feff}",
            "\u{3164}",
            "\u{301}",
            "a\nb",
            "a\0",
            "a\u{202e}b",
            "a\u{2028}b",
        ];
        for text in bad.into_iter().chain([&*marks(5)]) {
            assert_eq!(check(text), Err(Refused::BadText), "{text:?}");
        }
    }
}
