//! The server: games and their pages in, a running server out.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use drumline_room::{Game, GameSpec, Identity};
use drumline_shared::limits;
use rust_embed::RustEmbed;
use socket2::{Domain, Socket, Type};
use thiserror::Error;
use tokio::runtime;
use tokio::sync::watch;

use crate::accept::accept;
use crate::admin::Admin;
use crate::auth::{AuthHook, AuthMode, Authenticator, Credentials, Denied, KeyError};
use crate::config::{Config, Told, told};
use crate::files::Files;
use crate::front::Front;
use crate::guards::Guards;
use crate::hang_up::HangUp;
use crate::lobby::{Listing, Lobby};
use crate::logs::{Suppressed, start_logging};
use crate::orders::Order;
use crate::refusal::Refusal;
use crate::shard::ShardHandle;
use crate::signals::{Signals, until_end};
use crate::tick_quality;
use crate::tickets::Tickets;
use crate::tls::{Certificate, TlsError};

/// Connections that may wait to be accepted: a storm of joins comes at once.
const BACKLOG: i32 = 4096;
/// How often it is told how many lines of the log were left out.
const TELL_SUPPRESSED_EVERY: Duration = Duration::from_secs(10);
/// How much less urgent the front is than the shards, as `nice` counts it: a tenth of their share where both want all.
#[cfg(target_os = "linux")]
const FRONT_NICE: i32 = 10;
/// Open files that are not connections: the listener, the event queue, the standard streams.
const SPARE_FILES: u64 = 64;
/// The exit code of a program that is told something wrong, as that of a wrong command line is.
const WRONG_CONFIG: u8 = 2;

/// A server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {bind}: {source}; another program may hold the port (try --bind 127.0.0.1:0)")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// No game was added.
    #[error("the server has no game; add one with Server::game")]
    NoGame,
    /// Two games have one name.
    #[error("two games are named `{0}`")]
    DuplicateGame(&'static str),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The keys that tokens are checked with cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The operating system refused a thread or the front's event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

/// A server to be: add games and their pages, then [`run`](Self::run) it as a program or [`start`](Self::start) it
/// in a test.
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
}

impl Server {
    /// A server of no games yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a game.
    #[must_use]
    pub fn game<G: Game>(mut self) -> Self {
        self.games.push(Arc::new(GameSpec::of::<G>()));
        self
    }

    /// Serves the embedded files of a game's page from `/games/NAME/`, and its `index.html` at `/?game=NAME`; of the first
    /// page also at `/`. As it is seen there, an `index.html` names its files by a `<base href="/games/NAME/">`.
    #[must_use]
    pub fn page<G: Game, P: RustEmbed>(mut self) -> Self {
        self.files.add_page::<P>(G::NAME);
        self
    }

    /// Serves embedded files that pages share from `/FOLDER/`.
    #[must_use]
    pub fn files<P: RustEmbed>(mut self, folder: &str) -> Self {
        self.files.add_folder::<P>(folder);
        self
    }

    /// Finds out who somebody is in the author's own way, whatever the configuration says: `check` gets to know of everybody
    /// who asks for a seat or for a room, and says who they are or why they are not let in. What it gives is told to
    /// [`Game::join`]. It is called between other requests, so it must not wait for anything.
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

