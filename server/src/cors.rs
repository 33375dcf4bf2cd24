//! Pages of other origins: which of them may ask for seats and rooms, and read what is answered (the Fetch standard's CORS).

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::entrance::OFFERS_AGAIN;
use crate::limits::Limits;
use crate::origin::check_origin;

/// For how long a browser remembers what it may do.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Lets the allowed origins in where pages may ask, and no others.
pub fn layer(limits: &Arc<Limits>) -> CorsLayer {
    let limits = Arc::clone(limits);
    let is_allowed =
        move |_: &_, head: &axum::http::request::Parts| check_origin(&limits.origins, &head.headers).is_ok();
    let headers: [HeaderName; 3] = [header::CONTENT_TYPE, header::AUTHORIZATION, OFFERS_AGAIN];
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers)
        .expose_headers([header::RETRY_AFTER])
        .max_age(MAX_AGE)
}
