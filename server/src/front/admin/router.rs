//! The routes of the admin API and of the dashboard.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};

use crate::front::state::Front;
use crate::net::peer::PeerAddr;
use crate::rooms::operator_command::OperatorCommand;

use super::authorize::authorize;
use super::denial::Denial;
use super::{api, bans, page};

/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 4096;

/// The routes, all behind the check for operators.
pub fn router(front: Front) -> Router<Front> {
    let api = Router::new()
        .route("/overview", get(api::overview))
        .route("/rooms/{id}", get(api::room))
        .route("/rooms/{id}/close", api::command(OperatorCommand::Close))
        .route("/rooms/{id}/lock", api::command(OperatorCommand::Lock(true)))
        .route("/rooms/{id}/unlock", api::command(OperatorCommand::Lock(false)))
        .route("/rooms/{id}/watch", post(api::watch))
        .route("/rooms/{id}/players/{player}/kick", post(api::kick))
        .route("/bans", get(bans::list).post(bans::add))
        .route("/bans/lift", post(bans::lift))
        .route("/drain", post(api::drain))
        .fallback(async || Denial::UnknownPath)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(front.clone(), admit));
    let pages = Router::new()
        .route("/admin", get(page::index))
        .route("/admin/{*file}", get(page::file))
        .layer(middleware::from_fn_with_state(front, admit_to_page));
    Router::new().nest("/api/admin", api).merge(pages)
}

/// Passes the requests of operators on.
async fn admit(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match authorize(&front, peer, &request) {
        Ok(()) => next.run(request).await,
        Err(denial) => denial.into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Serves the dashboard where an operator could use it. The page itself holds no secret.
async fn admit_to_page(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    request: Request,
    next: Next,
) -> Response {
    if front.admin.guard.has_page(peer, request.headers()) {
        next.run(request).await
    } else {
        Denial::Off.into_response()
    }
}
