//! The API by which clients come to rooms: seats with tickets, and rooms of their own.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use drumline_room::Options;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::counts::Owner;
use crate::entrance::check_schema;
use crate::front::Front;
use crate::lobby::{RoomChoice, RoomWish};
use crate::peer::PeerAddr;
use crate::refusal::Refusal;
use crate::tickets::Pass;

/// Bytes of a request's body.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// Characters of what is said of a body that cannot be read.
const MAX_WORDS: usize = 200;

/// The body of `POST /api/join`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinBody {
    game: String,
    /// A room's id, or `new`.
    room: Option<String>,
    mode: Option<String>,
    options: Option<Options>,
    name: Option<String>,
    /// The code of a private room.
    code: Option<String>,
    /// Whether a new room is wanted; if not, none is to be opened.
    create: Option<bool>,
    /// The schema hash that the client was made for, 16 hexadecimal digits.
    schema: Option<String>,
}

/// What `POST /api/join` answers.
#[derive(Serialize)]
pub struct Joined<'a> {
    /// The room.
    pub room: &'a str,
    /// Where the WebSocket is opened.
    pub url: String,
    /// The ticket.
    pub ticket: String,
    /// For how long the ticket is good.
    pub expires_ms: u64,
}

/// The body of `POST /api/rooms`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    game: String,
    mode: Option<String>,
    options: Option<Options>,
    private: Option<bool>,
}

/// What `POST /api/rooms` answers.
#[derive(Serialize)]
struct Created<'a> {
    room: &'a str,
    game: &'a str,
    mode: &'a str,
    /// The code of a private room.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// `POST /api/join`.
pub async fn join(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&front, reserve(&front, peer, &headers, body))
}

/// `POST /api/rooms`.
pub async fn create(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&front, open(&front, peer, &headers, body))
}

/// Reserves a seat and gives a ticket for it.
fn reserve(
    front: &Front,
    peer: PeerAddr,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    front.guards.check_origin(headers)?;
    front.guards.check_join(peer, Instant::now())?;
    let body: JoinBody = read(body)?;
    let spec = front.lobby.game(&body.game)?;
    let joiner = front.auth.joiner(headers, peer, body.name.as_deref())?;
    check_schema(spec, body.schema.as_deref())?;
    let origin = websocket_origin(headers, peer, front.certificate.is_some())?;
    let named = body.room.clone().filter(|_| body.code.is_some());
    let seat = front.lobby.reserve(spec, &body.wish(front.guards.owner(peer))?)?;
    let room = seat.entry().id.clone();
    if let Some(named) = named.filter(|named| *named != room) {
        return Err(Refusal::unknown_room(&named));
    }
    let ticket = front.tickets.issue(Pass::Player(seat, joiner), Instant::now())?;
    let url = format!("{origin}/play/{}?room={room}", spec.name);
    let expires_ms = ticket.lifetime.as_millis() as u64;
    Ok(Json(Joined { room: &room, url, ticket: ticket.text, expires_ms }).into_response())
}

/// Opens a room.
fn open(
    front: &Front,
    peer: PeerAddr,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    front.guards.check_origin(headers)?;
    front.guards.check_join(peer, Instant::now())?;
    let body: CreateBody = read(body)?;
    let spec = front.lobby.game(&body.game)?;
    front.auth.joiner(headers, peer, None)?;
    let wish = RoomWish {
        choice: RoomChoice::New,
        mode: body.mode.unwrap_or_default(),
        options: body.options.unwrap_or_default(),
        owner: front.guards.owner(peer),
    };
    let entry = front.lobby.create(spec, &wish, body.private.unwrap_or_default())?;
    let created =
        Created { room: &entry.id, game: entry.game, mode: &entry.mode, code: entry.code.as_deref() };
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

impl JoinBody {
    /// The room that is asked for.
    fn wish(self, owner: Option<Owner>) -> Result<RoomWish, Refusal> {
        let choice = match (self.room, self.code, self.create) {
            (None, None, None) => RoomChoice::Any,
            (None, None, Some(true)) => RoomChoice::New,
            (None, None, Some(false)) => RoomChoice::Existing,
            (Some(room), None, None) => RoomChoice::named(room),
            // A private room's id alone does not do, but it may be there.
            (_, Some(code), None) => RoomChoice::Code(code),
            _ => return Err(Refusal::BadBody("`create` does not go with `room` or `code`".to_owned())),
        };
        let (mode, options) = (self.mode.unwrap_or_default(), self.options.unwrap_or_default());
        Ok(RoomWish { choice, mode, options, owner })
    }
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Refusal> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::BodyTooLarge,
        _ => Refusal::BadBody("it broke off".to_owned()),
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| Refusal::BadBody(error.to_string().chars().take(MAX_WORDS).collect()))
}

/// Where clients open their connections: this server, as it was reached.
///
/// # Errors
/// [`Refusal::BadBody`] if the request does not say by what name that was.
pub fn websocket_origin(headers: &HeaderMap, peer: PeerAddr, has_tls: bool) -> Result<String, Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host: Authority =
        host.parse().map_err(|_| Refusal::BadBody("the request names no host".to_owned()))?;
    let forwarded = headers.get("x-forwarded-proto").filter(|_| peer.is_proxied);
    // A proxy may speak https to a server that it alone reaches by http, or the other way round: what it was asked counts.
    let is_secure = forwarded.map_or(has_tls, |scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    Ok(format!("{}://{host}", if is_secure { "wss" } else { "ws" }))
}

/// The response: a refusal is counted, and nothing is kept by caches.
fn answer(front: &Front, result: Result<Response, Refusal>) -> Response {
    let mut response = result.unwrap_or_else(|refusal| {
        front.lobby.count_refusal(&refusal);
        refusal.into_response()
    });
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
