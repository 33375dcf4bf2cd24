//! Sections of an author's own, beside the built-in ones.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::de::{DeTable, Deserializer, ValueDeserializer};

use super::Config;

/// The settings of an author's own section: any struct with these traits, which are derived but for `Default`, perhaps. Write
/// `#[serde(default, deny_unknown_fields)]` above it, so that keys may be left out and unknown ones are errors. A secret is a
/// [`Secret`](crate::Secret): it is never shown.
pub trait Section: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Section for T {}

/// The settings of an author's own sections, by name. A section without settings has its default.
#[derive(Debug, Clone, Default)]
pub struct Sections(BTreeMap<&'static str, Settings>);

/// The settings of one section.
#[derive(Clone)]
struct Settings {
    value: Arc<dyn Any + Send + Sync>,
    /// The section as it is printed.
    shown: String,
}

/// The sections that an author has declared, by name.
#[derive(Debug, Clone, Default)]
pub struct DeclaredSections(BTreeMap<&'static str, SectionKind>);

/// The type of a section.
#[derive(Debug, Clone, Copy)]
struct SectionKind {
    from_toml: fn(&'static str, ValueDeserializer<'_>) -> Result<Settings, toml::de::Error>,
    from_json: fn(&'static str, Value) -> Result<Settings, serde_json::Error>,
    default: fn(&'static str) -> Settings,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Settings").field(&self.shown).finish()
    }
}

impl Settings {
    fn new<T: Section>(name: &'static str, value: T) -> Self {
        // Settings that are no table, or have a value that TOML lacks, are not printed.
        let shown = toml::to_string(&BTreeMap::from([(name, &value)])).unwrap_or_default();
        Self { value: Arc::new(value), shown }
    }
}

impl Sections {
    /// Sets a section, as a test does.
    pub fn set<T: Section>(&mut self, name: &'static str, settings: T) {
        self.0.insert(name, Settings::new(name, settings));
    }

    /// The settings of a section; its default if there are none of this type.
    #[must_use]
    pub fn get<T: Section>(&self, name: &str) -> T {
        let settings = self.0.get(name).and_then(|settings| settings.value.downcast_ref::<T>());
        settings.cloned().unwrap_or_default()
    }

    /// The text of all sections, as in a file.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.0.values().flat_map(|settings| ["\n", &settings.shown]);
        texts.collect()
    }
}

impl DeclaredSections {
    /// Declares a section.
    ///
    /// # Errors
    /// The reason for which there can be no such section.
    pub fn declare<T: Section>(&mut self, name: &'static str) -> Result<(), String> {
        let built_in = serde_json::to_value(Config::default()).expect("settings are plain data");
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) || name.contains("__") {
            return Err(format!(
                "`{name}` is no name of a section: it has lower-case letters, digits and underscores"
            ));
        }
        if built_in.get(name).is_some() {
            return Err(format!("the section or setting `{name}` is the server's own"));
        }
        let kind = SectionKind {
            from_toml: |name, value| T::deserialize(value).map(|value| Settings::new(name, value)),
            from_json: |name, value| {
                serde_json::from_value::<T>(value).map(|value| Settings::new(name, value))
            },
            default: |name| Settings::new(name, T::default()),
        };
        match self.0.insert(name, kind) {
            None => Ok(()),
            Some(_) => Err(format!("two sections are named `{name}`")),
        }
    }

    /// The text of all sections with their defaults, as in a file.
    #[must_use]
    pub fn default_text(&self) -> String {
        let defaults = self.0.iter().map(|(name, kind)| (*name, (kind.default)(name)));
        Sections(defaults.collect()).text()
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// The mistake, and its place.
    pub fn parse_toml(&self, text: &str) -> Result<Config, toml::de::Error> {
        let (mut document, mut sections) = (DeTable::parse(text)?, Sections::default());
        for (name, kind) in &self.0 {
            if let Some(value) = document.get_mut().remove(*name) {
                sections.0.insert(name, (kind.from_toml)(name, value.into())?);
            }
        }
        Ok(Config { sections, ..Config::deserialize(Deserializer::from(document))? })
    }

    /// Parses a tree of sections.
    ///
    /// # Errors
    /// The mistake.
    pub fn parse_json(&self, tree: Value) -> Result<Config, serde_json::Error> {
        let Value::Object(mut all) = tree else { return serde_json::from_value(tree) };
        let mut sections = Sections::default();
        for (name, kind) in &self.0 {
            if let Some(value) = all.remove(*name) {
                sections.0.insert(name, (kind.from_json)(name, value)?);
            }
        }
        Ok(Config { sections, ..serde_json::from_value(Value::Object(all))? })
    }
}
