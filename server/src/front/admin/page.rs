//! The dashboard's files.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::front::files::not_found;

/// The content security policy: the server's own scripts and styles alone, and no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page's files.
#[derive(RustEmbed)]
#[folder = "admin/"]
#[include = "*.html"]
#[include = "*.css"]
#[include = "*.js"]
struct Files;

/// `GET /admin`.
pub async fn index() -> Response {
    serve("index.html")
}

/// `GET /admin/{*file}`.
pub async fn file(Path(name): Path<String>) -> Response {
    serve(&name)
}

fn serve(name: &str) -> Response {
    let Some(file) = Files::get(name) else { return not_found() };
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let headers = [
        (header::CONTENT_TYPE, mime.as_ref()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, Body::from(file.data.into_owned())).into_response()
}
