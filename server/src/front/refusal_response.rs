//! The HTTP answer to a [`Refusal`]: its status, its headers and its body.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::rooms::refusal::Refusal;

/// Seconds after which a client may try again, where the refusal names no time of its own.
const RETRY_SECONDS: u64 = 10;

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownGame(_) | Self::UnknownRoom(_) | Self::UnknownCode | Self::NoRoomFree => {
                StatusCode::NOT_FOUND
            }
            Self::RoomFull(_)
            | Self::TooManySpectators(_)
            | Self::RoomLocked(_)
            | Self::AlreadyHere(_)
            | Self::SchemaMismatch { .. } => StatusCode::CONFLICT,
            Self::ServerFull
            | Self::TooManyResumes(_)
            | Self::TooManyOrders(_)
            | Self::TooManyTickets
            | Self::AuthFailed
            | Self::Draining
            | Self::Overloaded
            | Self::TooManyConnections
            | Self::AllConnectionsTaken => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyRequests(_)
            | Self::TooManyHandshakes
            | Self::TooManyJoins(_)
            | Self::TooManyRooms => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTimeout | Self::HandshakeTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::HeadTooBig => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnknownSession
            | Self::WrongOrigin(_)
            | Self::BadTicket(_)
            | Self::TicketRequired
            | Self::NoSpectators
            | Self::Banned(_) => StatusCode::FORBIDDEN,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRequest
            | Self::TlsHandshake
            | Self::BadRequest
            | Self::BadHost
            | Self::BadName(_)
            | Self::BadOptions(_)
            | Self::BadJoinOptions(_)
            | Self::BadQuery(_)
            | Self::BadBody(_)
            | Self::WrongSubprotocol => StatusCode::BAD_REQUEST,
            Self::UnknownCoding => StatusCode::NOT_IMPLEMENTED,
            Self::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
        }
    }

    /// Seconds after which the client may try again; `None` if waiting does not help.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(seconds) | Self::TooManyJoins(seconds) => Some(*seconds),
            Self::Banned(banned) => banned.seconds_left,
            _ => match self.status() {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_SECONDS),
                _ => None,
            },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Refused { error: self.name(), message: self.to_string(), field: self.field() };
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The body of a refusal.
#[derive(Serialize)]
struct Refused<'a> {
    /// The refusal's name, for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
    /// The field of the request that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}
