//! The names that count as the same.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// The way in which names are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sameness {
    /// Names that differ in nothing but case, width or another form of the same characters are the same.
    #[default]
    Form,
    /// Names that look alike, too, such as one with a Cyrillic letter in it (Unicode TS 39).
    Looks,
}

impl Sameness {
    /// The key of a name: names that are the same have the same one.
    #[must_use]
    pub fn key(self, name: &str) -> String {
        match self {
            Self::Form => folded(name.nfkc()),
            Self::Looks => folded(skeleton(&name.nfkc().collect::<String>())),
        }
    }
}

/// Characters without their case, and without those that only change how others look.
fn folded(chars: impl Iterator<Item = char>) -> String {
    let visible = chars.filter(|c| !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}'));
    visible.flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_form_or_by_looks() {
        for (one, other, by_form, by_looks) in [
            ("Ada", "Ada", true, true),
            ("Ada", "aDA", true, true),
            ("Ada", "Ａｄａ", true, true),
            ("Zoë", "Zoe\u{308}", true, true),
            ("❤", "❤\u{fe0f}", true, true),
            ("ΑΣ", "ας", false, false),
            ("Ada", "Аda", false, true),
            ("paypal", "paypa1", false, true),
            ("Ada", "Adam", false, false),
            ("Ada", "Ada (2)", false, false),
        ] {
            let same = |sameness: Sameness| sameness.key(one) == sameness.key(other);
            assert_eq!((same(Sameness::Form), same(Sameness::Looks)), (by_form, by_looks), "{one} {other}");
        }
    }

    #[test]
    fn a_suffix_of_a_name_is_a_suffix_of_its_key() {
        for sameness in [Sameness::Form, Sameness::Looks] {
            assert_eq!(sameness.key("Ada") + &sameness.key(" (12)"), sameness.key("Ada (12)"));
        }
    }
}
