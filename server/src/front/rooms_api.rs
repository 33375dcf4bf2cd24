//! `GET /api/rooms` and `GET /api/rooms/{id}`: lists of rooms.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};

use crate::rooms::listing::RoomFilter;
use crate::rooms::refusal::Refusal;

use super::state::Front;

/// `GET /api/rooms`.
pub async fn list_rooms(
    State(front): State<Front>,
    filter: Result<Query<RoomFilter>, QueryRejection>,
) -> Response {
    match filter {
        Ok(Query(filter)) => Json(front.lobby.page(&filter)).into_response(),
        Err(error) => Refusal::BadQuery(error.body_text()).into_response(),
    }
}

/// `GET /api/rooms/{id}`.
pub async fn show_room(State(front): State<Front>, id: Result<Path<String>, PathRejection>) -> Response {
    let id = id.map_err(|error| Refusal::BadQuery(error.body_text()));
    match id.and_then(|Path(id)| front.lobby.public_room(&id)) {
        Ok(room) => Json(room).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
