//! The prose of a source file: its comments, or all of it if it is Markdown, cut into blocks.

use super::sources::Source;

/// A paragraph, list item, table cell or heading, its lines joined by spaces and its code spans blanked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The text.
    pub text: String,
    /// True if the block is a table's cell, which need not be a sentence.
    pub label: bool,
    /// Where each line begins in the text, with its number in the file.
    lines: Vec<(usize, usize)>,
}

impl Block {
    /// Returns the line that holds a byte of the text.
    pub fn line_of(&self, offset: usize) -> usize {
        let at_or_before = self.lines.iter().rev().find(|(start, _)| *start <= offset);
        at_or_before.map_or(1, |(_, line)| *line)
    }

    fn push(&mut self, text: &str, line: usize) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.lines.push((self.text.len(), line));
        self.text.push_str(text);
    }
}

/// Returns the blocks of a file's prose; none if its language is not known.
pub fn blocks(source: &Source) -> Vec<Block> {
    let lines = match source.extension() {
        "rs" | "js" | "mjs" | "css" => comment_lines(&source.text, source.extension() == "rs"),
        "toml" => toml_lines(&source.text),
        "md" => source
            .text
            .lines()
            .zip(1..)
            .map(|(text, number)| Line { text: text.into(), number, alone: false })
            .collect(),
        _ => return Vec::new(),
    };
    let mut blocks = join(&lines);
    for block in &mut blocks {
        blank_code(&mut block.text);
    }
    blocks
}

/// A line of prose without its comment marks.
#[derive(Debug)]
struct Line {
    text: String,
    number: usize,
    /// True if code stands before it, or it begins a comment: it does not go on from the line before.
    alone: bool,
}

/// Joins lines to blocks: a blank line, a gap, a list's bullet, a heading, a table's row or a tag ends one.
fn join(lines: &[Line]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut fenced, mut open, mut last) = (false, false, 0);
    for Line { text, number: line, alone } in lines {
        let text_in = text.trim();
        open &= !alone && *line == last + 1;
        last = *line;
        if text_in.starts_with("```") {
            fenced = !fenced;
            open = false;
            continue;
        }
        // Markdown's indented code; what is indented below a list's bullet goes on.
        if fenced || text_in.is_empty() || (!open && text.starts_with("    ")) {
            open = false;
            continue;
        }
        if text_in.starts_with('|') {
            for cell in text_in.split('|').filter(|cell| !cell.trim().is_empty()) {
                blocks.push(Block { label: true, ..Block::default() });
                blocks.last_mut().expect("just pushed").push(cell.trim(), *line);
            }
            open = false;
            continue;
        }
        let (starts, content) = start_of_block(text_in);
        if starts || !open {
            blocks.push(Block::default());
        }
        blocks.last_mut().expect("the first line opens one").push(content, *line);
        open = !text_in.starts_with('#');
    }
    blocks
}

/// Returns true if a line begins a block by its mark, and the line without it.
fn start_of_block(line: &str) -> (bool, &str) {
    for bullet in ["- ", "* ", "> "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (true, rest.trim_start());
        }
    }
    let unnumbered = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if unnumbered.len() < line.len()
        && let Some(rest) = unnumbered.strip_prefix(". ")
    {
        return (true, rest);
    }
    if line.starts_with('#') {
        return (true, line.trim_start_matches('#').trim_start());
    }
    match line.strip_prefix('@') {
        Some(tag) => (true, after_tag(tag)),
        None => (false, line),
    }
}

/// Returns the description after a tag (`@param`), its type and its name.
fn after_tag(tag: &str) -> &str {
    let (word, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    if rest.starts_with('{') {
        let mut depth = 0;
        let end = rest.find(|letter: char| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            depth == 0
        });
        rest = end.map_or("", |end| rest[end + 1..].trim_start());
    }
    if matches!(word, "param" | "property" | "template" | "typedef") {
        rest = rest.split_once(' ').map_or("", |(_, description)| description.trim_start());
    }
    rest.trim_start_matches("- ")
}

/// The comment lines of a TOML file.
fn toml_lines(text: &str) -> Vec<Line> {
    let lines = text.lines().zip(1..);
    let comment = |(text, number): (&str, usize)| {
        let text = text.trim_start().strip_prefix('#')?;
        Some(Line { text: text.strip_prefix(' ').unwrap_or(text).into(), number, alone: false })
    };
    lines.filter_map(comment).collect()
}

