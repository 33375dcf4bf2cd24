//! The rules for text that players write: names and chat messages.
//!
//! Both keep the same rules for characters, so that what others see is all that is there. A name is also brought into one form,
//! by which [names are compared](crate::text::sameness).

mod characters;
pub mod sameness;

use drumline_shared::limits::{MAX_NAME_BYTES, MAX_NAME_GRAPHEMES};
use drumline_shared::wire::control::Refused;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

pub use characters::TextError;
use characters::{check_characters, usable_characters};

/// A player's name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("a name must not be empty")]
    Empty,
    /// Over [`MAX_NAME_GRAPHEMES`] or [`MAX_NAME_BYTES`].
    #[error("a name has at most {MAX_NAME_GRAPHEMES} characters, and {MAX_NAME_BYTES} bytes of UTF-8")]
    TooLong,
    /// An unpaired surrogate of UTF-16.
    #[error("a name must not contain half a character (an unpaired surrogate)")]
    HalfCharacter,
    /// A character that cannot be used.
    #[error("a name must not contain {0}")]
    Character(#[from] TextError),
}

/// Checks a player's name and returns it as it is shown: in NFC, and with single spaces for all white space.
///
/// # Errors
/// [`NameError`].
pub fn check_name(name: &str) -> Result<String, NameError> {
    let name = name.trim();
    // No shorter form of it fits either, and the work is bounded.
    if name.len() > 4 * MAX_NAME_BYTES {
        return Err(NameError::TooLong);
    }
    check_characters(name)?;
    let shown = with_single_spaces(name).nfc().collect::<String>();
    if shown.is_empty() {
        Err(NameError::Empty)
    } else if shown.len() > MAX_NAME_BYTES || shown.graphemes(true).count() > MAX_NAME_GRAPHEMES {
        Err(NameError::TooLong)
    } else {
        Ok(shown)
    }
}

/// Makes a valid name of any text, for a name that its player cannot change: drops the characters that cannot be used, and the
/// end of a long text. `None` if nothing is left.
#[must_use]
pub fn repair_name(text: &str) -> Option<String> {
    let usable = usable_characters(&with_single_spaces(text));
    let shown = with_single_spaces(&usable).nfc().collect::<String>();
    let mut name = shortened(&shown, 0);
    // The end that is cut off may be what its last character needs.
    while let Err(NameError::Character(_)) = check_name(name) {
        let (last, _) = name.char_indices().next_back()?;
        name = &name[..last];
    }
    check_name(name).ok()
}

fn with_single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The start of a name that has room for some more bytes of ASCII.
#[must_use]
pub fn shortened(name: &str, room: usize) -> &str {
    let mut end = 0;
    for grapheme in name.graphemes(true).take(MAX_NAME_GRAPHEMES - room) {
        if end + grapheme.len() > MAX_NAME_BYTES - room {
            break;
        }
        end += grapheme.len();
    }
    name[..end].trim_end()
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
    if text.is_empty() || check_characters(text).is_err() {
        return Err(Refused::BadText);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
