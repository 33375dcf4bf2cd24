//! `POST /api/join` and `POST /api/rooms`: tickets for seats, and new rooms.

use std::fmt::{self, Formatter};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use drumline_room::{Joiner, NameError, Options};
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lobby::Visibility;
use crate::net::peer::PeerAddr;
use crate::rooms::refusal::Refusal;
use crate::rooms::request::{Opener, RoomChoice, RoomRequest, account_of};
use crate::rooms::seats::tickets::TicketGrant;

use super::play_request::check_schema;
use super::state::Front;

/// The most bytes of a request's body.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// The most characters of the error about a body that cannot be parsed.
const MAX_ERROR_CHARS: usize = 200;

/// The body of `POST /api/join`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinBody {
    game: String,
    /// A room's id, or `new`.
    room: Option<String>,
    mode: Option<String>,
    options: Option<Options>,
    /// The options of the player, as the game defines them.
    join_options: Option<Value>,
    name: Option<NameText>,
    /// The code of a private room.
    code: Option<String>,
    /// True for a new room; false if none may be opened.
    create: Option<bool>,
    /// True for a place to watch from.
    spectate: Option<bool>,
    /// The schema hash that the client was built for, 16 hexadecimal digits.
    schema: Option<String>,
}

/// A player's name as it stands in the body. JSON can hold half a character (an unpaired surrogate), which text cannot.
struct NameText(Vec<u8>);

impl NameText {
    fn text(&self) -> Result<&str, Refusal> {
        str::from_utf8(&self.0).map_err(|_| NameError::HalfCharacter.into())
    }
}

impl<'de> Deserialize<'de> for NameText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = NameText;

    fn expecting(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<NameText, E> {
        Ok(NameText(bytes.to_owned()))
    }
}

/// The answer of `POST /api/join`.
#[derive(Serialize)]
pub struct Joined<'a> {
    /// The room.
    pub room: &'a str,
    /// The URL of the WebSocket.
    pub url: String,
    /// The ticket.
    pub ticket: String,
    /// Milliseconds for which the ticket is valid.
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

/// The answer of `POST /api/rooms`.
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
    answer(&front, peer, reserve(&front, peer, &headers, body).await)
}

/// `POST /api/rooms`.
pub async fn create(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&front, peer, create_room(&front, peer, &headers, body).await)
}

/// Reserves a seat and issues a ticket for it.
async fn reserve(
    front: &Front,
    peer: PeerAddr,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    front.admission.check_origin(headers)?;
    front.admission.check_join(peer, Instant::now())?;
    let body: JoinBody = read(body)?;
    let spec = front.lobby.game(&body.game)?;
    let name = body.name.as_ref().map(NameText::text).transpose()?;
    let join_options = spec.read_join_options(body.join_options.as_ref().unwrap_or(&Value::Null))?;
    let joiner = Joiner { options: join_options, ..front.auth.joiner(headers, peer, name).await? };
    front.check_ban(peer, Some(&joiner))?;
    check_schema(spec, body.schema.as_deref())?;
    let origin = websocket_origin(headers, peer, front.certificate.is_some())?;
    let named = body.room.clone().filter(|_| body.code.is_some());
    let account = account_of(&joiner);
    let opener = front.admission.opener(peer, account.as_deref());
    let watches = body.spectate.unwrap_or_default();
    let request = RoomRequest { account, ..body.into_request(opener)? };
    if watches {
        let place = front.lobby.view(spec, &request)?;
        let room = place.entry().id.clone();
        return ticket_answer(front, &origin, spec.name, &room, TicketGrant::Spectator(place));
    }
    let seat = front.lobby.reserve(spec, &request)?;
    let room = seat.entry().id.clone();
    if let Some(named) = named.filter(|named| *named != room) {
        return Err(Refusal::unknown_room(&named));
    }
    ticket_answer(front, &origin, spec.name, &room, TicketGrant::Player { seat, joiner })
}

/// Issues a ticket and returns the answer with it.
pub fn ticket_answer(
    front: &Front,
    origin: &str,
    game: &str,
    room: &str,
    grant: TicketGrant,
) -> Result<Response, Refusal> {
    let ticket = front.tickets.issue(grant, Instant::now())?;
    let url = format!("{origin}/play/{game}?room={room}");
    let expires_ms = ticket.lifetime.as_millis() as u64;
    Ok(Json(Joined { room, url, ticket: ticket.text, expires_ms }).into_response())
}

/// Opens a room.
async fn create_room(
    front: &Front,
    peer: PeerAddr,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    front.admission.check_origin(headers)?;
    front.admission.check_join(peer, Instant::now())?;
    let body: CreateBody = read(body)?;
    let spec = front.lobby.game(&body.game)?;
    let joiner = front.auth.joiner(headers, peer, None).await?;
    front.check_ban(peer, Some(&joiner))?;
    let request = RoomRequest {
        choice: RoomChoice::New,
        mode: body.mode.unwrap_or_default(),
        options: body.options.unwrap_or_default(),
        opener: front.admission.opener(peer, account_of(&joiner).as_deref()),
        account: None,
    };
    let private = body.private.unwrap_or_default();
    let visibility = if private { Visibility::Private } else { Visibility::Public };
    let room = front.lobby.create(spec, &request, visibility)?;
    let entry = &room.entry;
    let created =
        Created { room: &entry.id, game: entry.game, mode: &entry.mode, code: entry.code.as_deref() };
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

impl JoinBody {
    /// The request for a room, with the opener that it is charged to.
    fn into_request(self, opener: Option<Opener>) -> Result<RoomRequest, Refusal> {
        let choice = match (self.room, self.code, self.create) {
            (None, None, None) => RoomChoice::Any,
            (None, None, Some(true)) => RoomChoice::New,
            (None, None, Some(false)) => RoomChoice::Existing,
            (Some(room), None, None) => RoomChoice::named(room),
            // The code decides. The id may come with it: clients know both.
            (_, Some(code), None) => RoomChoice::Code(code),
            _ => return Err(Refusal::BadBody("`create` does not go with `room` or `code`".to_owned())),
        };
        let (mode, options) = (self.mode.unwrap_or_default(), self.options.unwrap_or_default());
        Ok(RoomRequest { choice, mode, options, opener, account: None })
    }
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Refusal> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::BodyTooLarge,
        _ => Refusal::BadBody("it was cut off".to_owned()),
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| Refusal::BadBody(error.to_string().chars().take(MAX_ERROR_CHARS).collect()))
}

/// The origin at which clients open their WebSocket: this server, by the name that the request used.
///
/// # Errors
/// [`Refusal::BadBody`] if the request names no host.
pub fn websocket_origin(headers: &HeaderMap, peer: PeerAddr, has_tls: bool) -> Result<String, Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host: Authority =
        host.parse().map_err(|_| Refusal::BadBody("the request names no host".to_owned()))?;
    let forwarded = headers.get("x-forwarded-proto").filter(|_| peer.is_proxied);
    // Behind a proxy the client's own scheme counts, not the one between the proxy and this server.
    let is_secure = forwarded.map_or(has_tls, |scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    Ok(format!("{}://{host}", if is_secure { "wss" } else { "ws" }))
}

/// The response. A refusal is counted, and caches keep nothing.
fn answer(front: &Front, peer: PeerAddr, result: Result<Response, Refusal>) -> Response {
    let mut response = result.unwrap_or_else(|refusal| {
        front.lobby.count_refusal(&refusal, peer.ip);
        refusal.into_response()
    });
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
