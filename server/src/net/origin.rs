//! The pages that may use this server, checked by the `Origin` header, which browsers send and pages cannot forge.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Pages that may use the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum AllowedOrigin {
    /// Pages that this server has served, under any name and scheme that it is reached by.
    SameOrigin,
    /// Pages of the browser's own machine.
    Loopback,
    /// All pages.
    Any,
    /// Pages of this origin: scheme, host and port in lower case, without the scheme's default port.
    Origin(String),
}

/// A text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not an origin; write `same-origin`, `loopback`, `*`, or one such as `https://play.example.org`"
)]
pub struct OriginError(String);

/// A request comes from a page that may not use the server. Holds at most 64 characters of the page's origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenOrigin(pub String);

/// The pages that may use the server by default.
#[must_use]
pub fn default_origins() -> Vec<AllowedOrigin> {
    vec![AllowedOrigin::SameOrigin, AllowedOrigin::Loopback]
}

/// Checks the page that a handshake, or a request that changes something, comes from. A request without an origin does not
/// come from a browser and passes.
///
/// # Errors
/// [`ForbiddenOrigin`] if the page is not allowed, or the request names several origins.
pub fn check_origin(allowed: &[AllowedOrigin], headers: &HeaderMap) -> Result<(), ForbiddenOrigin> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(()) };
    let shown = String::from_utf8_lossy(origin.as_bytes()).chars().take(64).collect();
    let is_allowed = |origin: &str| allowed.iter().any(|allowed| allowed.admits(origin, headers));
    match origin.to_str() {
        Ok(origin) if origins.next().is_none() && is_allowed(origin) => Ok(()),
        _ => Err(ForbiddenOrigin(shown)),
    }
}

impl AllowedOrigin {
    fn admits(&self, origin: &str, headers: &HeaderMap) -> bool {
        if *self == Self::Any {
            return true;
        }
        let Some((scheme, authority)) = parse(origin) else { return false };
        match self {
            Self::Any => true,
            Self::Origin(allowed) => *allowed == serialize(&scheme, &authority),
            Self::Loopback => is_loopback(authority.host()),
            Self::SameOrigin => {
                let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
                host.and_then(|host| host.parse::<Authority>().ok()).is_some_and(|host| {
                    // A proxy in front may speak TLS unknown to us, so a missing port matches the default of either scheme.
                    host.host().eq_ignore_ascii_case(authority.host())
                        && explicit_port(&scheme, &host) == explicit_port(&scheme, &authority)
                })
            }
        }
    }
}

impl AllowedOrigin {
    /// The same pages as a source in a content security policy.
    #[must_use]
    pub fn policy_source(&self) -> &str {
        match self {
            Self::SameOrigin => "'self'",
            Self::Loopback => "http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*",
            Self::Any => "*",
            Self::Origin(origin) => origin,
        }
    }
}

impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        Ok(match text {
            "same-origin" => Self::SameOrigin,
            "loopback" => Self::Loopback,
            "*" => Self::Any,
            _ => {
                let (scheme, authority) = parse(text).ok_or_else(|| OriginError(text.to_owned()))?;
                Self::Origin(serialize(&scheme, &authority))
            }
        })
    }
}

impl TryFrom<String> for AllowedOrigin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<AllowedOrigin> for String {
    fn from(origin: AllowedOrigin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::SameOrigin => "same-origin",
            Self::Loopback => "loopback",
            Self::Any => "*",
            Self::Origin(origin) => origin,
        })
    }
}

/// The scheme and the authority of an origin.
fn parse(origin: &str) -> Option<(String, Authority)> {
    let uri: Uri = origin.parse().ok()?;
    let authority = uri.authority()?;
    // An origin ends with its authority, and has no user in it.
    let (scheme, rest) = origin.split_once("://")?;
    let is_whole = rest == authority.as_str() && !rest.contains('@');
    is_whole.then(|| (scheme.to_ascii_lowercase(), authority.clone()))
}

