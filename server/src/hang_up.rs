//! SIGHUP, by which services are told to read again what can change while they run.

use std::convert::Infallible;
use std::io;

/// The signal, which is caught from the time on when this is made.
#[derive(Debug)]
pub struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    /// Catches the signal. On a terminal it says that this is closed, and ends the program as ever, unless `reloads` is set.
    ///
    /// # Errors
    /// If the operating system refuses, or there is no runtime.
    #[cfg(unix)]
    pub fn catch(reloads: bool) -> io::Result<Self> {
        use std::io::IsTerminal;
        use tokio::signal::unix::{SignalKind, signal};
        let caught = reloads || !io::stdin().is_terminal();
        Ok(Self { signal: if caught { Some(signal(SignalKind::hangup())?) } else { None } })
    }

    /// There is no such signal here.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn catch(_reloads: bool) -> io::Result<Self> {
        Ok(Self {})
    }

    /// Does something each time that it comes.
    #[cfg(unix)]
    pub async fn each(&mut self, mut reload: impl FnMut()) -> Infallible {
        while let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            reload();
        }
        std::future::pending().await
    }

    /// Waits for what does not come.
    #[cfg(not(unix))]
    pub async fn each(&mut self, _reload: impl FnMut()) -> Infallible {
        std::future::pending().await
    }
}
