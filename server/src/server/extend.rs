//! The things that an author adds to the server beside games: state, accounts, routes, hooks, a name.

use std::any::TypeId;
use std::sync::Arc;

use axum::Router;
use drumline_room::Identity;

use crate::front::auth::{AuthHook, Credentials, Denied};
use crate::rooms::entry::events::RoomEvent;

use super::Server;

impl Server {
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
    /// room, and returns the client's identity, which the [`Game`](drumline_room::Game) gets with the player, or the reason to
    /// refuse the client.
    ///
    /// Other requests wait while it runs, so it must not block: a check that asks a session store is one for
    /// [`authenticate_async`](Self::authenticate_async). If your account service issues JSON Web Tokens, set `auth.mode = "jwt"`
    /// instead (`docs/OPERATING.md`, "Identity"). If it panics, the client gets 503 `auth_failed`.
    ///
    /// ```
    /// use drumline::{Credentials, Denied, Identity, Server};
    ///
    /// let server = Server::new().authenticate(|credentials: &Credentials| {
    ///     let badge = credentials.headers.get("x-badge").and_then(|badge| badge.to_str().ok());
    ///     let subject = badge.ok_or_else(|| Denied("a badge is needed".to_owned()))?.to_owned();
    ///     Ok(Identity { subject, ..Identity::default() })
    /// });
    /// ```
    #[must_use]
    pub fn authenticate<F>(mut self, check: F) -> Self
    where
        F: Fn(&Credentials) -> Result<Identity, Denied> + Send + Sync + 'static,
    {
        self.auth = Some(AuthHook::Sync(Arc::new(check)));
        self
    }

    /// Authenticates clients as [`authenticate`](Self::authenticate) does, by a check that waits for something, such as a session
    /// store. It runs on the threads of the jobs, and no other request waits for it.
    ///
    /// If it panics, or takes longer than nine tenths of `limits.handshake_seconds` (9 of 10 seconds), the client gets 503
    /// `auth_failed` and may try again.
    ///
    /// ```
    /// use drumline::{Credentials, Denied, Identity, Server};
    ///
    /// /// Stands for a query of a session store.
    /// async fn user_of(session: &str) -> Option<String> {
    ///     (session == "s3cr3t").then(|| "ada".to_owned())
    /// }
    ///
    /// let server = Server::new().authenticate_async(|credentials: Credentials| async move {
    ///     let session = credentials.headers.get("x-session").and_then(|session| session.to_str().ok());
    ///     let user = user_of(session.unwrap_or_default()).await;
    ///     let subject = user.ok_or_else(|| Denied("sign in first".to_owned()))?;
    ///     Ok(Identity { subject, ..Identity::default() })
    /// });
    /// ```
    #[must_use]
    pub fn authenticate_async<F, R>(mut self, check: F) -> Self
    where
        F: Fn(Credentials) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Identity, Denied>> + Send + 'static,
    {
        self.auth = Some(AuthHook::Async(Arc::new(move |credentials| Box::pin(check(credentials)))));
        self
    }

    /// Adds HTTP routes of your own beside the rooms, such as a leaderboard's. A route that the server has itself is an error at
    /// the start, and so is a fallback: the router must not have one. Use the `axum` that this package re-exports, so that the
    /// versions agree.
    ///
    /// Each request has passed the limits of the server: on connections, on the requests of its address, on its head, and on the
    /// time to the answer (`limits.handshake_seconds`). Bodies have at most 16 KiB, unless the router has a `DefaultBodyLimit` of
    /// its own. A request that may change something (any method but GET, HEAD, OPTIONS and TRACE) is refused if it comes from a
    /// page of an origin that `limits.origins` does not allow. Nothing checks accounts, and pages of other origins cannot read
    /// the answers unless the router has a CORS layer.
    ///
    /// Handlers run on the threads of the jobs. If one panics, the client gets 500, and the log says why.
    ///
    /// ```
    /// use drumline::Server;
    /// use drumline::axum::Router;
    /// use drumline::axum::routing::get;
    ///
    /// let routes = Router::new().route("/scores", get(|| async { "Ada 7, Ben 5" }));
    /// let server = Server::new().routes(routes);
    /// ```
    #[must_use]
    pub fn routes(mut self, router: Router) -> Self {
        self.routes.push(router);
        self
    }

    /// Calls a hook for what happens in rooms: they open and end, players join and leave. It runs on a thread of its own, so it
    /// may take some time. If it falls behind by more than 4096 events, later ones are lost and counted
    /// (`drumline_room_events_lost_total`). If it panics, the log says so, and it is called for the next event. Several hooks are
    /// called one after another.
    ///
    /// [`Running::stop`](crate::Running::stop) waits until the hook has had all events, for up to `drain.save_seconds`.
    ///
    /// ```
    /// use drumline::{RoomEvent, Server};
    ///
    /// let server = Server::new().on_event(|event| {
    ///     if let RoomEvent::PlayerJoined { room, player } = event {
    ///         println!("{} plays {} in room {}", player.name, room.game, room.id);
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_event(mut self, hook: impl Fn(&RoomEvent) + Send + 'static) -> Self {
        self.hooks.push(Box::new(hook));
        self
    }

    /// Names the program, for `--version` and `--help` and its errors.
    ///
    /// ```
    /// # use drumline::Server;
    /// let server = Server::new().name("tag-party", env!("CARGO_PKG_VERSION"));
    /// ```
    #[must_use]
    pub fn name(mut self, name: &'static str, version: &'static str) -> Self {
        self.name = Some((name, version));
        self
    }
}
