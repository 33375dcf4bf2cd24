//! The check that every request to the admin API passes.

use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;

use crate::front::state::Front;
use crate::net::peer::PeerAddr;
use crate::net::shown_address::shown;

use super::denial::Denial;

/// Checks that a request is an operator's and, if it changes something, does not come from a foreign page.
///
/// # Errors
/// [`Denial`] if not.
pub fn authorize(front: &Front, peer: PeerAddr, request: &Request) -> Result<(), Denial> {
    let headers = request.headers();
    front.admin.guard.check(peer, headers, Instant::now()).inspect_err(|denial| {
        tracing::warn!(
            peer = shown(peer.ip),
            path = request.uri().path(),
            cause = denial.name(),
            "a request was not an operator's"
        );
    })?;
    if request.method() == Method::GET {
        return Ok(());
    }
    Ok(front.admission.check_origin(headers)?)
}
