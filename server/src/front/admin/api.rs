//! The handlers of the operators' API.

use std::time::{Duration, Instant};

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Extension, Json};
use drumline_room::PlayerId;
use serde::Deserialize;

use crate::front::join_api::{ticket_answer, websocket_origin};
use crate::front::state::Front;
use crate::net::peer::PeerAddr;
use crate::net::shown_address::shown;
use crate::rooms::operator_command::{MAX_REASON_BYTES, OperatorCommand};
use crate::rooms::seats::seat::SpectatorKind;
use crate::rooms::seats::tickets::TicketGrant;

use super::authorize::authorize;
use super::denial::Denial;
use super::overview::{Overview, RoomDetails};

/// The body of a command without parameters: an empty object. It must be JSON, so that forms of other pages cannot send one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// The body of a kick: its reason, for the player.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kick {
    #[serde(default)]
    reason: String,
}

/// The longest drain.
const MAX_DRAIN_SECONDS: u32 = 86_400;

/// A body in JSON.
pub type Body<T> = Result<Json<T>, JsonRejection>;
type Id = Result<Path<String>, PathRejection>;

/// `GET /api/admin/overview`.
pub async fn overview(State(front): State<Front>) -> Response {
    Json(Overview::of(&front)).into_response()
}

/// `GET /api/admin/rooms/{id}`.
pub async fn room(State(front): State<Front>, id: Id) -> Result<Response, Denial> {
    let Path(id) = id?;
    Ok(Json(RoomDetails::of(&front.lobby.room(&id)?.entry)).into_response())
}

/// A `POST` that sends a room a fixed command.
pub fn command(command: OperatorCommand) -> MethodRouter<Front> {
    post(
        |State(front): State<Front>, Extension(peer): Extension<PeerAddr>, id: Id, body: Body<Empty>| async move {
            let Json(Empty {}) = body?;
            send(&front, peer, &id?.0, command)
        },
    )
}

/// `DELETE /api/rooms/{id}`: ends the room. It needs no body, because no form and no link of another page can send it.
pub async fn delete_room(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    id: Id,
    request: Request,
) -> Result<StatusCode, Denial> {
    authorize(&front, peer, &request)?;
    send(&front, peer, &id?.0, OperatorCommand::Close)
}

/// `POST /api/admin/rooms/{id}/players/{player}/kick`.
pub async fn kick(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    place: Result<Path<(String, u32)>, PathRejection>,
    body: Body<Kick>,
) -> Result<StatusCode, Denial> {
    let Path((id, player)) = place?;
    let Json(Kick { reason }) = body?;
    check_reason(&reason)?;
    if !front.lobby.room(&id)?.entry.players.listings().iter().any(|listed| listed.player == player) {
        return Err(Denial::UnknownPlayer(player));
    }
    send(&front, peer, &id, OperatorCommand::Kick { player: PlayerId::of_number(player), reason })
}

/// Checks that a reason fits a close frame.
///
/// # Errors
/// [`Denial::BadReason`].
pub fn check_reason(reason: &str) -> Result<(), Denial> {
    let is_good = reason.len() <= MAX_REASON_BYTES && !reason.chars().any(char::is_control);
    if is_good { Ok(()) } else { Err(Denial::BadReason) }
}

/// The body of a drain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrainBody {
    /// Seconds; the configured time if absent.
    seconds: Option<u32>,
}

/// `POST /api/admin/drain`.
pub async fn drain(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    body: Body<DrainBody>,
) -> Result<StatusCode, Denial> {
    let Json(DrainBody { seconds }) = body?;
    let time = seconds
        .map_or(front.admin.drain, |seconds| Duration::from_secs(seconds.min(MAX_DRAIN_SECONDS).into()));
    tracing::info!(operator = shown(peer.ip), seconds = time.as_secs(), "an operator drains the server");
    front.lobby.drain().begin(time, Instant::now());
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/rooms/{id}/watch`: a ticket for a spectator.
pub async fn watch(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
    id: Id,
    body: Body<Empty>,
) -> Result<Response, Denial> {
    let Path(id) = id?;
    let Json(Empty {}) = body?;
    let origin = websocket_origin(&headers, peer, front.certificate.is_some())?;
    let place = front.lobby.spectate(&id, SpectatorKind::Operator)?;
    tracing::info!(operator = shown(peer.ip), room = id, "an operator spectates");
    let game = place.entry().game;
    Ok(ticket_answer(&front, &origin, game, &id, TicketGrant::Spectator(place))?)
}

fn send(front: &Front, peer: PeerAddr, id: &str, command: OperatorCommand) -> Result<StatusCode, Denial> {
    tracing::info!(operator = shown(peer.ip), room = id, ?command, "an operator's command");
    front.lobby.command(id, command)?;
    Ok(StatusCode::NO_CONTENT)
}
