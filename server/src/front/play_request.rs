//! The request that a client makes at `/play/{game}`: to join, to use a ticket, or to resume.
//!
//! Tickets and session tokens come among the WebSocket subprotocols: browsers can set no other header of a handshake, and
//! addresses get into the logs of proxies. A page that asks why its handshake failed may not set that header either, so it
//! sends the same in `Drumline-Protocol`.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, header};
use drumline_room::{GameSpec, Joiner};
use drumline_shared::wire::control::SUBPROTOCOL;
use serde::Deserialize;
use serde_json::Value;

use crate::lobby::Lobby;
use crate::net::peer::PeerAddr;
use crate::net::pending_connection::PendingConnection;
use crate::rooms::refusal::Refusal;
use crate::rooms::request::{RoomChoice, RoomRequest, account_of};
use crate::rooms::seats::reservation::{ResumeReservation, SeatReservation, SpectatorReservation};
use crate::rooms::seats::seat::Claimed;
use crate::rooms::seats::session_tokens::SessionClaims;
use crate::rooms::seats::tickets::{TicketGrant, TicketTarget};

use super::admission::Errand;
use super::auth::Authenticator;
use super::state::Front;

/// The prefixes of a ticket and of a session token among the offered subprotocols.
const TICKET_PREFIX: &str = "drumline.ticket.";
const SESSION_PREFIX: &str = "drumline.session.";
/// The header for the same in a plain GET, where pages cannot set that of subprotocols.
pub const PROTOCOL_HEADER: HeaderName = HeaderName::from_static("drumline-protocol");

/// The query of `/play/{game}`. It may hold a ticket or a session token, so it has no `Debug` form.
#[derive(Deserialize)]
pub struct PlayQuery {
    room: Option<String>,
    name: Option<String>,
    /// The schema hash that the client was built for, 16 hexadecimal digits.
    schema: Option<String>,
    /// A ticket.
    ticket: Option<String>,
    /// The token of the session to be resumed.
    session: Option<String>,
    /// The tick of the client's mirror, if it can continue from one. A value that is not a number counts as none.
    tick: Option<String>,
}

/// The subprotocols that a client offers, with the ticket or token among them.
#[derive(Default)]
pub struct OfferedProtocols<'a> {
    /// True if the client speaks this protocol.
    pub speaks_drumline: bool,
    ticket: Option<&'a str>,
    session: Option<&'a str>,
}

/// A request at `/play/{game}`.
pub enum PlayRequest {
    /// Join a room.
    Join {
        /// The room.
        room: RoomRequest,
        /// The player; the name is checked.
        joiner: Joiner,
    },
    /// Use a ticket.
    Ticket {
        /// The ticket.
        text: String,
        /// The room that the address names, if any.
        room: Option<String>,
    },
    /// Resume a session.
    Resume {
        /// The claims of the session's token; `None` if it is not one of this server's.
        token: Option<SessionClaims>,
        /// The tick of the client's mirror; `None` if the client needs a keyframe.
        mirror_tick: Option<u32>,
    },
}

/// The place that a request has reserved. Dropping it frees the place.
pub enum Reservation {
    /// A player's seat.
    Seat {
        /// The seat.
        seat: SeatReservation,
        /// The player.
        joiner: Joiner,
    },
    /// A spectator's place.
    Spectator(SpectatorReservation),
    /// The way back to a player's own seat.
    Resume(ResumeReservation),
}

impl<'a> OfferedProtocols<'a> {
    /// The protocols in the head of a request.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        let mut offers = Self::default();
        for name in [header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL_HEADER] {
            let texts = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok());
            for offer in texts.flat_map(|text| text.split(',')).map(str::trim) {
                if offer == SUBPROTOCOL {
                    offers.speaks_drumline |= name == header::SEC_WEBSOCKET_PROTOCOL;
                } else if let Some(ticket) = offer.strip_prefix(TICKET_PREFIX) {
                    offers.ticket.get_or_insert(ticket);
                } else if let Some(session) = offer.strip_prefix(SESSION_PREFIX) {
                    offers.session.get_or_insert(session);
                }
            }
        }
        offers
    }
}

