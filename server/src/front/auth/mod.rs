//! Authentication: the identity of a client, by JSON Web Tokens or by the author's own check.

mod hook;
mod jwt;
pub mod settings;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use drumline_room::{Identity, Joiner, check_name, repair_name};
use serde_json::Value;
use thiserror::Error;
use tokio::runtime::Handle;

use crate::net::peer::PeerAddr;
use crate::rooms::refusal::Refusal;

pub use hook::AuthHook;
use hook::AuthorsCheck;
pub use jwt::KeyError;
use jwt::Verifier;
use settings::{AuthConfig, AuthMode};

/// The name of a player who sends none.
const NAMELESS: &str = "guest";

/// The credentials of a client that requests a seat or a room, for an author's own check.
#[derive(Clone)]
pub struct Credentials {
    /// The headers of the request. They may hold tokens and cookies, which must not be logged.
    pub headers: HeaderMap,
    /// The client's address.
    pub address: IpAddr,
    /// The name that the client asks for.
    pub name: Option<String>,
}

/// The refusal of a client by an author's own check. The text is sent to the client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Denied(pub String);

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
    Hook(AuthorsCheck),
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// The configured way.
    ///
    /// # Errors
    /// [`KeyError`] if the keys cannot be used.
    pub fn new(config: &AuthConfig) -> Result<Self, KeyError> {
        let way = match config.mode {
            AuthMode::Anonymous => Way::Anonymous,
            AuthMode::Jwt => Way::Jwt(Verifier::new(config)?.into()),
        };
        Ok(Self { way, name_claim: config.name_claim.clone() })
    }

    /// An author's check, which runs on `runtime` and for at most `limit`.
    #[must_use]
    pub fn by_hook(config: &AuthConfig, hook: AuthHook, runtime: Handle, limit: Duration) -> Self {
        let way = Way::Hook(AuthorsCheck::new(hook, runtime, limit));
        Self { way, name_claim: config.name_claim.clone() }
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
    /// [`Refusal::Unauthenticated`], [`Refusal::AuthFailed`] or [`Refusal::BadName`].
    pub async fn joiner(
        &self,
        headers: &HeaderMap,
        peer: PeerAddr,
        name: Option<&str>,
    ) -> Result<Joiner, Refusal> {
        let identity = self.identify(headers, peer, name).await?;
        let name = match identity.as_ref().and_then(|identity| self.claimed_name(identity)) {
            Some(claimed) => claimed,
            None => name.unwrap_or(NAMELESS).to_owned(),
        };
        Ok(Joiner { identity, ..Joiner::named(&check_name(&name)?) })
    }

    /// A client that is not identified.
    ///
    /// # Errors
    /// [`Refusal::BadName`].
    pub fn anonymous(name: Option<&str>) -> Result<Joiner, Refusal> {
        Ok(Joiner::named(&check_name(name.unwrap_or(NAMELESS))?))
    }

    async fn identify(
        &self,
        headers: &HeaderMap,
        peer: PeerAddr,
        name: Option<&str>,
    ) -> Result<Option<Identity>, Refusal> {
        match &self.way {
            Way::Anonymous => Ok(None),
            Way::Jwt(verifier) => {
                let identity = bearer_token(headers).and_then(|token| verifier.verify(token));
                identity.map(Some).map_err(|words| Refusal::Unauthenticated(words.to_owned()))
            }
            Way::Hook(check) => {
                let name = name.map(str::to_owned);
                let credentials = Credentials { headers: headers.clone(), address: peer.ip, name };
                check.ask(credentials).await.map(Some)
            }
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
