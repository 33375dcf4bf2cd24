//! The printed file, compared with every key of the settings.

use serde_json::Value;

use super::sources::{Layer, load};
use super::*;
use crate::settings::secret::Secret;

/// The dotted paths of all keys.
fn keys() -> Vec<String> {
    fn walk(path: &str, value: &Value, keys: &mut Vec<String>) {
        match value {
            Value::Object(section) => {
                for (key, value) in section {
                    walk(&format!("{path}.{key}"), value, keys);
                }
            }
            _ => keys.push(path.trim_start_matches('.').to_owned()),
        }
    }
    let mut keys = Vec::new();
    walk("", &as_json(&Config::default()), &mut keys);
    assert!(keys.len() >= 8, "{keys:?}");
    keys
}

fn as_json(config: &Config) -> Value {
    serde_json::to_value(config).unwrap()
}

/// The printed file with its examples as settings.
fn with_examples() -> String {
    let uncomment = |line: &'static str| match line.strip_prefix('#') {
        Some(example) if !example.is_empty() && !example.starts_with([' ', '#']) => example,
        _ => line,
    };
    DEFAULT_FILE.lines().map(uncomment).collect::<Vec<_>>().join("\n")
}

/// The index of the line of a text that sets a key, and the key without its section.
fn line_of<'k>(text: &str, key: &'k str) -> (usize, &'k str) {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut current = "";
    for (index, line) in text.lines().enumerate() {
        if let Some(header) = line.strip_prefix('[') {
            current = header.trim_end_matches(']');
        } else if current == section && line.starts_with(&format!("{name} = ")) {
            return (index, name);
        }
    }
    panic!("drumline.toml does not have `{key}`, or not as `{name} = …` in a line of its own")
}

fn error_of(text: &str) -> String {
    Config::from_toml(text, "test.toml").expect_err(text).to_string()
}

#[test]
fn the_printed_file_has_the_defaults() {
    let printed = Config::from_toml(DEFAULT_FILE, "drumline.toml").unwrap();
    assert_eq!(as_json(&printed), as_json(&Config::default()));
    let written: Value = toml::from_str(DEFAULT_FILE).unwrap();
    for key in keys() {
        let pointer = format!("/{}", key.replace('.', "/"));
        let default = as_json(&Config::default()).pointer(&pointer).unwrap().clone();
        assert_eq!(written.pointer(&pointer).unwrap_or(&Value::Null), &default, "{key}");
    }
}

#[test]
fn every_key_is_explained_and_every_example_is_valid() {
    let text = with_examples();
    Config::from_toml(&text, "drumline.toml").unwrap();
    let lines: Vec<_> = text.lines().collect();
    for key in keys() {
        let (line, _) = line_of(&text, &key);
        let comment = lines[line - 1];
        assert!(comment.starts_with("# ") && comment.ends_with('.'), "the line before `{key}`: {comment}");
    }
}

#[test]
fn a_wrong_value_of_any_key_is_named_with_its_line_and_the_allowed_values() {
    let text = with_examples();
    let examples: Value = toml::from_str(&text).unwrap();
    for key in keys() {
        let (index, name) = line_of(&text, &key);
        let mut wrong_values = vec!["1979-05-27", "[[[0]]]"];
        if examples.pointer(&format!("/{}", key.replace('.', "/"))).unwrap().is_number() {
            wrong_values.extend(["-1", "\"many\""]);
            // A seed may be any number.
            wrong_values.extend((key != "rooms.seed").then_some("9223372036854775807"));
        }
        for wrong in wrong_values {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines[index] = format!("{name} = {wrong}");
            let error = error_of(&lines.join("\n"));
            let place = format!("test.toml, line {}: {key}", index + 1);
            let says_what_is_allowed = error.contains("expected") || error.contains("wanted");
            assert!(error.starts_with(&place) && says_what_is_allowed, "{wrong}: {error}");
        }
    }
}

#[test]
fn an_unknown_key_in_any_section_is_named_with_its_line_and_the_known_keys() {
    let text = with_examples();
    for key in keys() {
        let (index, name) = line_of(&text, &key);
        let mut lines: Vec<_> = text.lines().collect();
        lines.insert(index, "volume = 11");
        let error = error_of(&lines.join("\n"));
        assert!(error.starts_with(&format!("test.toml, line {}: ", index + 1)), "{error}");
        assert!(error.contains("unknown field `volume`") && error.contains(&format!("`{name}`")), "{error}");
    }
}

