//! An author's own routes beside the rooms.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;

use crate::shard::jobs::Cancelled;

use super::admission::Admission;

/// The things that stand before the routes.
#[derive(Clone)]
pub struct Guards {
    /// The runtime of the routes: joins and pages need not wait for a handler that blocks.
    pub runtime: Handle,
    /// The limits.
    pub admission: Arc<Admission>,
}

/// Passes a request to the author's routes, unless a page of another origin would change something by it. All requests have
/// passed the limits on connections, requests and heads already.
pub async fn guard(State(guards): State<Guards>, request: Request, next: Next) -> Response {
    if !request.method().is_safe()
        && let Err(refusal) = guards.admission.check_origin(request.headers())
    {
        return refusal.into_response();
    }
    let path = request.uri().path().to_owned();
    let answer = guards.runtime.spawn(next.run(request));
    match Cancelled::when_dropped(answer).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(path, %error, "a route of the author's has failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "the server has failed to answer\n").into_response()
        }
    }
}
