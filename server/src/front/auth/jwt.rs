//! Identity by JSON Web Tokens (RFC 7519) of an external issuer.
//!
//! jsonwebtoken checks them, in pure Rust, with the configured algorithm alone, never the one that a token's header names. Its
//! dependency `rsa` has an open advisory about the timing of private keys (RUSTSEC-2023-0071); only public ones are used here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use drumline_room::Identity;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::settings::file::read_regular;
use crate::settings::secret::Secret;

use super::settings::{AuthConfig, TokenAlgorithm};

/// The least bytes of a secret: as many as the hash (RFC 7518, section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// The keys that tokens are checked with cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// No source of keys, or more than one.
    #[error("`auth.mode = \"jwt\"` needs exactly one of `auth.key`, `auth.key_file` and `auth.jwks_file`")]
    NotOne,
    /// A secret for an algorithm with public keys.
    #[error(
        "`auth.key` is the secret of HS256; other algorithms have public keys: `auth.key_file` or `auth.jwks_file`"
    )]
    NotSecret,
    /// The secret is too short to be one.
    #[error("the secret of HS256 has at least {MIN_SECRET_BYTES} bytes")]
    ShortSecret,
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}")]
    File {
        /// The file.
        file: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file holds no key of the algorithm.
    #[error("{file} holds no key for {algorithm:?} that can be used: {reason}")]
    NoKey {
        /// The file.
        file: PathBuf,
        /// The algorithm.
        algorithm: TokenAlgorithm,
        /// The cause.
        reason: String,
    },
}

/// Verifies tokens.
pub struct Verifier {
    source: Source,
    algorithm: TokenAlgorithm,
    validation: Validation,
    keys: RwLock<Arc<Keys>>,
}

/// The source of the keys.
enum Source {
    Secret(Secret),
    File(PathBuf),
    Set(PathBuf),
}

/// Keys, with the ids by which tokens choose among them.
struct Keys(Vec<(Option<String>, DecodingKey)>);

impl Verifier {
    /// A verifier as configured.
    ///
    /// # Errors
    /// [`KeyError`] if there is no key, or none that can be used.
    pub fn new(config: &AuthConfig) -> Result<Self, KeyError> {
        let source = match (&config.key, &config.key_file, &config.jwks_file) {
            (Some(key), None, None) => Source::Secret(key.clone()),
            (None, Some(file), None) => Source::File(file.clone()),
            (None, None, Some(file)) => Source::Set(file.clone()),
            _ => return Err(KeyError::NotOne),
        };
        let mut validation = Validation::new(config.algorithm.into());
        validation.leeway = config.leeway_seconds.into();
        validation.validate_nbf = true;
        // Without a configured audience the server has no name to compare with.
        validation.validate_aud = config.audience.is_some();
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &config.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        let keys = RwLock::new(source.load(config.algorithm)?.into());
        Ok(Self { source, algorithm: config.algorithm, validation, keys })
    }

    /// Reads the keys again. If that fails, the old ones stay.
    ///
    /// # Errors
    /// [`KeyError`] if they cannot be used.
    pub fn reload(&self) -> Result<(), KeyError> {
        let keys = self.source.load(self.algorithm)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
        Ok(())
    }

    /// Verifies a token and returns its identity.
    ///
    /// # Errors
    /// A message for the client that quotes nothing of the token.
    pub fn verify(&self, token: &str) -> Result<Identity, &'static str> {
        let header = decode_header(token).map_err(|error| words(error.kind()))?;
        // A critical header demands an extension, and none is implemented here.
        if header.crit.is_some() {
            return Err("the token has critical headers, which are not supported");
        }
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let key = keys.find(header.kid.as_deref()).ok_or("the token is signed with an unknown key")?;
        let claims = decode::<Map<String, Value>>(token, key, &self.validation);
        let claims = claims.map_err(|error| words(error.kind()))?.claims;
        match claims.get("sub").and_then(Value::as_str) {
            Some(subject) if !subject.is_empty() => Ok(Identity { subject: subject.to_owned(), claims }),
            _ => Err("the token has no subject (`sub`)"),
        }
    }
}

