//! The front: pages, the API, and the WebSocket handshake.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::admin::{self, Admin};
use crate::api;
use crate::auth::Authenticator;
use crate::cors;
use crate::files::{Files, not_found};
use crate::guards::Guards;
use crate::health;
use crate::join_api::{self, MAX_BODY_BYTES};
use crate::lobby::Lobby;
use crate::metrics::{MetricsConfig, scrape};
use crate::play::play;
use crate::tickets::Tickets;
use crate::tls::Certificate;

/// What the handlers share.
#[derive(Clone)]
pub struct Front {
    /// The rooms.
    pub lobby: Arc<Lobby>,
    /// What is reserved for those who have tickets.
    pub tickets: Arc<Tickets>,
    /// How it is found out who somebody is.
    pub auth: Arc<Authenticator>,
    /// Whether the operator wants tickets of all.
    pub require_ticket: bool,
    /// The pages and the client library.
    pub files: Arc<Files>,
    /// Who may read the metrics.
    pub metrics: Arc<MetricsConfig>,
    /// Who is let in.
    pub guards: Arc<Guards>,
    /// What connections are encrypted with, if they are to be.
    pub certificate: Option<Arc<Certificate>>,
    /// What the operators' part has for itself.
    pub admin: Arc<Admin>,
}

impl Front {
    /// Whether a seat is had with a ticket alone. Who somebody is, is asked where tickets are given.
    #[must_use]
    pub fn needs_ticket(&self) -> bool {
        self.require_ticket || !self.auth.is_anonymous()
    }

    /// Connections that are open, players' and others.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.guards.connections()
    }

    /// What is answered where.
    pub fn router(self) -> Router {
        let for_pages = Router::new()
            .route("/api/join", post(join_api::join))
            .route("/api/rooms", get(api::list_rooms).post(join_api::create))
            .route("/api/rooms/{id}", get(api::show_room).delete(admin::delete_room))
            .route("/play/{game}", get(play))
            .layer(cors::layer(self.guards.limits()));
        Router::new()
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(scrape))
            .merge(for_pages)
            .merge(admin::router(self.clone()))
            .fallback(serve_file)
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(self)
    }
}

/// The query of a page: more of it is the page's own business.
#[derive(Debug, Deserialize)]
struct PageQuery {
    /// The game to show.
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
