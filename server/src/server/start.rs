//! Starting a server's threads.

use std::any::TypeId;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use drumline_room::GameSpec;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::config::Config;
use crate::front::admin::state::AdminState;
use crate::front::admission::Admission;
use crate::front::auth::{AuthHook, Authenticator, KeyError};
use crate::front::router::router;
use crate::front::state::Front;
use crate::hooks::webhooks::WebhooksConfig;
use crate::hooks::{EventHook, HookThreads};
use crate::lobby::{Lobby, LobbySettings};
use crate::net::tls::{Certificate, TlsError};
use crate::rooms::seats::tickets::Tickets;
use crate::shard::handle::ShardHandle;
use crate::shard::jobs::{JobContexts, JobThreads};
use crate::shard::makers::Makers;

use super::front_thread::{listen, spawn_front};
use super::process_limits::{max_connections, memory_bytes};
use super::running::Finishing;
use super::{Running, Server};

/// The reason for which a server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {bind}: {source}; another program may hold the port (try --bind 127.0.0.1:0)")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
    /// No game was added.
    #[error("the server has no game; add one with Server::game")]
    NoGame,
    /// A game's jobs have no context.
    #[error(
        "the jobs of `{game}` share a {context}, which the server does not have: add it with Server::context"
    )]
    NoJobContext {
        /// The game.
        game: &'static str,
        /// The type of the context.
        context: &'static str,
    },
    /// Two games have the same name.
    #[error("two games are named `{0}`")]
    DuplicateGame(&'static str),
    /// A section of the author's own cannot be there.
    #[error("{0}: see Server::section")]
    Section(String),
    /// A route of the author's own is one of the server's too, or there is a fallback.
    #[error("the routes of Server::routes clash with the server's own: {0}")]
    Routes(String),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The keys for checking tokens cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The operating system refuses a thread or the front's event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

impl Server {
    /// Starts the server's threads.
    ///
    /// # Errors
    /// [`StartError`], for example if the address is taken, or if there are no games.
    pub fn start(self, config: &Config) -> Result<Running, StartError> {
        let mut this = self.complete(&config.sections);
        if let Some(mistake) = this.sections.mistake {
            return Err(StartError::Section(mistake));
        }
        check_games(&this.games)?;
        this.contexts.insert(TypeId::of::<()>(), Arc::new(()));
        check_contexts(&this.games, &this.contexts)?;
        let certificate = Certificate::load(&config.tls)?.map(Arc::new);
        let (job_threads, jobs) = JobThreads::start(this.contexts)?;
        this.loader.run_on(jobs.runtime());
        let auth = Arc::new(authenticator(config, this.auth, jobs.runtime())?);
        let listener =
            listen(config.bind).map_err(|source| StartError::Bind { bind: config.bind, source })?;
        let address = listener.local_addr()?;
        let shard_count = match config.rooms.shards {
            Some(shards) => usize::from(shards),
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let makers = Makers::default();
        let shards = (0..shard_count)
            .map(|index| ShardHandle::spawn(index, config.overload, makers.clone()))
            .collect::<io::Result<Vec<_>>>()?;
        let (shards, mut threads): (Vec<_>, Vec<_>) = shards.into_iter().unzip();
        let settings = LobbySettings {
            rooms: config.rooms.clone(),
            lobby: config.lobby.clone(),
            chat: config.chat.rules(),
            limits: config.limits.of_connections(),
            room_limits: config.limits.of_rooms(memory_bytes()),
        };
        let runtime = jobs.runtime().clone();
        let mut lobby = Lobby::new(this.games, settings, shards, jobs);
        let hooks = start_hooks(this.hooks, &config.webhooks, &mut lobby)?;
        let lobby = Arc::new(lobby);
        lobby.bans().configure(&config.limits.banned);
        let tickets = Arc::new(Tickets::new(
            Duration::from_secs(config.lobby.ticket_seconds.into()),
            Arc::clone(lobby.signing_key()),
            Arc::clone(lobby.ticket_counters()),
        ));
        let max_connections = max_connections(config.limits.connections);
        let returns = Arc::clone(lobby.returns());
        let admission = Admission::new(config.limits.clone(), max_connections, returns, Instant::now());
        let admission = Arc::new(admission);
        let is_private =
            address.ip().to_canonical().is_loopback() && config.limits.trusted_proxies.is_empty();
        this.files.set_frame_ancestors(&config.limits.frame_ancestors);
        let front = Front {
            lobby: Arc::clone(&lobby),
            tickets,
            auth: Arc::clone(&auth),
            require_ticket: config.lobby.require_ticket,
            files: Arc::new(this.files),
            admin: Arc::new(AdminState::new(&config.admin, is_private, config.drain.time())),
            metrics: Arc::new(config.metrics.clone()),
            certificate: certificate.clone(),
            admission: Arc::clone(&admission),
        };
        let (stop, stopped) = watch::channel(false);
        let router = router(front.clone(), this.routes, runtime).map_err(StartError::Routes)?;
        threads.push(spawn_front(front, router, listener, stopped)?);
        let finishing = Some(Finishing { jobs: job_threads, hooks, time: config.drain.save_time() });
        Ok(Running { address, certificate, lobby, admission, auth, stop, threads, finishing })
    }
}

/// The author's check of credentials, else the configured way.
fn authenticator(
    config: &Config,
    hook: Option<AuthHook>,
    runtime: &Handle,
) -> Result<Authenticator, StartError> {
    let Some(hook) = hook else { return Ok(Authenticator::new(&config.auth)?) };
    // It ends before the request does, so that the client is told.
    let limit = Duration::from_secs(config.limits.handshake_seconds.into()) * 9 / 10;
    Ok(Authenticator::by_hook(&config.auth, hook, runtime.clone(), limit))
}

/// Starts the threads of hooks and webhooks, if there are any.
fn start_hooks(
    hooks: Vec<EventHook>,
    webhooks: &WebhooksConfig,
    lobby: &mut Lobby,
) -> io::Result<Option<HookThreads>> {
    if hooks.is_empty() && webhooks.url.is_none() {
        return Ok(None);
    }
    let events = lobby.tell_events();
    HookThreads::start(hooks, webhooks, events, lobby.metrics().lost_events.clone()).map(Some)
}

fn check_contexts(games: &[Arc<GameSpec>], contexts: &JobContexts) -> Result<(), StartError> {
    let lacks = |game: &&Arc<GameSpec>| !contexts.contains_key(&game.jobs.context);
    games.iter().find(lacks).map_or(Ok(()), |game| {
        Err(StartError::NoJobContext { game: game.name, context: game.jobs.context_name })
    })
}

fn check_games(games: &[Arc<GameSpec>]) -> Result<(), StartError> {
    let Some(first) = games.first() else { return Err(StartError::NoGame) };
    tracing::debug!(game = first.name, schema = format!("{:016x}", first.schema_hash), "the first game");
    for (index, game) in games.iter().enumerate() {
        if games[..index].iter().any(|other| other.name == game.name) {
            return Err(StartError::DuplicateGame(game.name));
        }
    }
    Ok(())
}
