//! The routes of the server.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::admin;
use super::cors;
use super::files::not_found;
use super::handshake::play;
use super::health;
use super::join_api::{self, MAX_BODY_BYTES};
use super::metrics_page::scrape;
use super::rooms_api;
use super::state::Front;

/// The router of a server, with its state.
pub fn router(front: Front) -> Router {
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
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
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
