//! The `[auth]` section of the configuration.

use std::path::PathBuf;

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

use crate::settings::bounds;
use crate::settings::secret::Secret;

/// The settings of authentication.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct AuthConfig {
    /// The way to identify clients.
    pub mode: AuthMode,
    /// The algorithm of tokens. A token with another one is refused.
    pub algorithm: TokenAlgorithm,
    /// The secret of HS256.
    pub key: Option<Secret>,
    /// A file with the key: a public key in PEM, or the secret of HS256.
    pub key_file: Option<PathBuf>,
    /// A file with a set of keys (JWKS).
    pub jwks_file: Option<PathBuf>,
    /// The required issuer of a token (`iss`).
    pub issuer: Option<String>,
    /// The required audience of a token (`aud`).
    pub audience: Option<String>,
    /// Seconds by which clocks may differ.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, 600>")]
    pub leeway_seconds: u16,
    /// The claim with a player's name.
    pub name_claim: Option<String>,
}

/// The way to identify clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Clients are not identified.
    #[default]
    Anonymous,
    /// By a signed token, a JSON Web Token.
    Jwt,
}

/// The signature algorithm of tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256: the issuer has the server's own secret.
    #[default]
    HS256,
    /// RSA with SHA-256.
    RS256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl From<TokenAlgorithm> for Algorithm {
    fn from(algorithm: TokenAlgorithm) -> Self {
        match algorithm {
            TokenAlgorithm::HS256 => Self::HS256,
            TokenAlgorithm::RS256 => Self::RS256,
            TokenAlgorithm::EdDsa => Self::EdDSA,
        }
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            mode: AuthMode::default(),
            algorithm: TokenAlgorithm::default(),
            key: None,
            key_file: None,
            jwks_file: None,
            issuer: None,
            audience: None,
            leeway_seconds: 30,
            name_claim: None,
        }
    }
}
