//! Pages of other origins: the allowed ones may use the API and read its answers (CORS in the Fetch standard).

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::play_request::PROTOCOL_HEADER;
use crate::net::origin::check_origin;
use crate::rooms::limits::Limits;

/// The time for which a browser may cache the permission.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Admits the allowed origins, and no others.
pub fn layer(limits: &Arc<Limits>) -> CorsLayer {
    let limits = Arc::clone(limits);
    let is_allowed =
        move |_: &_, head: &axum::http::request::Parts| check_origin(&limits.origins, &head.headers).is_ok();
    let headers: [HeaderName; 3] = [header::CONTENT_TYPE, header::AUTHORIZATION, PROTOCOL_HEADER];
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers)
        .expose_headers([header::RETRY_AFTER])
        .max_age(MAX_AGE)
}