/// The comment lines of a Rust, JavaScript or CSS file.
fn comment_lines(text: &str, rust: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = 1;
    let mut ahead = text;
    let mut code_before = false;
    // The last mark of the code before, which says if a slash divides or begins a regular expression.
    let mut before = ';';
    while let Some(letter) = ahead.chars().next() {
        let length = if ahead.starts_with("//") {
            let end = ahead.find('\n').unwrap_or(ahead.len());
            let content = ahead[2..end].trim_start_matches(['/', '!']);
            let content = content.strip_prefix(' ').unwrap_or(content);
            lines.push(Line { text: content.into(), number: line, alone: code_before });
            end
        } else if ahead.starts_with("/*") {
            let end = ahead.find("*/").map_or(ahead.len(), |end| end + 2);
            for (index, content) in ahead[2..end].lines().enumerate() {
                let content = content.trim_start_matches([' ', '*', '!']).trim_end_matches(['*', '/', ' ']);
                lines.push(Line { text: content.into(), number: line + index, alone: index == 0 });
            }
            end
        } else {
            literal(ahead, rust, before)
        };
        let passed = &ahead[..length];
        if passed.contains('\n') {
            code_before = false;
        }
        line += passed.matches('\n').count();
        if !letter.is_whitespace() && !passed.starts_with("//") && !passed.starts_with("/*") {
            code_before = true;
            before = letter;
        }
        ahead = &ahead[length..];
    }
    lines
}

/// Returns the length of the string, character or regular expression at the start of some code, or of its first character.
fn literal(code: &str, rust: bool, before: char) -> usize {
    let first = code.chars().next().map_or(1, char::len_utf8);
    if rust && code.starts_with('r') && !before.is_alphanumeric() && before != '_' {
        let hashes = code[1..].chars().take_while(|letter| *letter == '#').count();
        if code[1 + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            return code[open..].find(&close).map_or(code.len(), |end| open + end + close.len());
        }
    }
    let quote = match code.as_bytes()[0] {
        // A lifetime has no second quote two characters on.
        b'\'' if rust => {
            let character = code[1..].starts_with('\\') || code.chars().nth(2) == Some('\'');
            if character { '\'' } else { return first }
        }
        quote @ (b'"' | b'\'') => char::from(quote),
        b'`' if !rust => '`',
        b'/' if !rust && "(,=:[!&|?{};".contains(before) => '/',
        _ => return first,
    };
    let mut escaped = false;
    let end = code.char_indices().skip(1).find(|(_, letter)| {
        let closes = *letter == quote && !escaped;
        escaped = *letter == '\\' && !escaped;
        closes
    });
    end.map_or(code.len(), |(index, letter)| index + letter.len_utf8())
}

/// Replaces the letters of code spans, so that no mark of theirs is taken for prose.
fn blank_code(text: &mut String) {
    let mut inside = false;
    *text = text
        .chars()
        .map(|letter| {
            inside ^= letter == '`';
            // One byte for each: offsets stay as they are.
            if inside && letter.is_ascii() && letter != '`' { 'x' } else { letter }
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str, text: &str) -> Vec<(String, usize)> {
        let blocks = blocks(&Source { name: name.into(), text: text.into() });
        blocks.into_iter().map(|block| (block.text.clone(), block.line_of(0))).collect()
    }

    fn expect(name: &str, text: &str, expected: &[(&str, usize)]) {
        let expected: Vec<_> = expected.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect();
        assert_eq!(texts(name, text), expected);
    }

    #[test]
    fn wrapped_lines_of_a_comment_are_joined() {
        expect("a.rs", "/// One\n/// two.\n///\n/// Three.\nfn f() {}\n", &[("One two.", 1), ("Three.", 4)]);
        expect("a.toml", "# One\n# two.\nx = 1\n# Three.\n", &[("One two.", 1), ("Three.", 4)]);
    }

    #[test]
    fn literals_are_no_comments() {
        expect(
            "a.rs",
            "const X: &str = \"// no\"; // yes\nlet c = '\"'; // r#\"\nlet r = r#\"// \" no\"#;\n",
            &[("yes", 1), ("r#\"", 2)],
        );
        expect(
            "a.js",
            "const url = `http://${x}/`; // yes\nconst r = /[\"/]/; // too\n",
            &[("yes", 1), ("too", 2)],
        );
    }

    #[test]
    fn a_comment_behind_code_stands_alone() {
        expect("a.rs", "let x = 1; // one\nlet y = 2; // two\n", &[("one", 1), ("two", 2)]);
    }

    #[test]
    fn tags_lose_their_type_and_name() {
        let comment =
            "/**\n * Does it.\n * @param {{ a: number }} x the thing\n * @returns {string} its name\n */\n";
        expect("a.js", comment, &[("Does it.", 2), ("the thing", 3), ("its name", 4)]);
    }

    #[test]
    fn markdown_is_cut_into_blocks() {
        let text = "# Title\nText\ngoes on.\n\n- item\n  goes on\n- other\n\n| a | b |\n|---|---|\n\n\
                    ```\ncode\n```\n\n    code\n";
        let blocks =
            [("Title", 1), ("Text goes on.", 2), ("item goes on", 5), ("other", 7), ("a", 9), ("b", 9)];
        expect("a.md", text, &[&blocks[..], &[("---", 10), ("---", 10)]].concat());
    }

    #[test]
    fn a_block_knows_its_lines() {
        let blocks = blocks(&Source { name: "a.rs".into(), text: "\n// ab\n// cd\n".into() });
        assert_eq!([0, 2, 3, 4].map(|offset| blocks[0].line_of(offset)), [2, 2, 3, 3]);
    }
}
