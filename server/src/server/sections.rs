//! The sections of the configuration that are an author's own.

use crate::config::sections::{DeclaredSections, Section, Sections};

use super::Server;

/// Declared sections, and what is to be done with their settings.
#[derive(Default)]
pub(super) struct OwnSections {
    pub(super) declared: DeclaredSections,
    apply: Vec<Box<Apply>>,
    /// The first mistake among the declarations.
    pub(super) mistake: Option<String>,
}

/// Completes a server by the settings of a section.
type Apply = dyn FnOnce(&Sections, Server) -> Server;

impl Server {
    /// Adds a section of your own to the configuration: `[NAME]` in `drumline.toml`, `--set NAME.KEY=VALUE`, and variables such
    /// as `DRUMLINE_NAME__KEY`. `complete` gets the settings when they have been loaded, and completes the server by them: with a
    /// game that is made by them, a page, a database's pool as a [`context`](Self::context).
    ///
    /// A mistake in the settings is an error that names its line, its variable or its flag, as with the built-in sections.
    /// `config --print-default` prints the section with its defaults, and `config --print` with its settings. In a test, set the
    /// section by [`Sections::set`].
    ///
    /// ```
    /// # use drumline::prelude::*;
    /// # #[derive(Default, Replicate)]
    /// # struct Push {
    /// #     go: bool,
    /// # }
    /// use drumline::Config;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Serialize, Deserialize)]
    /// #[serde(default, deny_unknown_fields)]
    /// struct TagSettings {
    ///     round_seconds: u32,
    /// }
    ///
    /// impl Default for TagSettings {
    ///     fn default() -> Self {
    ///         Self { round_seconds: 120 }
    ///     }
    /// }
    ///
    /// #[derive(World)]
    /// struct Tag {
    ///     #[sync(skip)]
    ///     round_seconds: u32,
    /// }
    ///
    /// #[game]
    /// impl Game for Tag {
    ///     const NAME: &'static str = "tag";
    ///     type Input = Push;
    ///
    ///     fn new(_: &Setup) -> Self {
    ///         Self { round_seconds: 120 }
    ///     }
    ///
    ///     fn tick(&mut self, _: &mut Tick<Self>) {}
    /// }
    ///
    /// let server = Server::new().section("tag", |settings: TagSettings, server| {
    ///     server.game_with(move |_| Tag { round_seconds: settings.round_seconds })
    /// });
    /// // `server.run()` loads the settings. A test gives its own:
    /// let mut config = Config::on_free_port();
    /// config.sections.set("tag", TagSettings { round_seconds: 5 });
    /// server.start(&config)?.stop();
    /// # Ok::<(), drumline::StartError>(())
    /// ```
    #[must_use]
    pub fn section<T: Section>(
        mut self,
        name: &'static str,
        complete: impl FnOnce(T, Self) -> Self + 'static,
    ) -> Self {
        if let Err(mistake) = self.sections.declared.declare::<T>(name) {
            self.sections.mistake.get_or_insert(mistake);
        }
        self.sections.apply.push(Box::new(move |sections, server| complete(sections.get(name), server)));
        self
    }

    /// Completes the server by the settings of its sections. Sections that are declared meanwhile have their defaults.
    pub(super) fn complete(mut self, sections: &Sections) -> Self {
        while !self.sections.apply.is_empty() {
            let apply = std::mem::take(&mut self.sections.apply);
            self = apply.into_iter().fold(self, |server, apply| apply(sections, server));
        }
        self
    }
}