impl Source {
    fn load(&self, algorithm: TokenAlgorithm) -> Result<Keys, KeyError> {
        let one = |key| Keys(vec![(None, key)]);
        match self {
            Self::Secret(_) if algorithm != TokenAlgorithm::HS256 => Err(KeyError::NotSecret),
            Self::Secret(secret) => secret_key(secret.expose().as_bytes()).map(one),
            Self::File(file) => {
                let bytes = read(file)?;
                let key = match algorithm {
                    TokenAlgorithm::HS256 => return secret_key(bytes.trim_ascii()).map(one),
                    TokenAlgorithm::RS256 => DecodingKey::from_rsa_pem(&bytes),
                    TokenAlgorithm::EdDsa => DecodingKey::from_ed_pem(&bytes),
                };
                key.map(one).map_err(|_| {
                    let reason = "a public key in PEM is expected".to_owned();
                    KeyError::NoKey { file: file.clone(), algorithm, reason }
                })
            }
            Self::Set(file) => Keys::of_set(file, algorithm),
        }
    }
}

impl Keys {
    /// The keys of a set that are for an algorithm.
    fn of_set(file: &Path, algorithm: TokenAlgorithm) -> Result<Self, KeyError> {
        let no_key = |reason| KeyError::NoKey { file: file.to_owned(), algorithm, reason };
        let set: JwkSet = serde_json::from_slice(&read(file)?).map_err(|error| no_key(error.to_string()))?;
        let family = Algorithm::from(algorithm).family();
        let name = format!("{:?}", Algorithm::from(algorithm));
        let mut keys = Vec::new();
        for jwk in &set.keys {
            let common = &jwk.common;
            let is_other = common.key_algorithm.is_some_and(|other| format!("{other:?}") != name);
            let is_for_signing = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
            match DecodingKey::from_jwk(jwk) {
                Ok(key) if key.family() == family && !is_other && is_for_signing => {
                    keys.push((common.key_id.clone(), key));
                }
                _ => {}
            }
        }
        if keys.is_empty() {
            return Err(no_key("none of its keys is one".to_owned()));
        }
        Ok(Self(keys))
    }

    /// The key that a token names. If there is only one key, a token without a key id matches it, and so does any key id if the
    /// key itself has none.
    fn find(&self, name: Option<&str>) -> Option<&DecodingKey> {
        match (name, &self.0[..]) {
            (None, [(_, only)]) | (Some(_), [(None, only)]) => Some(only),
            (None, _) => None,
            (Some(name), keys) => keys.iter().find(|(id, _)| id.as_deref() == Some(name)).map(|(_, key)| key),
        }
    }
}

fn secret_key(secret: &[u8]) -> Result<DecodingKey, KeyError> {
    if secret.len() < MIN_SECRET_BYTES {
        Err(KeyError::ShortSecret)
    } else {
        Ok(DecodingKey::from_secret(secret))
    }
}

fn read(file: &Path) -> Result<Vec<u8>, KeyError> {
    read_regular(file).map_err(|source| KeyError::File { file: file.to_owned(), source })
}

/// The message for a token's error. It quotes nothing of the token.
fn words(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidSignature => "the token's signature is wrong",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "the token is not signed with this server's algorithm"
        }
        ErrorKind::InvalidIssuer => "the token is not from this server's issuer",
        ErrorKind::InvalidAudience => "the token is not for this server",
        ErrorKind::MissingRequiredClaim(claim) => match &**claim {
            "exp" => "the token has no expiry (`exp`)",
            "sub" => "the token has no subject (`sub`)",
            "iss" => "the token has no issuer (`iss`)",
            "aud" => "the token has no audience (`aud`)",
            _ => "the token lacks a claim",
        },
        _ => "the token is not a readable JSON Web Token",
    }
}
