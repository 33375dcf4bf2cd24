//! Why a bot cannot join or resume.

use std::io;
use std::time::Duration;

use thiserror::Error;
use tokio_tungstenite::tungstenite::Error as WsError;

/// A bot cannot join or resume.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The URL is neither `ws://host:port` nor `wss://host:port`.
    #[error("`{0}` is not an address like ws://127.0.0.1:7777 or wss://localhost:7777")]
    BadUrl(String),
    /// The URL needs TLS, but no certificates to trust were given.
    #[error("wss needs --ca FILE with the certificates to trust")]
    NoTrust,
    /// The TLS handshake failed.
    #[error("the TLS handshake with {host} failed: {source}")]
    Tls {
        /// Host and port.
        host: String,
        /// The cause.
        source: io::Error,
    },
    /// The TCP connection failed.
    #[error("cannot connect to {host}: {source}; is the server running?")]
    Connect {
        /// Host and port.
        host: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The server refused the handshake.
    #[error("the server refused a bot: {status} {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body of the answer.
        body: String,
    },
    /// The connection broke, or is not a WebSocket.
    #[error("the handshake failed: {0}")]
    Handshake(#[from] Box<WsError>),
    /// The first message is not a welcome.
    #[error("the server's first message is not a welcome")]
    NoWelcome,
    /// A bot of another process met this error.
    #[error("{0}")]
    Elsewhere(String),
    /// No welcome arrived in time.
    #[error("no welcome within {} seconds", .0.as_secs())]
    TimedOut(Duration),
}

impl JoinError {
    /// The cause under which the error is counted: the error without what differs between bots.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::BadUrl(_) => "bad address".to_owned(),
            Self::NoTrust => "no trusted certificates".to_owned(),
            Self::Tls { .. } => "TLS failed".to_owned(),
            Self::Connect { source, .. } => format!("cannot connect: {source}"),
            Self::Refused { status, body } => {
                let answer: Option<serde_json::Value> = serde_json::from_str(body).ok();
                let name = answer.as_ref().and_then(|answer| answer.get("error")?.as_str());
                format!("{status} {}", name.unwrap_or("refused"))
            }
            Self::Handshake(_) => "the handshake failed".to_owned(),
            Self::NoWelcome | Self::TimedOut(_) | Self::Elsewhere(_) => self.to_string(),
        }
    }

    /// The error of a failed WebSocket handshake.
    pub(crate) fn from_handshake(error: WsError) -> Self {
        match error {
            WsError::Http(response) => Self::Refused {
                status: response.status().as_u16(),
                body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned(),
            },
            other => Self::Handshake(Box::new(other)),
        }
    }
}
