//! `GET /api/rooms`, `GET /api/rooms/{id}` and `GET /api/games`: lists of rooms and games.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::rooms::listing::RoomFilter;
use crate::rooms::refusal::Refusal;

use super::state::Front;

/// `GET /api/rooms`.
pub async fn list_rooms(
    State(front): State<Front>,
    filter: Result<Query<RoomFilter>, QueryRejection>,
    parameters: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Response {
    match (filter, parameters) {
        (Ok(Query(filter)), Ok(Query(parameters))) => {
            let metadata =
                |(name, value): (String, String)| Some((name.strip_prefix("metadata.")?.to_owned(), value));
            let metadata = parameters.into_iter().filter_map(metadata).collect();
            Json(front.lobby.page(&RoomFilter { metadata, ..filter })).into_response()
        }
        (Err(error), _) | (_, Err(error)) => Refusal::BadQuery(error.body_text()).into_response(),
    }
}

/// A game in `GET /api/games`.
#[derive(Serialize)]
struct ListedGame {
    name: &'static str,
    max_players: u16,
    tick_rate_hz: u32,
}

/// The answer of `GET /api/games`.
#[derive(Serialize)]
struct GameList {
    games: Vec<ListedGame>,
}

/// `GET /api/games`: the games of the server.
pub async fn list_games(State(front): State<Front>) -> Response {
    let games = front.lobby.games().iter().map(|game| ListedGame {
        name: game.name,
        max_players: game.max_players,
        tick_rate_hz: game.tick_rate_hz,
    });
    Json(GameList { games: games.collect() }).into_response()
}

/// `GET /api/rooms/{id}`.
pub async fn show_room(State(front): State<Front>, id: Result<Path<String>, PathRejection>) -> Response {
    let id = id.map_err(|error| Refusal::BadQuery(error.body_text()));
    match id.and_then(|Path(id)| front.lobby.public_room(&id)) {
        Ok(room) => Json(room).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
