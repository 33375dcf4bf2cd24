//! The bans that operators see, set and lift.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use crate::front::state::Front;
use crate::net::peer::PeerAddr;
use crate::net::shown_address::shown;
use crate::rooms::bans::{Ban, BanTarget};

use super::api::{Body, check_reason};
use super::denial::Denial;

/// The longest ban that has an end.
const MAX_BAN_SECONDS: u64 = 10 * 365 * 86_400;

/// A ban in the list.
#[derive(Serialize)]
struct ListedBan {
    /// A network, or `account:` and the account's subject.
    target: String,
    reason: String,
    /// Seconds until its end; `None` if it has none.
    seconds_left: Option<u64>,
    /// True if the configuration lists it. Then it comes back with the next reload.
    configured: bool,
}

/// The body of a new ban.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBan {
    target: BanTarget,
    #[serde(default)]
    reason: String,
    /// Seconds until its end; without an end if absent.
    seconds: Option<u64>,
}

/// The body that lifts a ban.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    target: BanTarget,
}

/// `GET /api/admin/bans`: those in force.
pub async fn list(State(front): State<Front>) -> Response {
    let (list, now) = (front.lobby.bans().list(), Instant::now());
    let listed = list.in_force(now).map(|(target, ban)| ListedBan {
        target: target.to_string(),
        reason: ban.reason.clone(),
        seconds_left: ban.seconds_left(now),
        configured: ban.is_configured,
    });
    let mut bans: Vec<ListedBan> = listed.collect();
    bans.sort_by(|one, other| one.target.cmp(&other.target));
    Json(bans).into_response()
}

/// `POST /api/admin/bans`: bans a network or an account, in place of a ban that it has already.
pub async fn add(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    body: Body<NewBan>,
) -> Result<StatusCode, Denial> {
    let Json(NewBan { target, reason, seconds }) = body?;
    check_reason(&reason)?;
    let now = Instant::now();
    let until = seconds.map(|seconds| now + Duration::from_secs(seconds.min(MAX_BAN_SECONDS)));
    tracing::info!(operator = shown(peer.ip), %target, reason, seconds, "an operator bans");
    let ban = Ban { reason, until, is_configured: false };
    front.lobby.bans().add(target, ban, now).map_err(|_| Denial::TooManyBans)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/bans/lift`.
pub async fn lift(
    State(front): State<Front>,
    Extension(peer): Extension<PeerAddr>,
    body: Body<Lift>,
) -> Result<StatusCode, Denial> {
    let Json(Lift { target }) = body?;
    if !front.lobby.bans().lift(&target) {
        return Err(Denial::UnknownBan);
    }
    tracing::info!(operator = shown(peer.ip), %target, "an operator lifts a ban");
    Ok(StatusCode::NO_CONTENT)
}
