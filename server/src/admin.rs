//! The operators' API, and the page that shows what it tells.

mod api;
mod denial;
mod guard;
mod overview;
mod page;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::config::{Config, Secret};
use crate::front::Front;
use crate::orders::Order;
use crate::peer::PeerAddr;

pub use api::delete_room;
pub use denial::Denial;
pub use guard::Guard;

/// Bytes of what an operator sends.
const MAX_BODY_BYTES: usize = 4096;

/// The settings of the dashboard and its API.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct AdminConfig {
    /// With what operators show that they are some. Without it they are let in on the server's own machine alone.
    #[serde(deserialize_with = "long_token")]
    pub token: Option<Secret>,
}

/// A token that nobody finds by trying.
fn long_token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    const MIN_BYTES: usize = 16;
    let token = Secret::deserialize(deserializer)?;
    if token.expose().len() < MIN_BYTES {
        return Err(D::Error::custom("expected at least 16 characters"));
    }
    Ok(Some(token))
}

/// What the operators' part of the front has for itself.
#[derive(Debug)]
pub struct Admin {
    /// Who is let in.
    pub guard: Guard,
    /// When the server started.
    pub started: Instant,
    /// How long a drain lasts, unless an operator says otherwise.
    pub drain: Duration,
}

impl Admin {
    /// The operators' part of a server that listens on an address.
    #[must_use]
    pub fn new(config: &Config, ip: IpAddr) -> Arc<Self> {
        let is_private = ip.to_canonical().is_loopback() && config.limits.trusted_proxies.is_empty();
        Arc::new(Self {
            guard: Guard::new(config.admin.token.clone(), is_private),
            started: Instant::now(),
            drain: config.drain.time(),
        })
    }
}

/// The routes, all behind the guard.
pub fn router(front: Front) -> Router<Front> {
    let api = Router::new()
        .route("/overview", get(api::overview))
        .route("/rooms/{id}", get(api::room))
        .route("/rooms/{id}/close", api::give(Order::Close))
        .route("/rooms/{id}/lock", api::give(Order::Lock(true)))
        .route("/rooms/{id}/unlock", api::give(Order::Lock(false)))
        .route("/rooms/{id}/watch", post(api::watch))
        .route("/rooms/{id}/players/{player}/kick", post(api::kick))
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

/// Lets operators through.
async fn admit(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match check(&front, peer, &request) {
        Ok(()) => next.run(request).await,
        Err(denial) => denial.into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a request is an operator's, and is meant.
///
/// # Errors
/// [`Denial`] says why not.
pub fn check(front: &Front, peer: PeerAddr, request: &Request) -> Result<(), Denial> {
    let headers = request.headers();
    front.admin.guard.check(peer, headers, Instant::now()).inspect_err(|denial| {
        tracing::warn!(peer = %peer.ip, path = request.uri().path(), cause = denial.name(), "no operator");
    })?;
    if request.method() == Method::GET {
        return Ok(());
    }
    Ok(front.guards.check_origin(headers)?)
}

/// The page itself holds no secret; but where there is nobody whom it could serve, it is not there.
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
