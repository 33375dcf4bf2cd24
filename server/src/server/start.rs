//! Starting a server's threads.

use std::any::TypeId;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use drumline_room::GameSpec;
use thiserror::Error;
use tokio::sync::watch;

use crate::config::Config;
use crate::front::admin::state::AdminState;
use crate::front::admission::Admission;
use crate::front::auth::{Authenticator, KeyError};
use crate::front::state::Front;
use crate::lobby::{Lobby, LobbySettings};
use crate::net::tls::{Certificate, TlsError};
use crate::rooms::seats::tickets::Tickets;
use crate::shard::handle::ShardHandle;
use crate::shard::jobs::{JobContexts, JobThreads};
use crate::shard::makers::Makers;

use super::front_thread::{listen, spawn_front};
use super::process_limits::{max_connections, memory_bytes};
use super::running::FinishingJobs;
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
    pub fn start(mut self, config: &Config) -> Result<Running, StartError> {
        check_games(&self.games)?;
        self.contexts.insert(TypeId::of::<()>(), Arc::new(()));
        check_contexts(&self.games, &self.contexts)?;
        let certificate = Certificate::load(&config.tls)?.map(Arc::new);
        let auth = Arc::new(Authenticator::new(&config.auth, self.auth)?);
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
        let (job_threads, jobs) = JobThreads::start(self.contexts)?;
        let lobby = Arc::new(Lobby::new(self.games, settings, shards, jobs));
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
        self.files.set_frame_ancestors(&config.limits.frame_ancestors);
        let front = Front {
            lobby: Arc::clone(&lobby),
            tickets,
            auth: Arc::clone(&auth),
            require_ticket: config.lobby.require_ticket,
            files: Arc::new(self.files),
            admin: Arc::new(AdminState::new(&config.admin, is_private, config.drain.time())),
            metrics: Arc::new(config.metrics.clone()),
            certificate: certificate.clone(),
            admission: Arc::clone(&admission),
        };
        let (stop, stopped) = watch::channel(false);
        threads.push(spawn_front(front, listener, stopped)?);
        let jobs = Some(FinishingJobs { threads: job_threads, time: config.drain.save_time() });
        Ok(Running { address, certificate, lobby, admission, auth, stop, threads, jobs })
    }
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