fn serialize(scheme: &str, authority: &Authority) -> String {
    let host = authority.host().to_ascii_lowercase();
    match explicit_port(scheme, authority) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// The port, unless it is the scheme's default.
fn explicit_port(scheme: &str, authority: &Authority) -> Option<u16> {
    let default = if scheme == "https" { 443 } else { 80 };
    authority.port_u16().filter(|port| *port != default)
}

/// Returns true if a host name or address is the machine itself.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allowed: &[AllowedOrigin], host: &str, origin: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        check_origin(allowed, &headers).is_ok()
    }

    #[test]
    fn pages_of_this_server_and_of_this_machine_are_allowed() {
        let allowed = default_origins();
        for (host, origin) in [
            ("play.example.org", "https://play.example.org"),
            ("play.example.org", "http://play.example.org"),
            ("Play.Example.org:443", "https://play.example.org"),
            ("play.example.org:7777", "http://PLAY.example.org:7777"),
            ("[2001:db8::7]:7777", "http://[2001:db8::7]:7777"),
            ("play.example.org", "http://localhost:5173"),
            ("play.example.org", "http://app.localhost"),
            ("play.example.org", "http://127.0.0.9"),
            ("play.example.org", "https://[::1]:8443"),
        ] {
            assert!(check(&allowed, host, origin), "{origin} at {host}");
        }
        for (host, origin) in [
            ("play.example.org", "https://example.org"),
            ("play.example.org", "https://play.example.org.evil.example"),
            ("play.example.org:7777", "http://play.example.org"),
            ("play.example.org", "http://play.example.org:7777"),
            ("play.example.org", "null"),
            ("play.example.org", ""),
            ("play.example.org", "https://play.example.org/"),
            ("play.example.org", "https://play.example.org@evil.example"),
            ("play.example.org", "https://evil@play.example.org"),
            ("play.example.org", "http://localhost.evil.example"),
            ("play.example.org", "http://127.0.0.1.evil.example"),
            ("soup soup", "http://evil.example"),
        ] {
            assert!(!check(&allowed, host, origin), "{origin} at {host}");
        }
    }

    #[test]
    fn a_configured_list_replaces_the_default() {
        let allowed =
            ["https://Play.example.org:443", "http://a.example:8080"].map(|origin| origin.parse().unwrap());
        assert!(check(&allowed, "x", "https://play.example.org"));
        assert!(check(&allowed, "x", "http://a.example:8080"));
        assert!(!check(&allowed, "x", "http://play.example.org"), "another scheme");
        assert!(!check(&allowed, "x", "http://a.example"), "another port");
        assert!(!check(&allowed, "x", "http://x"), "not even the same origin");
        assert!(!check(&allowed, "x", "http://localhost"));
        assert!(check(&["*".parse().unwrap()], "x", "null"));
    }

    #[test]
    fn a_request_without_an_origin_passes_and_one_with_two_does_not() {
        let mut headers = HeaderMap::new();
        assert_eq!(check_origin(&[], &headers), Ok(()));
        headers.append(header::ORIGIN, "http://localhost".parse().unwrap());
        assert_eq!(check_origin(&default_origins(), &headers), Ok(()));
        headers.append(header::ORIGIN, "http://localhost".parse().unwrap());
        let forbidden = check_origin(&default_origins(), &headers).unwrap_err();
        assert_eq!(forbidden, ForbiddenOrigin("http://localhost".into()));
    }

    #[test]
    fn a_text_that_is_not_an_origin_is_refused() {
        for text in ["play.example.org", "https://", "https://play.example.org/page", "null", ""] {
            let error = text.parse::<AllowedOrigin>().unwrap_err();
            assert!(error.to_string().contains("https://play.example.org"), "{error}");
        }
        let listed: Vec<String> = default_origins().into_iter().map(String::from).collect();
        assert_eq!(listed, ["same-origin", "loopback"]);
    }
}
