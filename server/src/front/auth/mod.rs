//! Authentication: the identity of a client, by JSON Web Tokens or by the author's own check.

mod jwt;
pub mod settings;

use std::fmt;
use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use drumline_room::{Identity, Joiner, check_name, repair_name};
use serde_json::Value;
use thiserror::Error;

use crate::net::peer::PeerAddr;
use crate::rooms::refusal::Refusal;

pub use jwt::KeyError;
use jwt::Verifier;
use settings::{AuthConfig, AuthMode};

/// The name of a player who sends none.
const NAMELESS: &str = "guest";

/// The credentials of a client that requests a seat or a room, for an author's own check.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The headers of the request. They may hold tokens and cookies, which must not be logged.
    pub headers: &'a HeaderMap,
    /// The client's address.
    pub address: IpAddr,
    /// The name that the client asks for.
    pub name: Option<&'a str>,
}

/// The refusal of a client by an author's own check. The text is sent to the client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Denied(pub String);

/// An author's own check.
pub type AuthHook = dyn Fn(&Credentials<'_>) -> Result<Identity, Denied> + Send + Sync;

/// Identifies clients.
pub struct Authenticator {
    way: Way,
    /// The claim that is a player's name.
    name_claim: Option<String>,
}

/// The ways to identify clients.
enum Way {
    /// Clients are not identified.
    Anonymous,
    /// By a signed token.
    Jwt(Box<Verifier>),
    /// By the author's check.
    Hook(Box<AuthHook>),
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// The author's check if there is one, else the configured way.
    ///
    /// # Errors
    /// [`KeyError`] if the keys cannot be used.
    pub fn new(config: &AuthConfig, hook: Option<Box<AuthHook>>) -> Result<Self, KeyError> {
        let way = match (hook, config.mode) {
            (Some(hook), _) => Way::Hook(hook),
            (None, AuthMode::Anonymous) => Way::Anonymous,
            (None, AuthMode::Jwt) => Way::Jwt(Verifier::new(config)?.into()),
        };
        Ok(Self { way, name_claim: config.name_claim.clone() })
    }

    /// Returns true if clients are not identified.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        matches!(self.way, Way::Anonymous)
    }

    /// Returns true if tokens are checked with keys.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        matches!(self.way, Way::Jwt(_))
    }

    /// Reads the keys again. If that fails, the old ones stay.
    ///
    /// # Errors
    /// [`KeyError`] if the keys cannot be used.
    pub fn reload(&self) -> Result<(), KeyError> {
        match &self.way {
            Way::Jwt(verifier) => verifier.reload(),
            Way::Anonymous | Way::Hook(_) => Ok(()),
        }
    }

    /// The identity and the name of a client.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] or [`Refusal::BadName`].
    pub fn joiner(&self, headers: &HeaderMap, peer: PeerAddr, name: Option<&str>) -> Result<Joiner, Refusal> {
        let identity = self.identify(&Credentials { headers, address: peer.ip, name })?;
        let name = match identity.as_ref().and_then(|identity| self.claimed_name(identity)) {
            Some(claimed) => claimed,
            None => name.unwrap_or(NAMELESS).to_owned(),
        };
        Ok(Joiner { identity, ..Joiner::named(&check_name(&name)?) })
    }

    fn identify(&self, credentials: &Credentials<'_>) -> Result<Option<Identity>, Refusal> {
        match &self.way {
            Way::Anonymous => Ok(None),
            Way::Jwt(verifier) => {
                let identity = bearer_token(credentials.headers).and_then(|token| verifier.verify(token));
                identity.map(Some).map_err(|words| Refusal::Unauthenticated(words.to_owned()))
            }
            Way::Hook(hook) => match hook(credentials) {
                Ok(identity) => Ok(Some(identity)),
                Err(Denied(words)) => Err(Refusal::Unauthenticated(words)),
            },
        }
    }

    /// The name in the configured claim, without the characters that names may not have.
    fn claimed_name(&self, identity: &Identity) -> Option<String> {
        let name = identity.claims.get(self.name_claim.as_ref()?).and_then(Value::as_str)?;
        // The issuer does not know the rules for names here, and the player cannot change the claim: so it is repaired.
        repair_name(name)
    }
}

/// The token in an `Authorization` header.
fn bearer_token(headers: &HeaderMap) -> Result<&str, &'static str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or("a token is needed: send it as `Authorization: Bearer TOKEN`")?;
    if values.next().is_some() {
        return Err("there is more than one Authorization header");
    }
    let scheme = value.to_str().ok().and_then(|value| value.split_once(' '));
    match scheme {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err("the Authorization header is not `Bearer TOKEN`"),
    }
}

#[cfg(test)]
mod tests;
