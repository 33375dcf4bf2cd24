//! The server: games and their pages in, a running server out.

mod extend;
mod front_thread;
mod process_limits;
mod program;
mod reload_signal;
mod running;
mod sections;
mod shutdown;
mod start;

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use drumline_room::{Game, GameSpec, Setup};
use rust_embed::RustEmbed;

use crate::declaration::declaration;
use crate::front::auth::AuthHook;
use crate::front::files::Files;
use crate::hooks::EventHook;
use crate::shard::jobs::JobContexts;
use crate::shard::jobs::loading::{Loader, load};
use sections::OwnSections;

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
    auth: Option<AuthHook>,
    contexts: JobContexts,
    /// The author's own routes.
    routes: Vec<Router>,
    hooks: Vec<EventHook>,
    sections: OwnSections,
    /// Where games are loaded.
    loader: Loader,
    /// The program's name and version, if they are not this package's.
    name: Option<(&'static str, &'static str)>,
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

    /// Adds a game whose rooms are loaded before their first tick, from a database or a service: `load_game` is called for each
    /// room, and its future runs on the threads of the [jobs](drumline_room::Job). The players of the room wait for it, and
    /// nobody else.
    ///
    /// If it returns an error, panics, or takes more than 30 seconds, the room ends at once with close code 4009, and the log
    /// says why.
    ///
    /// ```
    /// # use drumline::prelude::*;
    /// # #[derive(Default, Replicate)]
    /// # struct Push {
    /// #     go: bool,
    /// # }
    /// #[derive(World)]
    /// struct Quiz {
    ///     #[sync(skip)]
    ///     questions: Vec<String>,
    /// }
    ///
    /// #[game]
    /// impl Game for Quiz {
    ///     const NAME: &'static str = "quiz";
    ///     type Input = Push;
    ///
    ///     fn new(_: &Setup) -> Self {
    ///         Self { questions: Vec::new() }
    ///     }
    ///
    ///     fn tick(&mut self, _: &mut Tick<Self>) {}
    /// }
    ///
    /// /// Stands for a database's query.
    /// async fn questions(room: &str) -> Result<Vec<String>, std::io::Error> {
    ///     Ok(vec![format!("Which room is {room}?")])
    /// }
    ///
    /// let server = Server::new().game_loaded::<Quiz, _, _>(|setup: Setup| async move {
    ///     Ok::<_, std::io::Error>(Quiz { questions: questions(&setup.id).await? })
    /// });
    /// ```
    #[must_use]
    pub fn game_loaded<G, F, E>(self, load_game: impl Fn(Setup) -> F + Send + Sync + 'static) -> Self
    where
        G: Game,
        F: Future<Output = Result<G, E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let loader = self.loader.clone();
        self.game_with::<G>(move |setup| load(&loader, G::NAME, setup, &load_game))
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
}
