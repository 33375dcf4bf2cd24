//! Pieces of TypeScript.

/// The name of a game's interface: `capture-the-flag` is `CaptureTheFlag`.
pub(super) fn interface_name(game: &str) -> String {
    let parts =
        game.split(|character: char| !character.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let name: String = parts.map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("Game{name}") } else { name }
}

/// A name as a property, in quotes if it is not a name in TypeScript.
pub(super) fn property(name: &str) -> String {
    let is_start = |first: char| first.is_ascii_alphabetic() || first == '_' || first == '$';
    let is_name = name.starts_with(is_start)
        && name.chars().all(|character| is_start(character) || character.is_ascii_digit());
    if is_name { name.to_owned() } else { string(name) }
}

/// A string literal.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A union of types, of which there is at least one.
pub(super) fn union(types: &[String]) -> String {
    types.join(" | ")
}

/// A list of an item's type, which is put in parentheses if it must.
pub(super) fn list(item: &str) -> String {
    if is_union(item) || item.starts_with("readonly ") {
        format!("readonly ({item})[]")
    } else {
        format!("readonly {item}[]")
    }
}

/// A value or null.
pub(super) fn or_null(value: &str) -> String {
    if value == "null" || value.ends_with(" | null") && is_union(value) {
        value.to_owned()
    } else {
        format!("{value} | null")
    }
}

/// Members of an object, on one line.
pub(super) fn object(members: &[String]) -> String {
    if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join("; ")) }
}

/// Returns true if a type is a union at its top level.
fn is_union(kind: &str) -> bool {
    let mut depth = 0;
    let mut quoted = false;
    let mut escaped = false;
    for character in kind.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '(' | '[' | '<' => depth += 1,
            '}' | ')' | ']' | '>' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_in_typescript() {
        assert_eq!(interface_name("capture-the-flag"), "CaptureTheFlag");
        assert_eq!(interface_name("2048"), "Game2048");
        assert_eq!(
            (property("a_1"), property("kebab-case")),
            ("a_1".to_owned(), "\"kebab-case\"".to_owned())
        );
    }

    #[test]
    fn a_union_is_found_at_the_top_level_alone() {
        assert!(is_union("number | null") && !is_union("{ a: number | null }") && !is_union("\"a | b\""));
        assert_eq!(or_null("number | null"), "number | null");
        assert_eq!(or_null("readonly (number | null)[]"), "readonly (number | null)[] | null");
        assert_eq!(list("number | null"), "readonly (number | null)[]");
        assert_eq!(list("readonly number[]"), "readonly (readonly number[])[]");
        assert_eq!(list("{ a: number | null }"), "readonly { a: number | null }[]");
    }
}
