//! `GET /metrics`, for Prometheus.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use crate::net::peer::PeerAddr;

use super::files::not_found;
use super::state::Front;

/// The content type of Prometheus' text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`.
pub async fn scrape(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
) -> Response {
    if !front.metrics.enabled {
        return not_found();
    }
    if !front.metrics.admits(peer, &headers) {
        let body = json!({
            "error": "forbidden",
            "message": "metrics are for this machine, and for requests with the configured token",
        });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    }
    let text = front.lobby.metrics().text(&front.lobby.figures(front.connections()));
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}
