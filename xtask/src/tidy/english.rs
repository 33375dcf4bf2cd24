//! Sentences whose subject does not come first, and words that only insiders know.

use super::Finding;
use super::comments;
use super::sources::Source;

/// Words that must not begin a sentence, unless it is a question.
const RELATIVES: [&str; 4] = ["who", "whom", "whose", "what"];

/// Private words and phrases, each with the term to use.
const PRIVATE: [(&str, &str); 0] = [];

/// Checks a file's prose.
pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    for block in comments::blocks(source) {
        for start in starts(&block.text) {
            let sentence = &block.text[start..];
            let word = sentence.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            let label = block.label && word.starts_with(char::is_lowercase);
            if !label && RELATIVES.contains(&word.to_ascii_lowercase().as_str()) && !is_question(sentence) {
                let message = format!(
                    "a sentence begins with `{word}`; put its subject first (\"Who comes back…\" -> \"A client that \
                     comes back…\")"
                );
                let line = Some(block.line_of(start));
                findings.push(Finding { file: source.name.clone(), line, rule: "subject first", message });
            }
        }
        let lower = block.text.to_ascii_lowercase();
        for (word, term) in PRIVATE {
            for (start, _) in
                lower.match_indices(word).filter(|(start, _)| is_whole_word(&lower, *start, word))
            {
                let message = format!("`{word}` is a private word; write {term}");
                let line = Some(block.line_of(start));
                findings.push(Finding { file: source.name.clone(), line, rule: "standard terms", message });
            }
        }
    }
}

/// Where sentences begin: at the start, and at a capital after a full stop, a colon, or a mark like them.
fn starts(text: &str) -> Vec<usize> {
    let marks = |letter: char| matches!(letter, '*' | '_' | '"' | '(' | '“' | '…' | ' ');
    let first = text.find(|letter: char| !marks(letter)).unwrap_or(text.len());
    let mut starts = vec![first];
    let mut ended = false;
    let mut spaced = false;
    for (index, letter) in text.char_indices() {
        match letter {
            '.' | '!' | '?' | ':' | '…' => (ended, spaced) = (true, false),
            ' ' => spaced = true,
            '*' | '_' | '"' | '”' | ')' | '(' | '“' => {}
            _ => {
                if ended && spaced && letter.is_uppercase() {
                    starts.push(index);
                }
                (ended, spaced) = (false, false);
            }
        }
    }
    starts
}

/// Returns true if the sentence at the start of a text ends with a question mark.
fn is_question(text: &str) -> bool {
    let ends = |index: usize| {
        text[index + 1..].chars().find(|letter| !matches!(letter, '*' | '_' | '"' | '”' | ')'))
    };
    let end = text.char_indices().find(|(index, letter)| {
        matches!(letter, '.' | '!' | '?') && ends(*index).is_none_or(char::is_whitespace)
    });
    end.is_some_and(|(_, mark)| mark == '?')
}

fn is_whole_word(text: &str, start: usize, word: &str) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[start + word.len()..].chars().next();
    ![before, after].into_iter().flatten().any(|letter| letter.is_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of the findings.
    fn lines(name: &str, text: &str) -> Vec<usize> {
        let mut findings = Vec::new();
        check(&Source { name: name.into(), text: text.into() }, &mut findings);
        findings.iter().filter_map(|finding| finding.line).collect()
    }

    #[test]
    fn a_relative_at_the_start_is_found() {
        for text in [
            "/// Who comes back gets its seat.\n",
            "//! Fine. Whose seat it is.\n",
            "// Fine: Whom it concerns.\n",
            "let x = 1; // what it costs\n",
            "/// - what it costs\n",
            "/// **Bold.** What is more.\n",
        ] {
            assert_eq!(lines("a.rs", text), [1], "{text}");
        }
        assert_eq!(lines("a.js", "/**\n * Sends.\n * @param {string} name what it is called\n */\n"), [3]);
        assert_eq!(lines("a.md", "Fine\nand long. Who\nreads it?\n\n1. Whose it is\n"), [5]);
        assert_eq!(lines("a.md", "| what it is | Who it is |\n"), [1], "a label is no sentence");
        assert_eq!(lines("a.toml", "# x\n# y. What\n"), [2]);
    }

    #[test]
    fn questions_clauses_and_code_are_fine() {
        for text in [
            "/// Who is it? Nobody.\n",
            "/// A client\n/// who comes back. It is fine, what it does.\n",
            "const X: &str = \"Who comes\"; // fine\n",
            "/// `x. Who` is code.\n",
            "/// Whole numbers, whatever they are.\n",
            "/// ```\n/// Who\n/// ```\n",
        ] {
            assert_eq!(lines("a.rs", text), [0; 0], "{text}");
        }
    }
}
