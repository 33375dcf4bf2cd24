//! SIGHUP, the signal to reload the certificate, keys and bans.

use std::convert::Infallible;
use std::io;

/// The reload signal, caught while this exists.
#[derive(Debug)]
pub struct ReloadSignal {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl ReloadSignal {
    /// Catches the signal. On a terminal it also means that the terminal has closed; there it still ends the program, unless the
    /// server `has_reloads`.
    ///
    /// # Errors
    /// If the operating system refuses, or there is no runtime.
    #[cfg(unix)]
    pub fn catch(has_reloads: bool) -> io::Result<Self> {
        use std::io::IsTerminal;
        use tokio::signal::unix::{SignalKind, signal};
        let caught = has_reloads || !io::stdin().is_terminal();
        Ok(Self { signal: if caught { Some(signal(SignalKind::hangup())?) } else { None } })
    }

    /// This system has no such signal.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn catch(_has_reloads: bool) -> io::Result<Self> {
        Ok(Self {})
    }

    /// Calls `reload` each time that the signal comes.
    #[cfg(unix)]
    pub async fn on_each(&mut self, mut reload: impl FnMut()) -> Infallible {
        while let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            reload();
        }
        std::future::pending().await
    }

    /// Waits for ever.
    #[cfg(not(unix))]
    pub async fn on_each(&mut self, _reload: impl FnMut()) -> Infallible {
        std::future::pending().await
    }
}
