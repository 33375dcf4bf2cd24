//! The front: one listener for pages, the API, and the WebSocket handshake. After the handshake a socket goes
//! to its room's shard.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use drumline_shared::messages::SUBPROTOCOL;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::arrival::Arrival;
use crate::entrance::{Entrance, PlayQuery};
use crate::files::{Files, not_found};
use crate::lobby::Lobby;
use crate::memory::{self, Tide};
use crate::refusal::Refusal;

/// How long a client may take over a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may go on with requests before it becomes a player's. Who reads no answers does not keep it longer.
const HTTP_LIMIT: Duration = Duration::from_secs(60);
/// Bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub struct Front {
    /// The rooms.
    pub lobby: Arc<Lobby>,
    /// The pages and the client library.
    pub files: Arc<Files>,
}

impl Front {
    /// Accepts connections until `stop` turns true. At most `max_connections` are open at once, players' included.
    pub async fn serve(self, listener: TcpListener, max_connections: usize, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(max_connections));
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/api/rooms", get(list_rooms))
            .route("/api/rooms/{id}", get(show_room))
            .route("/play/{game}", get(play))
            .fallback(serve_file)
            .with_state(self);
        // Handshakes and players take memory that the heap would keep when they have gone.
        let http = Arc::new(());
        let (mut http_tide, mut tide) = (Tide::default(), Tide::default());
        let mut looks = tokio::time::interval(memory::LOOK_EVERY);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = looks.tick() => {
                    let http_ebbed = http_tide.has_ebbed(Arc::strong_count(&http) - 1);
                    let ebbed = tide.has_ebbed(max_connections - places.available_permits());
                    if http_ebbed || ebbed {
                        memory::give_back();
                    }
                    continue;
                }
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, _)) => match Arc::clone(&places).try_acquire_owned() {
                    Ok(permit) => {
                        let (router, under_way) = (router.clone(), Arc::clone(&http));
                        tokio::spawn(async move {
                            serve_connection(stream, router, permit).await;
                            drop(under_way);
                        });
                    }
                    Err(_) => {
                        tracing::warn!(max_connections, "a connection was turned away: all places are taken");
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    // Out of file descriptors, most likely: trying again at once would only spin.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router, permit: OwnedSemaphorePermit) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = TowerToHyperService::new(router.layer(Extension(Arc::new(permit))));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    match tokio::time::timeout(HTTP_LIMIT, serving).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an HTTP connection ended badly"),
        Err(_) => tracing::debug!("an HTTP connection was open for too long"),
    }
}

async fn list_rooms(State(front): State<Front>) -> Response {
    Json(front.lobby.listing()).into_response()
}

async fn show_room(State(front): State<Front>, id: Result<Path<String>, PathRejection>) -> Response {
    let id = id.map_err(|error| Refusal::BadQuery(error.body_text()));
    match id.and_then(|Path(id)| front.lobby.room(&id)) {
        Ok(room) => Json(room).into_response(),
        Err(refusal) => refuse(&refusal),
    }
}

/// The query of a page: more of it is the page's own business.
#[derive(Debug, Deserialize)]
struct PageQuery {
    /// The game to show.
    game: Option<String>,
}

async fn serve_file(
    State(front): State<Front>,
    Query(query): Query<PageQuery>,
    request: Request,
) -> Response {
    let file = front.files.serve(request.method(), request.uri().path(), query.game.as_deref());
    file.unwrap_or_else(not_found)
}

async fn play(
    State(front): State<Front>,
    game: Result<Path<String>, PathRejection>,
    query: Result<Query<PlayQuery>, QueryRejection>,
    Extension(permit): Extension<Arc<OwnedSemaphorePermit>>,
    request: Request,
) -> Response {
    let admitted = match (game, query) {
        (Ok(Path(game)), Ok(Query(query))) => admit(&front.lobby, &game, query, request, permit),
        (Err(error), _) => Err(Refusal::BadQuery(error.body_text())),
        (_, Err(error)) => Err(Refusal::BadQuery(error.body_text())),
    };
    admitted.unwrap_or_else(|refusal| {
        front.lobby.count_refusal(&refusal);
        refuse(&refusal)
    })
}

/// Checks everything before the upgrade, takes the place, and answers; the socket follows when the answer is out.
fn admit(
    lobby: &Arc<Lobby>,
    game: &str,
    query: PlayQuery,
    mut request: Request,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Response, Refusal> {
    let spec = lobby.game(game)?;
    let entrance = Entrance::new(query, spec)?;
    // A request that is no handshake still learns whether its join would have been refused: browsers hide the
    // answer to a failed handshake, so clients ask again this way.
    entrance.check(lobby, spec)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let head = Request::from_parts(request.into_parts().0, ());
    let handshake = create_response(&head).map_err(|_| Refusal::UpgradeRequired)?;
    if !offers_subprotocol(head.headers()) {
        return Err(Refusal::WrongSubprotocol);
    }
    let place = entrance.take(lobby, spec)?;
    tokio::spawn(async move {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return tracing::debug!(%error, "a handshake was not finished"),
        };
        let parts = upgraded.downcast::<TokioIo<TcpStream>>().expect("connections are served on TCP streams");
        match parts.io.into_inner().into_std() {
            Ok(stream) => place.send(Arrival { stream, leftover: parts.read_buf.to_vec(), permit }),
            Err(error) => tracing::debug!(%error, "a socket could not be handed over"),
        }
    });
    let mut response = handshake.map(|()| axum::body::Body::empty());
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

fn offers_subprotocol(headers: &HeaderMap) -> bool {
    let offers =
        headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| offer.trim() == SUBPROTOCOL)
}

/// The body of a refusal.
#[derive(Serialize)]
struct Refused {
    /// A name for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}

fn refuse(refusal: &Refusal) -> Response {
    let body = Refused { error: refusal.name(), message: refusal.to_string() };
    let mut response = (refusal.status(), Json(body)).into_response();
    if refusal.status() == StatusCode::UPGRADE_REQUIRED {
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}
