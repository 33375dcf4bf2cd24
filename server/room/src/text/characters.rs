//! The characters that names and chat messages may have.

use thiserror::Error;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};
use unicode_security::GeneralSecurityProfile;
use unicode_security::general_security_profile::IdentifierType;

/// Combining marks that may stand on one letter. A few languages use three.
const MAX_MARKS: usize = 4;
/// Joins the characters at its sides to one picture or form.
const JOINER: char = '\u{200d}';
/// Keeps the letters at its sides apart.
const NON_JOINER: char = '\u{200c}';
/// The combining class of signs that take a letter's vowel (virama). The joiners choose the form of a letter behind one.
const VIRAMA: u8 = 9;
/// A sign around the character before it, as on the key of a telephone.
const KEYCAP: char = '\u{20e3}';

/// A character cannot be used in names or chat messages. The words follow "must not contain".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// A control character or a line break.
    #[error("control characters or line breaks")]
    Control,
    /// A character that changes the direction of the text around it (Unicode TR 9). It could rewrite the score board.
    #[error("characters that change the direction of text")]
    Direction,
    /// A character that shows nothing.
    #[error("invisible characters")]
    Invisible,
    /// A character without a meaning, or with a private one.
    #[error("characters that have no meaning in Unicode")]
    Unassigned,
    /// A mark without a letter, or more than four on one: stacks of them reach over the lines above and below.
    #[error("marks without a letter, or more than {MAX_MARKS} on one")]
    Marks,
}

/// Checks each character of a text, where it stands.
///
/// # Errors
/// [`TextError`] of the first one that cannot be used.
pub fn check_characters(text: &str) -> Result<(), TextError> {
    let mut place = Place::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        place.take(c, chars.peek().copied())?;
    }
    Ok(())
}

/// The text without the characters that cannot be used.
#[must_use]
pub fn usable_characters(text: &str) -> String {
    let mut place = Place::default();
    let mut chars = text.chars().peekable();
    let mut usable = String::new();
    while let Some(c) = chars.next() {
        if place.take(c, chars.peek().copied()).is_ok() {
            usable.push(c);
        }
    }
    usable
}

/// The place of the next character in a text.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The character before it.
    before: Option<char>,
    /// The marks at the end of the text so far.
    marks: usize,
}

impl Place {
    /// Takes the next character if it can be used here.
    fn take(&mut self, c: char, after: Option<char>) -> Result<(), TextError> {
        // Most text is nothing else, and Unicode's tables take their time: a flood of chat must cost little.
        if c == ' ' || c.is_ascii_graphic() {
            *self = Self { before: Some(c), marks: 0 };
            return Ok(());
        }
        check_character(c, self.before, after)?;
        let marks = if is_combining_mark(c) { self.marks + 1 } else { 0 };
        if marks > MAX_MARKS || (marks == 1 && self.before.is_none_or(char::is_whitespace)) {
            return Err(TextError::Marks);
        }
        *self = Self { before: Some(c), marks };
        Ok(())
    }
}

fn check_character(c: char, before: Option<char>, after: Option<char>) -> Result<(), TextError> {
    match c.general_category() {
        _ if changes_direction(c) => Err(TextError::Direction),
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            Err(TextError::Control)
        }
        GeneralCategory::Unassigned | GeneralCategory::PrivateUse => Err(TextError::Unassigned),
        // It stands for text that was lost in a conversion.
        _ if c == char::REPLACEMENT_CHARACTER => Err(TextError::Unassigned),
        category if is_invisible(c, category) && !has_effect(c, before, after) => Err(TextError::Invisible),
        _ => Ok(()),
    }
}

fn changes_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true if a character shows nothing by itself: one that Unicode lets programs ignore, or the empty pattern of Braille.
fn is_invisible(c: char, category: GeneralCategory) -> bool {
    category == GeneralCategory::Format
        || c == '\u{2800}'
        || c.identifier_type() == Some(IdentifierType::Default_Ignorable)
}

/// Returns true if an invisible character changes how those beside it look, as it is meant to.
fn has_effect(c: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        // The text or the picture of the character before it.
        '\u{fe0e}' | '\u{fe0f}' => before.is_emoji_char() && (!before.is_ascii() || after == Some(KEYCAP)),
        JOINER if is_picture(before) => after.is_some_and(|after| after.is_emoji_char() && !after.is_ascii()),
        JOINER => is_virama(before) && after.is_some(),
        NON_JOINER => after.is_some_and(|after| is_virama(before) || is_arabic(before) && is_arabic(after)),
        _ => false,
    }
}

/// Returns true for the last character of an emoji.
fn is_picture(c: char) -> bool {
    (c.is_emoji_char() && !c.is_ascii()) || c == '\u{fe0f}'
}

fn is_virama(c: char) -> bool {
    canonical_combining_class(c) == VIRAMA
}

fn is_arabic(c: char) -> bool {
    c.script() == Script::Arabic
}
