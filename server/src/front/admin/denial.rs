//! The reasons for which a request to the admin API is denied.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use thiserror::Error;

use crate::rooms::operator_command::MAX_REASON_BYTES;
use crate::rooms::refusal::Refusal;

/// The most characters of the error about a body that cannot be parsed.
const MAX_ERROR_CHARS: usize = 200;

/// The reason for which a request is denied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Denial {
    /// No token is configured, and the request does not come from the server's own machine.
    #[error(
        "the dashboard is off: the operator can set `admin.token` or, without a proxy in front of the server, open it on the \
         server's own machine"
    )]
    Off,
    /// The token is missing or wrong.
    #[error("this requires the operators' token, as `Authorization: Bearer …`")]
    NotAdmin,
    /// Too many wrong tokens came from this address.
    #[error("too many wrong tokens came from this address; try again in {0} s")]
    TooManyTries(u64),
    /// The body's content type is not JSON.
    #[error("the body must be JSON, with `Content-Type: application/json`")]
    NotJson,
    /// The body cannot be parsed.
    #[error("the body cannot be parsed: {0}")]
    BadBody(String),
    /// The reason of a kick or a ban does not fit a close frame.
    #[error("a reason has at most {MAX_REASON_BYTES} bytes and no control characters")]
    BadReason,
    /// No player has this seat.
    #[error("no player has seat {0}")]
    UnknownPlayer(u32),
    /// Nothing of this name is banned.
    #[error("this is not banned")]
    UnknownBan,
    /// As many bans are in force as there can be.
    #[error("too many bans are in force; lift some, or ban networks")]
    TooManyBans,
    /// The API has no such path.
    #[error("the API has no such path")]
    UnknownPath,
    /// A refusal that any client would get.
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
            Self::UnknownPlayer(_) | Self::UnknownBan | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::TooManyBans => StatusCode::CONFLICT,
            Self::Refusal(refusal) => refusal.status(),
        }
    }

    /// The name, for programs.
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
            Self::UnknownBan => "unknown_ban",
            Self::TooManyBans => "too_many_bans",
            Self::UnknownPath => "unknown_path",
            Self::Refusal(refusal) => refusal.name(),
        }
    }
}

impl From<JsonRejection> for Denial {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::NotJson,
            other => Self::BadBody(other.body_text().chars().take(MAX_ERROR_CHARS).collect()),
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
    /// The name, for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}
