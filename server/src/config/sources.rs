//! The sources of settings (file, environment, flags), laid over each other.
//!
//! The file, each variable and each flag is parsed as a whole `Config` by itself first. Every mistake therefore has its line, its
//! variable or its flag, and the allowed values are declared once, at the field. Libraries that merge first and parse then
//! (figment) know the file of a wrong value, but not its line.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::sections::DeclaredSections;
use crate::settings::file::read_bounded;

/// The file that is read if it exists and no other is named.
pub const DEFAULT_PATH: &str = "drumline.toml";
/// The prefix of the variables' names.
const PREFIX: &str = "DRUMLINE_";
/// The variable that names the file; the command line handles it.
const FILE_VARIABLE: &str = "CONFIG";
/// Short names of some keys' variables.
const SHORT_NAMES: [(&str, &str); 7] = [
    ("SHARDS", "rooms.shards"),
    ("TICK_HZ", "rooms.tick_hz"),
    ("MAX_PLAYERS", "rooms.max_players"),
    ("BUDGET_BYTES", "rooms.budget_bytes"),
    ("RESUME_SECONDS", "rooms.resume_seconds"),
    ("SEED", "rooms.seed"),
    ("LOG", "log.filter"),
];

/// The configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file has a mistake.
    #[error("{file}, line {line}: {message}")]
    File {
        /// The file.
        file: String,
        /// The line of the mistake, counted from 1.
        line: usize,
        /// The key, the mistake, and the allowed values.
        message: String,
    },
    /// A variable of the environment has a mistake.
    #[error("the environment variable {name}: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// The mistake, and the allowed values.
        message: String,
    },
    /// Settings that are valid by themselves contradict each other.
    #[error("the settings contradict each other: {0}")]
    Together(String),
}

/// Some settings, as a tree of sections.
#[derive(Debug, Clone)]
pub struct Layer(Value);

impl Layer {
    /// One setting, by its dotted path. The text is a TOML value, a string without quotes, or a list of such strings with commas
    /// between them.
    ///
    /// # Errors
    /// The mistake, and the allowed values.
    pub fn setting(path: &str, text: &str, declared: &DeclaredSections) -> Result<Self, String> {
        let list = || Value::Array(text.split(',').map(|item| item.trim().into()).collect());
        let readings = [toml_value(text), Some(text.into()), text.contains(',').then(list)];
        let mut error = None;
        for value in readings.into_iter().flatten() {
            let nest = |inner, key: &str| Value::Object(Map::from_iter([(key.to_owned(), inner)]));
            let tree = path.rsplit('.').fold(value, nest);
            match declared.parse_json(tree.clone()) {
                Ok(_) => return Ok(Self(tree)),
                Err(wrong) => error = error.or(Some(wrong.to_string())),
            }
        }
        Err(error.expect("any text can be read as a string"))
    }

    /// The settings of a file.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    fn file(text: &str, name: &str, declared: &DeclaredSections) -> Result<Self, ConfigError> {
        parse_file(text, name, declared)?;
        toml::from_str(text).map(Self).map_err(|error| in_file(text, name, &error))
    }

    /// The setting of an environment variable.
    ///
    /// # Errors
    /// [`ConfigError::Variable`].
    fn variable(name: &str, text: &OsString, declared: &DeclaredSections) -> Result<Self, ConfigError> {
        let wrong = |message| ConfigError::Variable { name: format!("{PREFIX}{name}"), message };
        let short = SHORT_NAMES.iter().find(|(short, _)| *short == name);
        let path =
            short.map_or_else(|| name.to_lowercase().replace("__", "."), |(_, path)| (*path).to_owned());
        let text = text.to_str().ok_or_else(|| wrong("its value is not UTF-8".to_owned()))?;
        Self::setting(&path, text, declared).map_err(wrong)
    }

    /// Overrides this layer's settings with another's.
    fn override_with(&mut self, over: Self) {
        merge(&mut self.0, over.0);
    }
}

/// The sources of a program's settings.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The file that the command line names, if any.
    pub file: Option<PathBuf>,
    /// The settings of the command line's flags.
    pub flags: Vec<Layer>,
    /// The sections of the author's own.
    pub declared: DeclaredSections,
}

impl Sources {
    /// Loads the settings, with the file and the environment as they are now.
    ///
    /// # Errors
    /// [`ConfigError`] names the place of the mistake and the allowed values.
    pub fn load(&self) -> Result<Config, ConfigError> {
        load(self.file.as_deref(), std::env::vars_os(), self.flags.clone(), &self.declared)
    }

    /// Returns true if there is a configuration file.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.file.as_deref().unwrap_or(Path::new(DEFAULT_PATH)).exists()
    }
}

/// Loads the settings of the file, the variables and the flags; later ones override earlier ones. If no file is named,
/// [`DEFAULT_PATH`] is read if it exists.
///
/// # Errors
/// [`ConfigError`] names the place of the mistake and the allowed values.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: Vec<Layer>,
    declared: &DeclaredSections,
) -> Result<Config, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_PATH));
    let mut all = match read_text(path) {
        Ok(text) => Layer::file(&text, &path.display().to_string(), declared)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() => Layer(Map::new().into()),
        Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    };
    for (name, text) in variables {
        if let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX))
            && name != FILE_VARIABLE
        {
            all.override_with(Layer::variable(name, &text, declared)?);
        }
    }
    for flag in flags {
        all.override_with(flag);
    }
    let config: Config =
        declared.parse_json(all.0).map_err(|error| ConfigError::Together(error.to_string()))?;
    config.tls.files().map_err(|error| ConfigError::Together(error.to_string()))?;
    Ok(config)
}

fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_bounded(path)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Parses a file's text.
///
/// # Errors
/// [`ConfigError::File`].
pub fn parse_file(text: &str, name: &str, declared: &DeclaredSections) -> Result<Config, ConfigError> {
    declared.parse_toml(text).map_err(|error| in_file(text, name, &error))
}

fn in_file(text: &str, name: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let line = text[..offset].matches('\n').count() + 1;
    let document = DeTable::parse(text).ok();
    let key = document.and_then(|document| key_at(document.get_ref(), offset));
    let message = match key {
        Some(key) => format!("{key}: {}", error.message()),
        None => error.message().to_owned(),
    };
    ConfigError::File { file: name.to_owned(), line, message }
}

/// The dotted path of the innermost key whose name or value contains a byte offset of the text.
fn key_at(table: &DeTable, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let inner = match value.get_ref() {
            DeValue::Table(table) => key_at(table, offset),
            _ => None,
        };
        let here = || key.span().contains(&offset) || value.span().contains(&offset);
        let name = key.get_ref();
        inner.map(|inner| format!("{name}.{inner}")).or_else(|| here().then(|| name.to_string()))
    })
}

/// The text as a TOML value; `None` if it is not one.
fn toml_value(text: &str) -> Option<Value> {
    let mut document: Map<String, Value> = toml::from_str(&format!("value = {text}")).ok()?;
    let value = document.remove("value")?;
    document.is_empty().then_some(value)
}

fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
