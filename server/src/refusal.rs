//! Why a client is not let in.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use drumline_room::NameError;
use serde::Serialize;
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use thiserror::Error;

use crate::tickets::BadTicket;

/// After how many seconds to try again where nobody knows.
const RETRY_SECONDS: u64 = 10;

/// A join is refused before the upgrade.
#[derive(Debug, Clone, PartialEq, Eq, Error, EnumDiscriminants)]
#[strum_discriminants(
    name(RefusalCause),
    derive(EnumIter, IntoStaticStr),
    strum(serialize_all = "snake_case"),
    doc = "A [`Refusal`] without its particulars."
)]
pub enum Refusal {
    /// No such game here.
    #[error("there is no game `{0}` here")]
    UnknownGame(String),
    /// No such room.
    #[error(
        "there is no room `{0}` of this game; to join any, leave `room` out, or a new one, pass `room=new`"
    )]
    UnknownRoom(String),
    /// All seats are taken.
    #[error("room `{0}` is full")]
    RoomFull(String),
    /// The room takes no more players.
    #[error("room `{0}` takes no more players")]
    RoomLocked(String),
    /// No private room has the code.
    #[error("there is no room with this code; it may have ended")]
    UnknownCode,
    /// No room of the kind has a free place, and none is to be opened.
    #[error("no such room has a free place")]
    NoRoomFree,
    /// There is no such mode, or not with these options.
    #[error("{0}")]
    BadOptions(String),
    /// The server cannot open another room.
    #[error("the server has no place for another room")]
    ServerFull,
    /// The name is not allowed.
    #[error(transparent)]
    BadName(#[from] NameError),
    /// The client was made for another schema.
    #[error("the client was made for schema {client}, the server has {server:016x}")]
    SchemaMismatch {
        /// As the client wrote it.
        client: String,
        /// The game's schema hash.
        server: u64,
    },
    /// The session's token is not good, or no longer.
    #[error("there is no such session of this game, or it has ended")]
    UnknownSession,
    /// The ticket is not good, or no longer.
    #[error(transparent)]
    BadTicket(#[from] BadTicket),
    /// A seat is had with a ticket alone.
    #[error("this server lets in who has a ticket: ask for one with POST /api/join")]
    TicketRequired,
    /// Too many tickets are out.
    #[error("too many seats wait for their tickets; try again")]
    TooManyTickets,
    /// Who somebody is, is not known.
    #[error("{0}")]
    Unauthenticated(String),
    /// As many are coming back to the room at once as it can take.
    #[error("too many players are coming back to room `{0}` at once; try again")]
    TooManyResumes(String),
    /// The room has not carried out earlier orders yet.
    #[error("room `{0}` has not carried out earlier orders yet; try again")]
    TooManyOrders(String),
    /// The server is about to stop.
    #[error("the server is about to stop and lets nobody in any more")]
    Draining,
    /// The server has more to do than it has time for.
    #[error("the server has more to do than it has time for; try again")]
    Overloaded,
    /// As many look on in a room as can.
    #[error("room `{0}` has as many spectators as it can have")]
    TooManySpectators(String),
    /// The path or the query string cannot be read.
    #[error("the address cannot be read: {0}")]
    BadQuery(String),
    /// The body cannot be read.
    #[error("the body cannot be read: {0}")]
    BadBody(String),
    /// The body is too long.
    #[error("the body is too long")]
    BodyTooLarge,
    /// The request is not a WebSocket handshake.
    #[error("this address takes WebSocket connections")]
    UpgradeRequired,
    /// The client's address asks for too much; it may again after so many seconds.
    #[error("too many requests from your network; try again in {0} s")]
    TooManyRequests(u64),
    /// The client's address joins too often; it may again after so many seconds.
    #[error("too many joins from your network; try again in {0} s")]
    TooManyJoins(u64),
    /// As many rooms have been opened for the client's address as it may have.
    #[error("too many rooms are open for your network; join one of them")]
    TooManyRooms,
    /// The client's address has as many connections as it may.
    #[error("too many connections from your network")]
    TooManyConnections,
    /// The server has as many connections as it can have.
    #[error("the server has as many connections as it can have")]
    AllConnectionsTaken,
    /// The connection had no request in time.
    #[error("there was no request in time")]
    HandshakeTimeout,
    /// The handshake of TLS failed.
    #[error("the handshake of TLS failed")]
    TlsHandshake,
    /// The connection ended without a request.
    #[error("the connection ended without a request")]
    NoRequest,
    /// What came over the connection is no HTTP.
    #[error("this is no HTTP request")]
    BadRequest,
    /// The request's head is too long.
    #[error("the request's head is too long")]
    HeadTooBig,
    /// The request did not come in time.
    #[error("the request took too long")]
    RequestTimeout,
    /// The page that the client is part of may not come here.
    #[error("pages of `{0}` may not use this server; its operator can allow them by `limits.origins`")]
    WrongOrigin(String),
    /// The client does not speak this protocol.
    #[error("the client must offer the WebSocket subprotocol `drumline.1`")]
    WrongSubprotocol,
}

impl Refusal {
    /// No room has this id.
    #[must_use]
    pub fn unknown_room(id: &str) -> Self {
        Self::UnknownRoom(id.chars().take(32).collect())
    }

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
            | Self::SchemaMismatch { .. } => StatusCode::CONFLICT,
            Self::ServerFull
            | Self::TooManyResumes(_)
            | Self::TooManyOrders(_)
            | Self::TooManyTickets
            | Self::Draining
            | Self::Overloaded
            | Self::TooManyConnections
            | Self::AllConnectionsTaken => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyRequests(_) | Self::TooManyJoins(_) | Self::TooManyRooms => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::RequestTimeout | Self::HandshakeTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::HeadTooBig => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnknownSession | Self::WrongOrigin(_) | Self::BadTicket(_) | Self::TicketRequired => {
                StatusCode::FORBIDDEN
            }
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRequest
            | Self::TlsHandshake
            | Self::BadRequest
            | Self::BadName(_)
            | Self::BadOptions(_)
            | Self::BadQuery(_)
            | Self::BadBody(_)
            | Self::WrongSubprotocol => StatusCode::BAD_REQUEST,
            Self::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
        }
    }

    /// After how many seconds the client may try again, where time helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(seconds) | Self::TooManyJoins(seconds) => Some(*seconds),
            _ => match self.status() {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_SECONDS),
                _ => None,
            },
        }
    }

    /// A name for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        RefusalCause::from(self).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Refused { error: self.name(), message: self.to_string() };
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UPGRADE_REQUIRED {
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The body of a refusal.
#[derive(Serialize)]
struct Refused {
    /// A name for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}
