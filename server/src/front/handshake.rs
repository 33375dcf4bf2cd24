//! The WebSocket handshake. After it the connection goes to its room's shard.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use drumline_shared::wire::control::SUBPROTOCOL;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::lobby::Lobby;
use crate::net::connection_slot::ConnectionSlot;
use crate::net::peer::PeerAddr;
use crate::net::pending_connection::PendingConnection;
use crate::rooms::refusal::Refusal;

use super::play_request::{OfferedProtocols, PlayQuery, PlayRequest, Reservation};
use super::state::Front;

/// `GET /play/{game}`.
pub async fn play(
    State(front): State<Front>,
    game: Result<Path<String>, PathRejection>,
    query: Result<Query<PlayQuery>, QueryRejection>,
    Extension(peer): Extension<PeerAddr>,
    Extension(slot): Extension<Arc<ConnectionSlot>>,
    request: Request,
) -> Response {
    let client = Client { peer, slot };
    let admitted = match (game, query) {
        (Ok(Path(game)), Ok(Query(query))) => admit(&front, &game, query, request, &client),
        (Err(error), _) => Err(Refusal::BadQuery(error.body_text())),
        (_, Err(error)) => Err(Refusal::BadQuery(error.body_text())),
    };
    admitted.unwrap_or_else(|refusal| {
        front.lobby.count_refusal(&refusal, client.peer.ip);
        refusal.into_response()
    })
}

/// The client that a request comes from.
struct Client {
    peer: PeerAddr,
    slot: Arc<ConnectionSlot>,
}

/// Checks everything before the upgrade, reserves the place, and answers. The connection follows when the answer is sent.
fn admit(
    front: &Front,
    game: &str,
    query: PlayQuery,
    mut request: Request,
    Client { peer, slot }: &Client,
) -> Result<Response, Refusal> {
    front.admission.check_origin(request.headers())?;
    let spec = front.lobby.game(game)?;
    front.check_ban(*peer, None)?;
    let play = PlayRequest::new(front, spec, query, request.headers(), *peer)?;
    front.check_ban(*peer, play.joiner())?;
    let slot = front.admission.admit_player(slot, *peer, play.errand())?;
    match play {
        PlayRequest::Join { .. } => front.admission.check_join(*peer, Instant::now())?,
        PlayRequest::Resume { .. } => front.admission.check_resume(*peer, Instant::now())?,
        // The join was counted where the ticket was issued.
        PlayRequest::Ticket { .. } => {}
    }
    // A plain GET learns here whether its join would be refused. Browsers hide the answer to a failed handshake, so clients
    // ask again this way.
    play.check(front, spec)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let head = Request::from_parts(request.into_parts().0, ());
    let handshake = create_response(&head).map_err(|_| Refusal::UpgradeRequired)?;
    if !OfferedProtocols::of(head.headers()).speaks_drumline {
        return Err(Refusal::WrongSubprotocol);
    }
    let reservation = play.reserve(front, spec)?;
    tokio::spawn(hand_over(Arc::clone(&front.lobby), upgrade, slot, reservation));
    let mut response = handshake.map(|()| Body::empty());
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// Waits for the upgrade and passes the connection to its room. If the handshake fails, the reservation is dropped.
async fn hand_over(
    lobby: Arc<Lobby>,
    upgrade: OnUpgrade,
    slot: Arc<ConnectionSlot>,
    reservation: Reservation,
) {
    let upgraded = match upgrade.await {
        Ok(upgraded) => upgraded,
        Err(error) => return tracing::debug!(%error, "a handshake was not finished"),
    };
    match PendingConnection::from_upgraded(upgraded, slot) {
        Ok(connection) => reservation.send(connection, &lobby),
        Err(error) => tracing::debug!(%error, "a connection could not be handed over"),
    }
}
