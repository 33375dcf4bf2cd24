//! The files that the server carries with it: the game's page and the client library.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

/// The client library, the very files of the npm package.
#[derive(RustEmbed)]
#[folder = "../client/src/"]
struct Client;

/// Finds an embedded file.
type Find = fn(&str) -> Option<rust_embed::EmbeddedFile>;

/// The files to serve.
#[derive(Debug, Default)]
pub struct Files {
    page: Option<Find>,
}

impl Files {
    /// Serves a page's files from the root.
    pub fn set_page<P: RustEmbed>(&mut self) {
        self.page = Some(P::get);
    }

    /// The response for a path, if there is such a file.
    #[must_use]
    pub fn serve(&self, method: &Method, path: &str) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Some(StatusCode::METHOD_NOT_ALLOWED.into_response());
        }
        let path = path.strip_prefix('/')?;
        let (find, name): (Find, _) = match path.strip_prefix("client/") {
            Some(name) => (Client::get, name),
            None => (self.page?, if path.is_empty() { "index.html" } else { path }),
        };
        let data: Cow<'static, [u8]> = find(name)?.data;
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let headers = [
            (header::CONTENT_TYPE, mime.as_ref()),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:",
            ),
        ];
        Some((headers, Body::from(data.into_owned())).into_response())
    }
}

/// The response where there is nothing.
#[must_use]
pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here\n").into_response()
}