impl PlayRequest {
    /// Parses a request for a game.
    ///
    /// # Errors
    /// [`Refusal`] if it is not valid.
    pub fn new(
        front: &Front,
        spec: &GameSpec,
        query: PlayQuery,
        headers: &HeaderMap,
        peer: PeerAddr,
    ) -> Result<Self, Refusal> {
        let offers = OfferedProtocols::of(headers);
        let session = offers.session.map(str::to_owned).or(query.session);
        let ticket = offers.ticket.map(str::to_owned).or(query.ticket);
        let request = if let Some(session) = session {
            let mirror_tick = query.tick.and_then(|tick| tick.parse().ok());
            Self::Resume { token: front.lobby.tokens().verify(&session), mirror_tick }
        } else if let Some(text) = ticket {
            Self::Ticket { text, room: query.room }
        } else if front.requires_ticket() {
            return Err(Refusal::TicketRequired);
        } else {
            let options = spec.read_join_options(&Value::Null)?;
            let joiner = Joiner { options, ..Authenticator::anonymous(query.name.as_deref())? };
            let choice = query.room.map_or(RoomChoice::Any, RoomChoice::named);
            let account = account_of(&joiner);
            let opener = front.admission.opener(peer, account.as_deref());
            let room = RoomRequest { opener, account, ..choice.into() };
            Self::Join { room, joiner }
        };
        check_schema(spec, query.schema.as_deref())?;
        Ok(request)
    }

    /// The purpose of the connection.
    #[must_use]
    pub fn errand(&self) -> Errand {
        match self {
            Self::Join { .. } | Self::Ticket { .. } => Errand::Join,
            Self::Resume { .. } => Errand::Resume,
        }
    }

    /// The player, if this request says who joins.
    #[must_use]
    pub fn joiner(&self) -> Option<&Joiner> {
        match self {
            Self::Join { joiner, .. } => Some(joiner),
            Self::Ticket { .. } | Self::Resume { .. } => None,
        }
    }

    /// Checks that a place could be reserved now, without reserving one.
    ///
    /// # Errors
    /// [`Refusal`] if not.
    pub fn check(&self, front: &Front, spec: &GameSpec) -> Result<(), Refusal> {
        match self {
            Self::Join { room, .. } => front.lobby.check(spec, room),
            Self::Ticket { text, room } => {
                let target = TicketTarget { game: spec.name, room: room.as_deref() };
                front.lobby.check_open()?;
                Ok(front.tickets.check(text, target, Instant::now())?)
            }
            Self::Resume { token, .. } => {
                let token = token.as_ref().ok_or(Refusal::UnknownSession)?;
                front.lobby.room_of_session(spec.name, token).map(drop)
            }
        }
    }

    /// Reserves a place.
    ///
    /// # Errors
    /// [`Refusal`] if there is none.
    pub fn reserve(self, front: &Front, spec: &Arc<GameSpec>) -> Result<Reservation, Refusal> {
        Ok(match self {
            Self::Join { room, joiner } => Reservation::of(front, front.lobby.reserve(spec, &room)?, joiner)?,
            Self::Ticket { text, room } => {
                let target = TicketTarget { game: spec.name, room: room.as_deref() };
                front.lobby.check_open()?;
                match front.tickets.take(&text, target, Instant::now())? {
                    TicketGrant::Player { seat, joiner } => Reservation::of(front, seat, joiner)?,
                    TicketGrant::Spectator(place) => Reservation::Spectator(place),
                }
            }
            Self::Resume { token, mirror_tick } => {
                let token = token.ok_or(Refusal::UnknownSession)?;
                let room = front.lobby.room_of_session(spec.name, &token)?;
                Reservation::Resume(ResumeReservation::by_token(&room, token, mirror_tick)?)
            }
        })
    }
}

impl Reservation {
    /// The reservation of a seat: a new player's, or the way back if the seat has been claimed before.
    fn of(front: &Front, seat: SeatReservation, joiner: Joiner) -> Result<Self, Refusal> {
        if seat.claim() == Claimed::First {
            Ok(Self::Seat { seat, joiner })
        } else {
            // Two tickets can be for one seat of an account.
            seat.check(front.lobby.same_account())?;
            Ok(Self::Resume(ResumeReservation::by_account(seat, joiner)?))
        }
    }

    /// Passes the client's connection to the room.
    pub fn send(self, connection: PendingConnection, lobby: &Lobby) {
        let sent = match self {
            Self::Seat { seat, joiner } => seat.send(connection, joiner),
            Self::Spectator(place) => place.send(connection),
            Self::Resume(place) => {
                place.send(connection);
                Ok(())
            }
        };
        if let Err(undeliverable) = sent {
            lobby.close_undeliverable(undeliverable);
        }
    }
}

/// Checks that a client was built for a game's schema, if it names one.
///
/// # Errors
/// [`Refusal::SchemaMismatch`].
pub fn check_schema(spec: &GameSpec, client: Option<&str>) -> Result<(), Refusal> {
    match client {
        Some(client) if u64::from_str_radix(client, 16) != Ok(spec.schema_hash) => {
            let client = client.chars().take(32).collect();
            Err(Refusal::SchemaMismatch { client, server: spec.schema_hash })
        }
        _ => Ok(()),
    }
}
