//! Whether the server is alive, and whether it takes players.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::front::Front;
use crate::lobby::Lobby;

/// After how many seconds one who asks might ask again.
const RETRY_SECONDS: u64 = 5;

/// What `GET /readyz` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether the server takes players.
    pub ready: bool,
    /// Why not, or that it does.
    pub state: ReadyState,
    /// For how many seconds rooms may go on, if it drains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// Shards in all.
    pub shards: usize,
    /// Shards that have more to do than they have time for: rooms are opened on the others.
    pub overloaded_shards: usize,
}

/// Whether the server takes players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadyState {
    /// It does.
    Ready,
    /// It is about to stop.
    Draining,
    /// It has more to do than it has time for.
    Overloaded,
}

impl Readiness {
    /// That of a lobby.
    #[must_use]
    pub fn of(lobby: &Lobby) -> Self {
        let shards = lobby.overloaded_shards().count();
        let overloaded_shards = lobby.overloaded_shards().filter(|is_overloaded| *is_overloaded).count();
        let seconds_left = lobby.drain().seconds_left();
        let state = match seconds_left {
            Some(_) => ReadyState::Draining,
            None if overloaded_shards == shards => ReadyState::Overloaded,
            None => ReadyState::Ready,
        };
        Self { ready: state == ReadyState::Ready, state, seconds_left, shards, overloaded_shards }
    }
}

/// `GET /readyz`.
pub async fn ready(State(front): State<Front>) -> Response {
    let readiness = Readiness::of(&front.lobby);
    if readiness.ready {
        Json(readiness).into_response()
    } else {
        let retry = [(header::RETRY_AFTER, RETRY_SECONDS.to_string())];
        (StatusCode::SERVICE_UNAVAILABLE, retry, Json(readiness)).into_response()
    }
}

/// `GET /healthz`: that it answers at all shows that the front is alive.
pub async fn alive(State(front): State<Front>) -> Response {
    match front.lobby.stuck_shard() {
        None => "ok\n".into_response(),
        Some(shard) => {
            let text =
                format!("shard {shard} does not get on: a game holds it up, or its thread has ended\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}