#[test]
fn mistakes_of_other_kinds_have_their_lines_too() {
    assert_eq!(
        error_of("[rooms]\ntick_hz = 300"),
        "test.toml, line 2: rooms.tick_hz: invalid value: integer `300`, expected an integer from 1 to 240"
    );
    assert!(error_of("\nrooms = 3").starts_with("test.toml, line 2: rooms: "));
    assert!(error_of("\n\nbind = ").starts_with("test.toml, line 3: "));
    assert!(error_of("bind = \"[::1]:1\"\nbind = \"[::1]:2\"").starts_with("test.toml, line 2: "));
    assert!(error_of("rooms.seed = 1\nrooms.speed = 1").starts_with("test.toml, line 2: rooms.speed: "));
}

fn load_variables(variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let declared = DeclaredSections::default();
    let flags = flags.iter().map(|(path, text)| Layer::setting(path, text, &declared).unwrap());
    load(None, variables, flags.collect(), &declared)
}

#[test]
fn later_sources_override_earlier_ones() {
    let file = std::env::temp_dir().join(format!("drumline-layers-{}.toml", std::process::id()));
    std::fs::write(&file, "[rooms]\nshards = 1\ntick_hz = 10\nmax_players = 2\n").unwrap();
    let variables = [("DRUMLINE_TICK_HZ", "20"), ("DRUMLINE_ROOMS__MAX_PLAYERS", "3"), ("PATH", "/bin")];
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let declared = DeclaredSections::default();
    let flag = Layer::setting("rooms.max_players", "4", &declared).unwrap();
    let config = load(Some(&file), variables, vec![flag], &declared).unwrap();
    std::fs::remove_file(&file).unwrap();
    let RoomsConfig { shards, tick_hz, max_players, resume_seconds, .. } = config.rooms;
    assert_eq!((shards, tick_hz, max_players), (Some(1), Some(20), Some(4)));
    assert_eq!(resume_seconds, RoomsConfig::default().resume_seconds);
}

#[test]
fn variables_have_their_short_names_and_any_number_is_a_seed() {
    let variables = [("DRUMLINE_BIND", "[::1]:9"), ("DRUMLINE_LOG", "warn,drumline=trace")];
    let config = load_variables(&variables, &[("rooms.seed", "18446744073709551615")]).unwrap();
    assert_eq!(config.bind, "[::1]:9".parse().unwrap());
    assert_eq!(config.log.filter, "warn,drumline=trace");
    assert_eq!(config.rooms.seed, Some(u64::MAX));
}

#[test]
fn a_wrong_variable_is_named_with_the_allowed_values() {
    for (name, value, expected) in [
        ("DRUMLINE_TICK_HZ", "0", "an integer from 1 to 240"),
        ("DRUMLINE_ROOMS__TICK_HZ", "fast", "an integer from 1 to 240"),
        ("DRUMLINE_ROOMS__TICKHZ", "30", "`tick_hz`"),
        ("DRUMLINE_ROOM__TICK_HZ", "30", "`rooms`"),
        ("DRUMLINE_BIND", "nowhere", "127.0.0.1:7777"),
        ("DRUMLINE_LOG", "drumline=loud", "debug"),
        ("DRUMLINE_BIND__PORT", "1", "string"),
        ("DRUMLINE_", "1", "`bind`"),
    ] {
        let error = load_variables(&[(name, value)], &[]).expect_err(name).to_string();
        assert!(error.starts_with(&format!("the environment variable {name}: ")), "{error}");
        assert!(error.contains("expected") && error.contains(expected), "{error}");
    }
}

#[test]
fn secrets_are_not_shown() {
    #[derive(Debug, Deserialize, Serialize)]
    struct Keys {
        key: Secret,
    }
    let keys: Keys = toml::from_str("key = \"hunter2\"").unwrap();
    assert_eq!(keys.key.expose(), "hunter2");
    assert!(!format!("{keys:?}{}", toml::to_string(&keys).unwrap()).contains("hunter2"));
    for unquoted in ["4711", "-4711", "47.11"] {
        let error = toml::from_str::<Keys>(&format!("key = {unquoted}")).unwrap_err();
        assert!(error.message().contains("string in quotes") && !error.message().contains("47"), "{error}");
    }
}
