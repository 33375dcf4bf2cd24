//! Whether the server admits players.

use serde::Serialize;

/// The answer of `GET /readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// True if the server admits players.
    pub ready: bool,
    /// The reason why not, or that it does.
    pub state: ReadyState,
    /// Seconds until the deadline of the drain; `None` if the server does not drain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// All shards.
    pub shards: usize,
    /// Overloaded shards: rooms are opened on the others.
    pub overloaded_shards: usize,
}

/// Whether the server admits players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadyState {
    /// It does.
    Ready,
    /// It is about to stop.
    Draining,
    /// All its shards are overloaded.
    Overloaded,
}

impl Readiness {
    /// The readiness of a server with these shards, and with this time until the deadline of its drain.
    #[must_use]
    pub fn new(seconds_left: Option<u64>, shards: usize, overloaded_shards: usize) -> Self {
        let state = match seconds_left {
            Some(_) => ReadyState::Draining,
            None if overloaded_shards == shards => ReadyState::Overloaded,
            None => ReadyState::Ready,
        };
        Self { ready: state == ReadyState::Ready, state, seconds_left, shards, overloaded_shards }
    }
}
