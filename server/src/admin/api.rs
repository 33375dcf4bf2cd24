//! What operators ask, and what they have done.

use std::time::{Duration, Instant};

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Extension, Json};
use drumline_room::PlayerId;
use serde::Deserialize;

use super::check;
use super::denial::Denial;
use super::overview::{Overview, RoomDetails};
use crate::front::Front;
use crate::join_api::{Joined, websocket_origin};
use crate::orders::{MAX_REASON_BYTES, Order};
use crate::peer::PeerAddr;
use crate::tickets::Pass;

/// What all of an operator's orders have in their bodies at the least: an empty object. That it must be JSON keeps forms of
/// other pages from sending any.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What is said to who is kicked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kick {
    #[serde(default)]
    reason: String,
}

/// How long a drain can last.
const MAX_DRAIN_SECONDS: u32 = 86_400;

type Body<T> = Result<Json<T>, JsonRejection>;
type Id = Result<Path<String>, PathRejection>;

/// `GET /api/admin/overview`.
pub async fn overview(State(front): State<Front>) -> Response {
    Json(Overview::of(&front)).into_response()
}

/// `GET /api/admin/rooms/{id}`.
pub async fn room(State(front): State<Front>, id: Id) -> Result<Response, Denial> {
    let Path(id) = id?;
    Ok(Json(RoomDetails::of(&*front.lobby.entry(&id)?)).into_response())
}

/// A `POST` that gives a room an order which is always the same.
pub fn give(what: Order) -> MethodRouter<Front> {
    post(
        |State(front): State<Front>, Extension(peer): Extension<PeerAddr>, id: Id, body: Body<Nothing>| async move {
            let Json(Nothing {}) = body?;
            order(&front, peer, &id?.0, what)
        },
    )
}

/// `DELETE /api/rooms/{id}`: ends the room, too. It has no body: no form and no plain link of another page can send it.
pub async fn delete_room(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    id: Id,
    request: Request,
) -> Result<StatusCode, Denial> {
    check(&front, peer, &request)?;
    order(&front, peer, &id?.0, Order::Close)
}

/// `POST /api/admin/rooms/{id}/players/{player}/kick`.
pub async fn kick(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    place: Result<Path<(String, u16)>, PathRejection>,
    body: Body<Kick>,
) -> Result<StatusCode, Denial> {
    let Path((id, player)) = place?;
    let Json(Kick { reason }) = body?;
    if reason.len() > MAX_REASON_BYTES || reason.chars().any(char::is_control) {
        return Err(Denial::BadReason);
    }
    if !front.lobby.room(&id)?.players.iter().any(|listed| listed.player == player) {
        return Err(Denial::UnknownPlayer(player));
    }
    order(&front, peer, &id, Order::Kick { player: PlayerId(player), reason })
}

/// For how long a drain is to last.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrainOrder {
    /// Seconds; as the configuration says, if left out.
    seconds: Option<u32>,
}

/// `POST /api/admin/drain`.
pub async fn drain(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    body: Body<DrainOrder>,
) -> Result<StatusCode, Denial> {
    let Json(DrainOrder { seconds }) = body?;
    let time = seconds
        .map_or(front.admin.drain, |seconds| Duration::from_secs(seconds.min(MAX_DRAIN_SECONDS).into()));
    tracing::info!(operator = %peer.ip, seconds = time.as_secs(), "an operator has the server drain");
    front.lobby.drain().begin(time, Instant::now());
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/rooms/{id}/watch`: a ticket for a spectator.
pub async fn watch(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
    id: Id,
    body: Body<Nothing>,
) -> Result<Response, Denial> {
    let Path(id) = id?;
    let Json(Nothing {}) = body?;
    let origin = websocket_origin(&headers, peer, front.certificate.is_some())?;
    let place = front.lobby.watch(&id)?;
    let url = format!("{origin}/play/{}?room={id}", place.entry().game);
    tracing::info!(operator = %peer.ip, room = id, "an operator looks on");
    let ticket = front.tickets.issue(Pass::Spectator(place), Instant::now())?;
    let expires_ms = ticket.lifetime.as_millis() as u64;
    Ok(Json(Joined { room: &id, url, ticket: ticket.text, expires_ms }).into_response())
}

fn order(front: &Front, peer: PeerAddr, id: &str, order: Order) -> Result<StatusCode, Denial> {
    tracing::info!(operator = %peer.ip, room = id, ?order, "an operator's order");
    front.lobby.order(id, order)?;
    Ok(StatusCode::NO_CONTENT)
}
