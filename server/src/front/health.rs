//! `GET /healthz`: whether the server is alive, and `GET /readyz`: whether it admits players.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::state::Front;

/// Seconds after which to ask again.
const RETRY_SECONDS: u64 = 5;

/// `GET /readyz`.
pub async fn ready(State(front): State<Front>) -> Response {
    let readiness = front.lobby.readiness();
    if readiness.ready {
        Json(readiness).into_response()
    } else {
        let retry = [(header::RETRY_AFTER, RETRY_SECONDS.to_string())];
        (StatusCode::SERVICE_UNAVAILABLE, retry, Json(readiness)).into_response()
    }
}

/// `GET /healthz`. An answer alone shows that the front is alive.
pub async fn alive(State(front): State<Front>) -> Response {
    match front.lobby.stuck_shard() {
        None => "ok\n".into_response(),
        Some(shard) => {
            let text = format!("shard {shard} is stuck: a game blocks it, or its thread has ended\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}
