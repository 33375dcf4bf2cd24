//! The server: games and their pages in, a running server out.

mod front_thread;
mod process_limits;
mod program;
mod reload_signal;
mod running;
mod shutdown;
mod start;

use std::any::TypeId;
use std::path::PathBuf;
use std::sync::Arc;

use drumline_room::{Game, GameSpec, Identity, Setup};
use rust_embed::RustEmbed;

use crate::declaration::declaration;
use crate::front::auth::{AuthHook, Credentials, Denied};
use crate::front::files::Files;
use crate::shard::jobs::JobContexts;

pub use running::Running;
pub use start::StartError;

/// Builds a server: add games and their pages, then [`run`](Self::run) it as a program, or [`start`](Self::start) it in a test.
///
/// ```no_run
/// # use drumline_arena::{Arena, Page};
/// # use drumline_kit::PageKit;
/// use drumline::Server;
///
/// fn main() -> std::process::ExitCode {
///     Server::new().game::<Arena>().page::<Arena, Page>().files::<PageKit>("kit").run()
/// }
/// ```
#[derive(Default)]
pub struct Server {
    games: Vec<Arc<GameSpec>>,
    files: Files,
    auth: Option<Box<AuthHook>>,
    contexts: JobContexts,
}

impl Server {
    /// A server without games yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a game, and serves its TypeScript types from `/client/types/NAME.d.ts`. The order of games does not matter; the order
    /// of [pages](Self::page) does.
    #[must_use]
    pub fn game<G: Game>(self) -> Self {
        self.game_with::<G>(G::new)
    }

    /// Adds a game whose rooms are made by a closure rather than by [`Game::new`], so that it can hand them what they share: a
    /// list of levels, a channel. The closure runs on a thread of its own, so it may wait for a disk.
    ///
    /// ```
    /// # use drumline::prelude::*;
    /// # #[derive(Default, Replicate)]
    /// # struct Push {
    /// #     go: bool,
    /// # }
    /// use std::sync::Arc;
    ///
    /// #[derive(World)]
    /// struct Quiz {
    ///     #[sync(skip)]
    ///     questions: Arc<[String]>,
    /// }
    ///
    /// #[game]
    /// impl Game for Quiz {
    ///     const NAME: &'static str = "quiz";
    ///     type Input = Push;
    ///
    ///     fn new(_: &Setup) -> Self {
    ///         Self { questions: Arc::default() }
    ///     }
    ///
    ///     fn tick(&mut self, _: &mut Tick<Self>) {}
    /// }
    ///
    /// let questions: Arc<[String]> = ["How many seats has a room?".to_owned()].into();
    /// let server = Server::new().game_with(move |_| Quiz { questions: Arc::clone(&questions) });
    /// ```
    #[must_use]
    pub fn game_with<G: Game>(mut self, make: impl Fn(&Setup) -> G + Send + Sync + 'static) -> Self {
        let spec = GameSpec::with::<G>(make);
        self.files.add_declaration(G::NAME, declaration(G::NAME, &spec.schema));
        self.games.push(Arc::new(spec));
        self
    }

    /// Serves the embedded files of a game's page from `/games/NAME/`, and its `index.html` at `/?game=NAME`. The page of the
    /// first call is also served at `/`. A game without a page is shown by an inspector: its tables, events and inputs.
    ///
    /// `P` embeds the files: `#[derive(rust_embed::RustEmbed)] #[folder = "page/"] struct Page;`, with `rust-embed` as a
    /// dependency of the game. An `index.html` needs a `<base href="/games/NAME/">`, because it is shown outside its folder.
    ///
    /// Files are sent with a `Content-Security-Policy` of `default-src 'self'` (images also from `data:`, connections also to any
    /// WebSocket). Inline scripts and styles are therefore blocked: use files, such as `<script type="module" src="main.js">`.
    /// The setting `limits.frame_ancestors` says which pages may show them in a frame.
    #[must_use]
    pub fn page<G: Game, P: RustEmbed>(mut self) -> Self {
        self.files.add_page::<P>(G::NAME);
        self
    }

    /// Serves the files of a folder on the disk as a game's page, as [`page`](Self::page) does with embedded ones. They are read
    /// at each request, so that a page can be edited while the server runs. A relative path starts in the current directory.
    #[must_use]
    pub fn page_from<G: Game>(mut self, folder: impl Into<PathBuf>) -> Self {
        self.files.add_page_from(G::NAME, folder.into());
        self
    }

    /// Serves embedded files from `/FOLDER/`, for example those that several pages share.
    #[must_use]
    pub fn files<P: RustEmbed>(mut self, folder: &str) -> Self {
        self.files.add_folder::<P>(folder);
        self
    }

    /// Gives the games' jobs the state that they share, such as the pool of a database: a [`Job::Context`] of type `C`. Without
    /// it a server with such jobs does not start.
    ///
    /// [`Job::Context`]: drumline_room::Job::Context
    #[must_use]
    pub fn context<C: Send + Sync + 'static>(mut self, context: C) -> Self {
        self.contexts.insert(TypeId::of::<C>(), Arc::new(context));
        self
    }

    /// Authenticates clients with your own check; this replaces `auth.mode`. `check` is called for every request for a seat or a
    /// room, and returns the client's identity, which [`Game::join`] receives, or the reason to refuse the client.
    ///
    /// Other requests wait while it runs, so it must not block. For accounts in a database, let the account service issue JSON
    /// Web Tokens, and set `auth.mode = "jwt"` instead of calling this method (`docs/OPERATING.md`, "Identity").
    ///
    /// ```
    /// use drumline::{Credentials, Denied, Identity, Server};
    ///
    /// let server = Server::new().authenticate(|credentials: &Credentials<'_>| {
    ///     let badge = credentials.headers.get("x-badge").and_then(|badge| badge.to_str().ok());
    ///     let subject = badge.ok_or_else(|| Denied("a badge is needed".to_owned()))?.to_owned();
    ///     Ok(Identity { subject, ..Identity::default() })
    /// });
    /// ```
    #[must_use]
    pub fn authenticate<F>(mut self, check: F) -> Self
    where
        F: Fn(&Credentials<'_>) -> Result<Identity, Denied> + Send + Sync + 'static,
    {
        self.auth = Some(Box::new(check));
        self
    }
}
