//! Why an operator's request is not carried out, or is none.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use thiserror::Error;

use crate::orders::MAX_REASON_BYTES;
use crate::refusal::Refusal;

/// Characters of what is said of a body that cannot be read.
const MAX_WORDS: usize = 200;

/// A request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Denial {
    /// There is no token, and the request does not come from the server's own machine.
    #[error(
        "the dashboard is off: its operator can set `admin.token`, or, where no proxy stands before the server, open it \
         on the server's own machine"
    )]
    Off,
    /// The token is missing or wrong.
    #[error("this takes the operators' token, as `Authorization: Bearer …`")]
    NotAdmin,
    /// Too many wrong tokens came from this address.
    #[error("too many wrong tokens came from this address; try again in {0} s")]
    TooManyTries(u64),
    /// The body is not said to be JSON.
    #[error("the body must be JSON, with `Content-Type: application/json`")]
    NotJson,
    /// The body cannot be read.
    #[error("the body cannot be read: {0}")]
    BadBody(String),
    /// What a player is to be told is too long for a close frame.
    #[error("a reason has at most {MAX_REASON_BYTES} bytes and no control characters")]
    BadReason,
    /// Nobody has this seat.
    #[error("nobody has seat {0}")]
    UnknownPlayer(u16),
    /// There is nothing of this name.
    #[error("the API has nothing of this name")]
    UnknownPath,
    /// What any client would be told.
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

impl Denial {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Off => StatusCode::FORBIDDEN,
            Self::NotAdmin => StatusCode::UNAUTHORIZED,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BadBody(_) | Self::BadReason => StatusCode::BAD_REQUEST,
            Self::UnknownPlayer(_) | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::Refusal(refusal) => refusal.status(),
        }
    }

    /// A name for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Off => "admin_off",
            Self::NotAdmin => "not_admin",
            Self::TooManyTries(_) => "too_many_tries",
            Self::NotJson => "not_json",
            Self::BadBody(_) => "bad_body",
            Self::BadReason => "bad_reason",
            Self::UnknownPlayer(_) => "unknown_player",
            Self::UnknownPath => "unknown_path",
            Self::Refusal(refusal) => refusal.name(),
        }
    }
}

impl From<JsonRejection> for Denial {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::NotJson,
            other => Self::BadBody(other.body_text().chars().take(MAX_WORDS).collect()),
        }
    }
}

impl From<PathRejection> for Denial {
    fn from(_: PathRejection) -> Self {
        Self::UnknownPath
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        if let Self::Refusal(refusal) = self {
            return refusal.into_response();
        }
        let body = Denied { error: self.name(), message: self.to_string() };
        let mut response = (self.status(), Json(body)).into_response();
        let more = match self {
            Self::NotAdmin => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::TooManyTries(seconds) => Some((header::RETRY_AFTER, seconds.into())),
            _ => None,
        };
        response.headers_mut().extend(more);
        response
    }
}

/// The body.
#[derive(Serialize)]
struct Denied {
    /// A name for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}
