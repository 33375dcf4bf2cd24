//! The reasons for which a client is refused. Their HTTP answers are the front's.

use drumline_room::{JoinOptionsError, NameError};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use thiserror::Error;

use crate::net::origin::ForbiddenOrigin;

use super::bans::Banned;
use super::seats::bad_ticket::BadTicket;

/// The reason for which a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error, EnumDiscriminants)]
#[strum_discriminants(
    name(RefusalCause),
    derive(EnumIter, IntoStaticStr),
    strum(serialize_all = "snake_case"),
    doc = "A [`Refusal`] without its details: the label in metrics."
)]
pub enum Refusal {
    /// The server has no such game.
    #[error("this server has no game `{0}`")]
    UnknownGame(String),
    /// No room of the game has this id.
    #[error(
        "there is no room `{0}` of this game; to join any, leave `room` out, or a new one, pass `room=new`"
    )]
    UnknownRoom(String),
    /// All seats are taken.
    #[error("room `{0}` is full")]
    RoomFull(String),
    /// The room admits no more players.
    #[error("room `{0}` admits no more players")]
    RoomLocked(String),
    /// The player's account has a seat in the room already, with a connection.
    #[error("your account plays in room `{0}` already")]
    AlreadyHere(String),
    /// No private room has this code.
    #[error("there is no room with this code; it may have ended")]
    UnknownCode,
    /// No matching room has a free seat, and the client wants no new one.
    #[error("no such room has a free seat")]
    NoRoomFree,
    /// The game does not accept this mode with these options.
    #[error("{0}")]
    BadOptions(String),
    /// The client's join options are not those of the game.
    #[error(transparent)]
    BadJoinOptions(#[from] JoinOptionsError),
    /// The server cannot open another room.
    #[error("the server cannot open another room")]
    ServerFull,
    /// The name is not allowed.
    #[error(transparent)]
    BadName(#[from] NameError),
    /// The client was built for another schema.
    #[error("the client was built for schema {client}, the server has {server:016x}")]
    SchemaMismatch {
        /// The hash that the client sent.
        client: String,
        /// The game's schema hash.
        server: u64,
    },
    /// The session's token is not valid, or no longer.
    #[error("there is no such session of this game, or it has ended")]
    UnknownSession,
    /// The ticket is not valid, or no longer.
    #[error(transparent)]
    BadTicket(#[from] BadTicket),
    /// Players can only join with a ticket.
    #[error("this server requires a ticket: request one with POST /api/join")]
    TicketRequired,
    /// Too many tickets are unused.
    #[error("too many tickets are unused; try again")]
    TooManyTickets,
    /// The client's address or account is banned.
    #[error(transparent)]
    Banned(#[from] Banned),
    /// The client has not proved its identity.
    #[error("{0}")]
    Unauthenticated(String),
    /// The author's check of credentials has failed: it panicked, or took too long.
    #[error("your account cannot be checked now; try again")]
    AuthFailed,
    /// The room's queue of returning players is full.
    #[error("too many players are resuming in room `{0}` at once; try again")]
    TooManyResumes(String),
    /// The room's queue of operators' commands is full.
    #[error("room `{0}` has not carried out earlier commands yet; try again")]
    TooManyOrders(String),
    /// The server drains.
    #[error("the server is about to stop and admits no more players")]
    Draining,
    /// The server is overloaded.
    #[error("the server is overloaded; try again")]
    Overloaded,
    /// The room has no free place for a spectator.
    #[error("room `{0}` has no free place for a spectator")]
    TooManySpectators(String),
    /// The game or the operator lets nobody watch.
    #[error("nobody may watch rooms of this game")]
    NoSpectators,
    /// The path or the query string cannot be parsed.
    #[error("the address cannot be parsed: {0}")]
    BadQuery(String),
    /// The body cannot be parsed.
    #[error("the body cannot be parsed: {0}")]
    BadBody(String),
    /// The body is too long.
    #[error("the body is too long")]
    BodyTooLarge,
    /// The request is not a WebSocket handshake.
    #[error("this address accepts WebSocket connections")]
    UpgradeRequired,
    /// The client's address makes too many requests; it may try again after this many seconds.
    #[error("too many requests from your network; try again in {0} s")]
    TooManyRequests(u64),
    /// The client's address joins too often; it may try again after this many seconds.
    #[error("too many joins from your network; try again in {0} s")]
    TooManyJoins(u64),
    /// The room budget of the client's account or address is used up.
    #[error("too many rooms are open for your account or network; join one of them")]
    TooManyRooms,
    /// The connection quota of the client's address is used up.
    #[error("too many connections from your network")]
    TooManyConnections,
    /// All of the server's connection slots are taken.
    #[error("the server has as many connections as it can have")]
    AllConnectionsTaken,
    /// No request came in time.
    #[error("there was no request in time")]
    HandshakeTimeout,
    /// The client's address makes too many TLS handshakes.
    #[error("too many TLS handshakes from your network")]
    TooManyHandshakes,
    /// The TLS handshake failed.
    #[error("the TLS handshake failed")]
    TlsHandshake,
    /// The connection ended without a request.
    #[error("the connection ended without a request")]
    NoRequest,
    /// The connection's bytes are not HTTP.
    #[error("this is not an HTTP request")]
    BadRequest,
    /// The request names no host, several, or one that is none.
    #[error("a request needs one `Host` header with the server's name")]
    BadHost,
    /// The body has a transfer coding that the server does not know.
    #[error("the only transfer coding of a body is `chunked`")]
    UnknownCoding,
    /// The request's head is too long.
    #[error("the request's head is too long")]
    HeadTooBig,
    /// The request did not come in time.
    #[error("the request took too long")]
    RequestTimeout,
    /// The client's page may not use this server.
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

    /// The field of the request that is at fault; `None` if there is none.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::BadJoinOptions(error) => Some(&error.field),
            _ => None,
        }
    }

    /// The name in the API, in metrics and in logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        RefusalCause::from(self).into()
    }
}

impl From<ForbiddenOrigin> for Refusal {
    fn from(ForbiddenOrigin(origin): ForbiddenOrigin) -> Self {
        Self::WrongOrigin(origin)
    }
}