    /// Runs the server as a program does: the [`Config`] from `drumline.toml`, the environment and the command line, the ready
    /// line on standard output, logs on standard error, until Ctrl-C or a termination signal; at the end, how well the shards
    /// have kept their deadlines, on standard output. The exit code is 2 if the configuration is wrong.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let config = match told() {
            Ok(Told::Run(config)) => config,
            Ok(Told::Print(text)) => {
                // Who has read enough may have closed the pipe.
                let _ = io::stdout().write_all(text.as_bytes());
                return ExitCode::SUCCESS;
            }
            Err(error) => {
                eprintln!("drumline: {error}");
                return ExitCode::from(WRONG_CONFIG);
            }
        };
        let suppressed = start_logging(&config.log);
        match self.run_until_signal(&config, &suppressed) {
            Ok(exit) => exit,
            Err(error) => {
                eprintln!("drumline: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn run_until_signal(self, config: &Config, suppressed: &Suppressed) -> Result<ExitCode, StartError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        // Signals are heard from before the ready line on: who reads it may send one at once.
        let mut signals = runtime.block_on(async { Signals::new() })?;
        let mut hang_up = runtime.block_on(async {
            HangUp::catch(config.tls.cert.is_some() || config.auth.mode == AuthMode::Jwt)
        })?;
        let running = self.start(config)?;
        println!("drumline listening on {}", running.url());
        if !running.address().ip().is_loopback() {
            tracing::warn!(address = %running.address(), "other machines can reach this server");
        }
        let exit = runtime.block_on(async {
            let mut telling = tokio::time::interval(TELL_SUPPRESSED_EVERY);
            let end = until_end(&running, &mut signals, config.drain.time());
            tokio::pin!(end);
            loop {
                tokio::select! {
                    exit = &mut end => return exit,
                    _ = telling.tick() => suppressed.tell(),
                    never = hang_up.each(|| running.reload()) => match never {},
                }
            }
        });
        tracing::info!("stopping");
        let lobby = Arc::clone(&running.lobby);
        running.stop();
        suppressed.tell();
        // Whoever started the program may have stopped reading: its last words may fail.
        let _ = io::stdout().write_all(tick_quality::table(&lobby.shards()).as_bytes());
        Ok(exit)
    }

    /// Starts the server's threads.
    ///
    /// # Errors
    /// [`StartError`] if the address is taken or the games are none or not distinct.
    pub fn start(self, config: &Config) -> Result<Running, StartError> {
        let Some(first) = self.games.first() else { return Err(StartError::NoGame) };
        tracing::debug!(game = first.name, schema = format!("{:016x}", first.schema_hash), "the first game");
        for (index, game) in self.games.iter().enumerate() {
            if self.games[..index].iter().any(|other| other.name == game.name) {
                return Err(StartError::DuplicateGame(game.name));
            }
        }
        let certificate = Certificate::of(&config.tls)?.map(Arc::new);
        let auth = Arc::new(Authenticator::new(&config.auth, self.auth)?);
        let listener =
            listen(config.bind).map_err(|source| StartError::Bind { bind: config.bind, source })?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let shard_count = match config.rooms.shards {
            Some(shards) => usize::from(shards),
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let shards = (0..shard_count)
            .map(|index| ShardHandle::spawn(index, config.overload))
            .collect::<io::Result<Vec<_>>>()?;
        let (handles, mut threads): (Vec<_>, Vec<_>) = shards.into_iter().unzip();
        let limits = config.limits.clone();
        let lobby = Lobby::new(self.games, config.rooms.clone(), &config.lobby, handles);
        let lobby = Arc::new(lobby.with_chat(config.chat.rules()).with_limits(limits.of_connections()));
        let tickets = Arc::new(Tickets::new(
            Duration::from_secs(config.lobby.ticket_seconds.into()),
            config.lobby.ticket_key.as_ref().map(|key| key.expose().as_bytes()),
            Arc::clone(lobby.ticket_counters()),
        ));
        let max_connections = max_connections(limits.connections);
        let guards = Arc::new(Guards::new(limits, max_connections, Instant::now()));
        let front = Front {
            lobby: Arc::clone(&lobby),
            tickets,
            auth: Arc::clone(&auth),
            require_ticket: config.lobby.require_ticket,
            files: Arc::new(self.files),
            admin: Admin::new(config, address.ip()),
            metrics: Arc::new(config.metrics.clone()),
            certificate: certificate.clone(),
            guards: Arc::clone(&guards),
        };
        threads.push(spawn_front(front, listener, stopped)?);
        Ok(Running { address, certificate, lobby, guards, auth, stop, threads })
    }
}

/// A running server. [`stop`](Self::stop) ends it and waits for the end; dropping it only ends it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    lobby: Arc<Lobby>,
    guards: Arc<Guards>,
    auth: Arc<Authenticator>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// The address that the server listens on, with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The rooms.
    pub(crate) fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// The address as a browser takes it: `https://…` if there is TLS, else `http://…`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Reads the certificate anew, if there is TLS. Connections go on as they are; new ones are made with what is read.
    ///
    /// # Errors
    /// [`TlsError`] says what is wrong with it; then the old one stays.
    pub fn reload_certificate(&self) -> Result<(), TlsError> {
        self.certificate.as_ref().map_or(Ok(()), |certificate| certificate.reload())
    }

    /// Does what a reload is for, and logs it.
    fn reload(&self) {
        match self.reload_certificate() {
            Ok(()) if self.certificate.is_some() => tracing::info!("the certificate was read anew"),
            Ok(()) => tracing::info!("there is no certificate to be read anew"),
            Err(error) => tracing::error!(%error, "the old certificate stays in use"),
        }
        match self.reload_keys() {
            Ok(()) if self.auth.has_keys() => tracing::info!("the keys of tokens were read anew"),
            Ok(()) => tracing::info!("there are no keys of tokens to be read anew"),
            Err(error) => tracing::error!(%error, "the old keys of tokens stay in use"),
        }
    }

    /// What `GET /api/rooms` answers.
    #[must_use]
    pub fn listing(&self) -> Listing {
        self.lobby.listing()
    }

    /// Reads the keys anew with which the tokens of players are checked.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with them; then the old ones stay.
    pub fn reload_keys(&self) -> Result<(), KeyError> {
        self.auth.reload()
    }

    /// Lets nobody in any more, and ends the rooms: each when its game wants to or it is empty, or when this time has passed. If
    /// that is under way already, the rooms have this long from now on.
    pub fn drain(&self, time: Duration) {
        self.lobby.drain().begin(time, Instant::now());
    }

    /// Whether all rooms have ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lobby.is_empty()
    }

    /// Has a room do something at its next tick.
    ///
    /// # Errors
    /// [`Refusal`] if there is no such room, or too many orders wait there.
    pub fn order(&self, room: &str, order: Order) -> Result<(), Refusal> {
        self.lobby.order(room, order)
    }

    /// How many connections are open, players' and all others; a seat that is held counts as one.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.guards.connections()
    }

    /// Says goodbye to all clients and waits for the server's threads.
    pub fn stop(mut self) {
        self.end();
        for thread in std::mem::take(&mut self.threads) {
            if thread.join().is_err() {
                tracing::error!("a thread of the server had panicked");
            }
        }
    }

    fn end(&self) {
        self.stop.send_replace(true);
        self.lobby.stop();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn listen(bind: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(bind), Type::STREAM, None)?;
    // On Windows this option would let two servers share a port; elsewhere it only lets a restart reuse one.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&bind.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn spawn_front(
    front: Front,
    listener: std::net::TcpListener,
    stop: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("front".into()).spawn(move || {
        be_nice();
        runtime.block_on(async move {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => accept(front, listener, stop).await,
                Err(error) => tracing::error!(%error, "the listener cannot be watched"),
            }
        });
    })
}

/// Lets the shards' threads go before this one where they share a core: a flood of handshakes must not make ticks late.
#[cfg(target_os = "linux")]
fn be_nice() {
    if let Err(error) = rustix::process::setpriority_process(None, FRONT_NICE) {
        tracing::debug!(%error, "the front is as urgent as the shards");
    }
}

/// Other systems have no such thing for a single thread.
#[cfg(not(target_os = "linux"))]
fn be_nice() {}

/// As many connections as are wanted and the operating system lets this process have files for, once the soft limit is raised
/// to the hard one.
fn max_connections(wanted: Option<u32>) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::from(limits::MAX_PLAYERS) * 64).unwrap_or(1024);
    let possible = limit.saturating_sub(SPARE_FILES).max(1);
    if let Some(wanted) = wanted
        && u64::from(wanted) > possible
    {
        tracing::warn!(
            wanted,
            possible,
            "limits.connections is more than the operating system allows (ulimit -n)"
        );
    }
    wanted.map_or(possible, |wanted| possible.min(wanted.into())) as usize
}
