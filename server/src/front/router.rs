//! The routes of the server.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::runtime::Handle;

use crate::shard::contain_panic::contain_panic;

use super::admin;
use super::cors;
use super::files::not_found;
use super::handshake::play;
use super::health;
use super::join_api::{self, MAX_BODY_BYTES};
use super::metrics_page::scrape;
use super::own_routes;
use super::rooms_api;
use super::state::Front;

/// The router of a server, with its state, and an author's own routes.
///
/// # Errors
/// The words about a route of the author's that is one of the server's too.
pub fn router(front: Front, own: Vec<Router>, runtime: Handle) -> Result<Router, String> {
    let guards = own_routes::Guards { runtime, admission: Arc::clone(&front.admission) };
    let built_in = built_in(front);
    let merge = || {
        let guarded =
            own.into_iter().map(|own| own.layer(from_fn_with_state(guards.clone(), own_routes::guard)));
        guarded.fold(built_in, Router::merge).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
    };
    // The routes of a router cannot be asked for: it panics if two are the same.
    contain_panic(merge)
}

/// The server's own routes.
fn built_in(front: Front) -> Router {
    let for_pages = Router::new()
        .route("/api/join", post(join_api::join))
        .route("/api/rooms", get(rooms_api::list_rooms).post(join_api::create))
        .route("/api/rooms/{id}", get(rooms_api::show_room).delete(admin::api::delete_room))
        .route("/api/games", get(rooms_api::list_games))
        .route("/play/{game}", get(play))
        .layer(cors::layer(front.admission.limits()));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(scrape))
        .merge(for_pages)
        .merge(admin::router::router(front.clone()))
        .fallback(serve_file)
        .with_state(front)
}

/// The query of a page. The page itself reads the rest.
#[derive(Debug, Deserialize)]
struct PageQuery {
    /// The game whose page is served.
    game: Option<String>,
}

async fn serve_file(
    State(front): State<Front>,
    Query(query): Query<PageQuery>,
    request: Request,
) -> Response {
    let file = front.files.serve(request.method(), request.uri().path(), query.game.as_deref());
    file.unwrap_or_else(not_found)
}
