//! A running server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::Sources;
use crate::front::admission::Admission;
use crate::front::auth::{Authenticator, KeyError};
use crate::hooks::HookThreads;
use crate::lobby::Lobby;
use crate::net::tls::{Certificate, TlsError};
use crate::rooms::bans::BanTarget;
use crate::rooms::listing::Listing;
use crate::rooms::operator_command::OperatorCommand;
use crate::rooms::refusal::Refusal;
use crate::shard::jobs::JobThreads;

/// A running server. [`stop`](Self::stop) stops it and waits for its end; dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    pub(super) address: SocketAddr,
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) lobby: Arc<Lobby>,
    pub(super) admission: Arc<Admission>,
    pub(super) auth: Arc<Authenticator>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) finishing: Option<Finishing>,
}

/// The threads that outlive the rooms, of jobs and of hooks, and how long the end waits for each kind.
#[derive(Debug)]
pub(super) struct Finishing {
    pub(super) jobs: JobThreads,
    pub(super) hooks: Option<HookThreads>,
    pub(super) time: Duration,
}

impl Running {
    /// The address that the server listens on, with its actual port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a browser: `https://…` with TLS, else `http://…`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Reloads the certificate, if there is TLS. New connections use it; open ones continue unchanged.
    ///
    /// # Errors
    /// [`TlsError`] if it cannot be used; then the old one stays.
    pub fn reload_certificate(&self) -> Result<(), TlsError> {
        self.certificate.as_ref().map_or(Ok(()), |certificate| certificate.reload())
    }

    /// Replaces the banned networks and accounts of the configuration. Players who are banned now lose their seats; the bans of
    /// operators stay.
    pub fn set_banned(&self, banned: &[BanTarget]) {
        self.lobby.bans().configure(banned);
    }

    /// Reloads the certificate, the keys and the bans, and logs the outcome.
    pub(super) fn reload(&self, sources: &Sources) {
        match sources.load() {
            Ok(config) => {
                let banned = config.limits.banned;
                self.set_banned(&banned);
                tracing::info!(networks_and_accounts = banned.len(), "limits.banned was reloaded");
            }
            Err(error) => tracing::error!(%error, "limits.banned was not reloaded; the old bans stay"),
        }
        match self.reload_certificate() {
            Ok(()) if self.certificate.is_some() => tracing::info!("the certificate was reloaded"),
            Ok(()) => tracing::info!("there is no certificate to reload"),
            Err(error) => {
                tracing::error!(%error, "the certificate was not reloaded; the old one stays in use");
            }
        }
        match self.reload_keys() {
            Ok(()) if self.auth.has_keys() => tracing::info!("the keys for tokens were reloaded"),
            Ok(()) => tracing::info!("there are no keys for tokens to reload"),
            Err(error) => {
                tracing::error!(%error, "the keys for tokens were not reloaded; the old ones stay in use");
            }
        }
    }

    /// All rooms and the counters, as the overview of the admin API has them.
    #[must_use]
    pub fn listing(&self) -> Listing {
        self.lobby.listing()
    }

    /// Reloads the keys for checking players' tokens.
    ///
    /// # Errors
    /// [`KeyError`] if they cannot be used; then the old ones stay.
    pub fn reload_keys(&self) -> Result<(), KeyError> {
        self.auth.reload()
    }

    /// Admits nobody any more, and lets the rooms end: each when its game ends it or it is empty, at the latest after `time`. If
    /// a drain is under way already, this moves its deadline.
    pub fn drain(&self, time: Duration) {
        self.lobby.drain().begin(time, Instant::now());
    }

    /// Returns true if all rooms have ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lobby.is_empty()
    }

    /// Sends a command to a room, which carries it out at its next tick.
    ///
    /// # Errors
    /// [`Refusal`] if there is no such room, or too many commands wait there.
    pub fn command(&self, room: &str, command: OperatorCommand) -> Result<(), Refusal> {
        self.lobby.command(room, command)
    }

    /// Open connections, players' and others. A held seat counts as one.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.admission.connections()
    }

    /// Closes all connections and waits for the server's threads, for the jobs with which games save their state, and for hooks.
    pub fn stop(mut self) {
        self.end();
        for thread in std::mem::take(&mut self.threads) {
            if thread.join().is_err() {
                tracing::error!("a thread of the server has panicked");
            }
        }
        self.lobby.events().close();
        if let Some(Finishing { jobs, hooks, time }) = self.finishing.take() {
            jobs.finish(time);
            if let Some(hooks) = hooks {
                hooks.finish(time);
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
