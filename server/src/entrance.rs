//! What a client asks for at `/play/{game}`, and the place that it is given.

use std::sync::Arc;

use drumline_room::{GameSpec, Joiner, check_name};
use drumline_shared::session::SessionToken;
use serde::Deserialize;

use crate::arrival::{Arrival, Joining};
use crate::lobby::{Lobby, RoomChoice, Seat};
use crate::refusal::Refusal;
use crate::sessions::WayBack;

/// The name of a player who gives none.
const NAMELESS: &str = "guest";

/// The query of `/play/{game}`. It may hold a session's token, so it has no form for logs.
#[derive(Deserialize)]
pub struct PlayQuery {
    room: Option<String>,
    name: Option<String>,
    /// The schema hash that the client was made for, 16 hexadecimal digits.
    schema: Option<String>,
    /// The token of the session to be resumed.
    session: Option<String>,
    /// The tick of the client's mirror, if it has one to go on from. What cannot be read is none.
    tick: Option<String>,
}

/// What a client asks for.
pub enum Entrance {
    /// A seat in a room.
    Join {
        /// Which room.
        choice: RoomChoice,
        /// Who asks; the name is checked.
        joiner: Joiner,
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
    /// A seat, and for whom.
    Seat(Seat, Joiner),
    /// The way back to their own, with a mirror of a tick.
    WayBack(WayBack, Option<u32>),
}

impl Entrance {
    /// What a query asks of a game.
    ///
    /// # Errors
    /// [`Refusal`] says what is wrong with the name or the schema.
    pub fn new(query: PlayQuery, spec: &GameSpec) -> Result<Self, Refusal> {
        let entrance = if let Some(session) = query.session {
            let mirror_tick = query.tick.and_then(|tick| tick.parse().ok());
            Self::Resume { token: session.parse().ok(), mirror_tick }
        } else {
            let name = query.name.unwrap_or_else(|| NAMELESS.to_owned());
            check_name(&name)?;
            let choice = match query.room {
                None => RoomChoice::Any,
                Some(room) if room == "new" => RoomChoice::New,
                Some(room) => RoomChoice::Id(room),
            };
            Self::Join { choice, joiner: Joiner { name, identity: None } }
        };
        match query.schema {
            Some(client) if u64::from_str_radix(&client, 16) != Ok(spec.schema_hash) => {
                let client = client.chars().take(32).collect();
                Err(Refusal::SchemaMismatch { client, server: spec.schema_hash })
            }
            _ => Ok(entrance),
        }
    }

    /// Whether a place could be had now, without taking one.
    ///
    /// # Errors
    /// [`Refusal`] says why not.
    pub fn check(&self, lobby: &Lobby, spec: &GameSpec) -> Result<(), Refusal> {
        match self {
            Self::Join { choice, .. } => lobby.check(spec, choice),
            Self::Resume { token, .. } => lobby.sessions().check(spec.name, *token),
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Refusal`] says why there is none.
    pub fn take(self, lobby: &Arc<Lobby>, spec: &Arc<GameSpec>) -> Result<Place, Refusal> {
        Ok(match self {
            Self::Join { choice, joiner } => Place::Seat(lobby.reserve(spec, &choice)?, joiner),
            Self::Resume { token, mirror_tick } => {
                Place::WayBack(lobby.sessions().reserve(spec.name, token)?, mirror_tick)
            }
        })
    }
}

impl Place {
    /// Hands a socket to the room.
    pub fn send(self, arrival: Arrival) {
        match self {
            Self::Seat(seat, joiner) => Seat::send(Joining { arrival, joiner, seat }),
            Self::WayBack(way, mirror_tick) => way.send(arrival, mirror_tick),
        }
    }
}
