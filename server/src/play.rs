//! The WebSocket handshake. After it the socket goes to its room's shard.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use drumline_shared::messages::SUBPROTOCOL;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::arrival::Arrival;
use crate::entrance::{Entrance, Offers, PlayQuery};
use crate::front::Front;
use crate::peer::PeerAddr;
use crate::permit::Permit;
use crate::refusal::Refusal;

/// `GET /play/{game}`.
pub async fn play(
    State(front): State<Front>,
    game: Result<Path<String>, PathRejection>,
    query: Result<Query<PlayQuery>, QueryRejection>,
    Extension(peer): Extension<PeerAddr>,
    Extension(permit): Extension<Arc<Permit>>,
    request: Request,
) -> Response {
    let admitted = match (game, query) {
        (Ok(Path(game)), Ok(Query(query))) => admit(&front, &game, query, request, (peer, &permit)),
        (Err(error), _) => Err(Refusal::BadQuery(error.body_text())),
        (_, Err(error)) => Err(Refusal::BadQuery(error.body_text())),
    };
    admitted.unwrap_or_else(|refusal| {
        front.lobby.count_refusal(&refusal);
        refusal.into_response()
    })
}

/// Checks everything before the upgrade, takes the place, and answers; the socket follows when the answer is out.
fn admit(
    front: &Front,
    game: &str,
    query: PlayQuery,
    mut request: Request,
    (peer, permit): (PeerAddr, &Arc<Permit>),
) -> Result<Response, Refusal> {
    front.guards.check_origin(request.headers())?;
    let spec = front.lobby.game(game)?;
    let entrance = Entrance::new(front, spec, query, request.headers(), peer)?;
    match entrance {
        Entrance::Join { .. } => front.guards.check_join(peer, Instant::now())?,
        Entrance::Resume { .. } => front.guards.check_resume(peer, Instant::now())?,
        // The join was counted where the ticket was given.
        Entrance::Ticket { .. } => {}
    }
    // A request that is no handshake still learns whether its join would have been refused: browsers hide the
    // answer to a failed handshake, so clients ask again this way.
    entrance.check(front, spec)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let head = Request::from_parts(request.into_parts().0, ());
    let handshake = create_response(&head).map_err(|_| Refusal::UpgradeRequired)?;
    if !Offers::of(head.headers()).speaks_drumline {
        return Err(Refusal::WrongSubprotocol);
    }
    let permit = front.guards.admit_player(permit, peer)?;
    let place = entrance.take(front, spec)?;
    tokio::spawn(async move {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return tracing::debug!(%error, "a handshake was not finished"),
        };
        match Arrival::new(upgraded, permit) {
            Ok(arrival) => place.send(arrival),
            Err(error) => tracing::debug!(%error, "a socket could not be handed over"),
        }
    });
    let mut response = handshake.map(|()| axum::body::Body::empty());
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}
