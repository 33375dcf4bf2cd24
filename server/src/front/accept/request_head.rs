//! The checks of a request's head that RFC 9112 demands and hyper leaves to the server.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Request, Version, header};

use crate::rooms::refusal::Refusal;

/// Checks a request's head before it is routed.
///
/// # Errors
/// [`Refusal::BadHost`] or [`Refusal::UnknownCoding`].
pub fn check_head<B>(request: &Request<B>) -> Result<(), Refusal> {
    let headers = request.headers();
    if !names_one_host(headers, request.version()) {
        Err(Refusal::BadHost)
    } else if !is_plain(headers) {
        Err(Refusal::UnknownCoding)
    } else {
        Ok(())
    }
}

/// Returns true if there is one `Host` header with a host, or an empty one (section 3.2). HTTP/1.0 may have none.
fn names_one_host(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => host.is_empty() || is_host(host),
        (Some(_), Some(_)) => false,
    }
}

fn is_host(value: &HeaderValue) -> bool {
    let host = value.to_str().ok().filter(|host| !host.contains('@'));
    host.is_some_and(|host| host.parse::<Authority>().is_ok())
}

/// Returns true if the body has no transfer coding but `chunked`, which hyper reads (section 6.1).
fn is_plain(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    codings.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).all(|coding| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"chunked")
    })
}
