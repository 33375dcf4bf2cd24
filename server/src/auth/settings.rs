//! How it is found out who somebody is: the `[auth]` of the configuration.

use std::path::PathBuf;

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

use crate::config::{Secret, checked};

/// The settings of identity.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct AuthConfig {
    /// How it is found out who somebody is.
    pub mode: AuthMode,
    /// How tokens are signed. A token that says otherwise is refused.
    pub algorithm: TokenAlgorithm,
    /// The secret of HS256.
    pub key: Option<Secret>,
    /// A file with the key: a public one in PEM, or the secret of HS256.
    pub key_file: Option<PathBuf>,
    /// A file with a set of keys (JWKS).
    pub jwks_file: Option<PathBuf>,
    /// Who must have issued a token (`iss`).
    pub issuer: Option<String>,
    /// For whom a token must be (`aud`).
    pub audience: Option<String>,
    /// By how many seconds clocks may differ.
    #[serde(deserialize_with = "checked::within::<_, _, 0, 600>")]
    pub leeway_seconds: u16,
    /// The claim that is a player's name.
    pub name_claim: Option<String>,
}

/// How it is found out who somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Not at all.
    #[default]
    Anonymous,
    /// By a signed token, a JSON Web Token.
    Jwt,
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256: by who has the server's own secret.
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
