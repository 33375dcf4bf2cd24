//! What a client asks for at `/play/{game}`, and the place that it is given.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, header};
use drumline_room::{GameSpec, Joiner};
use drumline_shared::messages::SUBPROTOCOL;
use drumline_shared::session::SessionToken;
use serde::Deserialize;

use crate::arrival::{Arrival, Joining};
use crate::front::Front;
use crate::lobby::{RoomChoice, RoomWish, Seat};
use crate::peer::PeerAddr;
use crate::refusal::Refusal;
use crate::sessions::WayBack;
use crate::spectators::WatchPlace;
use crate::tickets::{Door, Pass};

/// What stands before a ticket, or a session's token, among the subprotocols that a client offers.
const TICKET_OFFER: &str = "drumline.ticket.";
const SESSION_OFFER: &str = "drumline.session.";
/// The header for the same where no page may set the handshake's own: of who asks again why a handshake failed.
pub const OFFERS_AGAIN: HeaderName = HeaderName::from_static("drumline-protocol");

/// The query of `/play/{game}`. It may hold a ticket or a session's token, so it has no form for logs.
#[derive(Deserialize)]
pub struct PlayQuery {
    room: Option<String>,
    name: Option<String>,
    /// The schema hash that the client was made for, 16 hexadecimal digits.
    schema: Option<String>,
    /// A ticket.
    ticket: Option<String>,
    /// The token of the session to be resumed.
    session: Option<String>,
    /// The tick of the client's mirror, if it has one to go on from. What cannot be read is none.
    tick: Option<String>,
}

/// The subprotocols that a client offers. Tickets and tokens stand among them, where no log shows them.
#[derive(Default)]
pub struct Offers<'a> {
    /// Whether it speaks this protocol.
    pub speaks_drumline: bool,
    ticket: Option<&'a str>,
    session: Option<&'a str>,
}

/// What a client asks for.
pub enum Entrance {
    /// A seat in a room.
    Join {
        /// Which room.
        wish: RoomWish,
        /// Who asks; the name is checked.
        joiner: Joiner,
    },
    /// What a ticket is for.
    Ticket {
        /// The ticket.
        text: String,
        /// The room that the address names.
        room: Option<String>,
    },
    /// Their own seat.
    Resume {
        /// The session's token, if it can be one.
        token: Option<SessionToken>,
        /// The tick of the client's mirror, if it has one to go on from.
        mirror_tick: Option<u32>,
    },
}

/// The place that a client is given. If nothing comes of it, it is free again.
pub enum Place {
    /// A seat, for a player.
    Seat(Seat, Joiner),
    /// A spectator's.
    Watch(WatchPlace),
    /// The way back to their own, with a mirror of a tick.
    WayBack(WayBack, Option<u32>),
}

impl<'a> Offers<'a> {
    /// What stands in the head of a request.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        let mut offers = Self::default();
        for name in [header::SEC_WEBSOCKET_PROTOCOL, OFFERS_AGAIN] {
            let texts = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok());
            for offer in texts.flat_map(|text| text.split(',')).map(str::trim) {
                if offer == SUBPROTOCOL {
                    offers.speaks_drumline |= name == header::SEC_WEBSOCKET_PROTOCOL;
                } else if let Some(ticket) = offer.strip_prefix(TICKET_OFFER) {
                    offers.ticket.get_or_insert(ticket);
                } else if let Some(session) = offer.strip_prefix(SESSION_OFFER) {
                    offers.session.get_or_insert(session);
                }
            }
        }
        offers
    }
}

impl Entrance {
    /// What a request asks of a game.
    ///
    /// # Errors
    /// [`Refusal`] says what is wrong with it.
    pub fn new(
        front: &Front,
        spec: &GameSpec,
        query: PlayQuery,
        headers: &HeaderMap,
        peer: PeerAddr,
    ) -> Result<Self, Refusal> {
        let offers = Offers::of(headers);
        let session = offers.session.map(str::to_owned).or(query.session);
        let ticket = offers.ticket.map(str::to_owned).or(query.ticket);
        let entrance = if let Some(session) = session {
            let mirror_tick = query.tick.and_then(|tick| tick.parse().ok());
            Self::Resume { token: session.parse().ok(), mirror_tick }
        } else if let Some(text) = ticket {
            Self::Ticket { text, room: query.room }
        } else if front.needs_ticket() {
            return Err(Refusal::TicketRequired);
        } else {
            let joiner = front.auth.joiner(headers, peer, query.name.as_deref())?;
            let choice = query.room.map_or(RoomChoice::Any, RoomChoice::named);
            let wish = RoomWish { owner: front.guards.owner(peer), ..choice.into() };
            Self::Join { wish, joiner }
        };
        check_schema(spec, query.schema.as_deref())?;
        Ok(entrance)
    }

    /// Whether a place could be had now, without taking one.
    ///
    /// # Errors
    /// [`Refusal`] says why not.
    pub fn check(&self, front: &Front, spec: &GameSpec) -> Result<(), Refusal> {
        match self {
            Self::Join { wish, .. } => front.lobby.check(spec, wish),
            Self::Ticket { text, room } => {
                let door = Door { game: spec.name, room: room.as_deref() };
                front.lobby.check_open()?;
                Ok(front.tickets.check(text, door, Instant::now())?)
            }
            Self::Resume { token, .. } => front.lobby.sessions().check(spec.name, *token),
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn take(self, front: &Front, spec: &Arc<GameSpec>) -> Result<Place, Refusal> {
        Ok(match self {
            Self::Join { wish, joiner } => Place::Seat(front.lobby.reserve(spec, &wish)?, joiner),
            Self::Ticket { text, room } => {
                let door = Door { game: spec.name, room: room.as_deref() };
                front.lobby.check_open()?;
                match front.tickets.take(&text, door, Instant::now())? {
                    Pass::Player(seat, joiner) => Place::Seat(seat, joiner),
                    Pass::Spectator(place) => Place::Watch(place),
                }
            }
            Self::Resume { token, mirror_tick } => {
                Place::WayBack(front.lobby.sessions().reserve(spec.name, token)?, mirror_tick)
            }
        })
    }
}

impl Place {
    /// Hands a socket to the room.
    pub fn send(self, arrival: Arrival) {
        match self {
            Self::Seat(seat, joiner) => Seat::send(Joining { arrival, joiner, seat }),
            Self::Watch(place) => place.send(arrival),
            Self::WayBack(way, mirror_tick) => way.send(arrival, mirror_tick),
        }
    }
}

/// Checks that a client was made for a game's schema, if it says for which one.
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
