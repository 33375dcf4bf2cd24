//! The golden list of names, and the rules of chat.

use serde::Deserialize;

use super::*;

/// A name of the golden list, with its form if it is valid and else the reason.
#[derive(Debug, Deserialize)]
struct Golden {
    name: String,
    shown: Option<String>,
    error: Option<String>,
}

fn golden() -> Vec<Golden> {
    serde_json::from_str(include_str!("../../../../shared/vectors/names.json")).unwrap()
}

fn reason(error: NameError) -> &'static str {
    match error {
        NameError::Empty => "empty",
        NameError::TooLong => "too_long",
        NameError::HalfCharacter => "half_character",
        NameError::Character(TextError::Control) => "control",
        NameError::Character(TextError::Direction) => "direction",
        NameError::Character(TextError::Invisible) => "invisible",
        NameError::Character(TextError::Unassigned) => "unassigned",
        NameError::Character(TextError::Marks) => "marks",
    }
}

#[test]
fn names_are_checked_as_the_golden_list_says() {
    for Golden { name, shown, error } in golden() {
        let checked = check_name(&name).map_err(reason);
        let wanted = shown.as_deref().ok_or_else(|| error.as_deref().unwrap());
        assert_eq!(checked.as_deref(), wanted.as_ref().copied(), "{name:?} {}", name.escape_unicode());
    }
}

#[test]
fn a_name_that_was_checked_stays_as_it_is() {
    for shown in golden().into_iter().filter_map(|golden| golden.shown) {
        assert_eq!(check_name(&shown).as_ref(), Ok(&shown));
        assert_eq!(repair_name(&shown).as_ref(), Some(&shown));
    }
}

#[test]
fn any_text_is_repaired_to_a_valid_name_or_to_none() {
    for Golden { name, shown, .. } in golden() {
        let repaired = repair_name(&name);
        assert!(
            repaired.as_ref().is_none_or(|name| check_name(name).as_ref() == Ok(name)),
            "{name:?}: {repaired:?}"
        );
        assert!(shown.is_none() || repaired == shown, "{name:?}: {repaired:?}");
    }
    assert_eq!(repair_name(" A\u{200b}da\u{202e}\n Lovelace\u{3164} ").as_deref(), Some("Ada Lovelace"));
    assert_eq!(repair_name(&"語".repeat(1000)), Some("語".repeat(24)));
}

#[test]
fn chat_messages_have_the_characters_of_names() {
    let rules = ChatRules { max_bytes: MAX_NAME_BYTES as u16, ..ChatRules::default() };
    for Golden { name, shown, error } in golden() {
        let checked = check_chat(&name, &rules);
        let fits = name.trim().len() <= MAX_NAME_BYTES;
        let is_bad = error.is_some_and(|error| error != "too_long");
        if shown.is_some() || !is_bad && fits {
            assert_eq!(checked, Ok(name.trim().to_owned()));
        } else {
            let refused = if fits { Refused::BadText } else { Refused::TooLong };
            assert_eq!(checked, Err(refused), "{name:?}");
        }
    }
}

#[test]
fn chat_messages_are_limited_in_bytes() {
    let rules = ChatRules { max_bytes: 20, ..ChatRules::default() };
    let check = |text: &str| check_chat(text, &rules);
    assert_eq!(check("  grüße, Zoë 😀 "), Ok("grüße, Zoë 😀".into()));
    assert_eq!(check(&"x".repeat(20)), Ok("x".repeat(20)));
    assert_eq!(check(&"x".repeat(21)), Err(Refused::TooLong));
    assert_eq!(check(&format!("{:40}", "hi")), Ok("hi".into()), "white space around it does not count");
}
