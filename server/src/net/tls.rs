//! The TLS certificate: the `[tls]` section of the configuration, and reloading.
//!
//! Each reload makes a rustls configuration of its own. Its sessions cannot be resumed from an older one: a client that resumes
//! would not see the new certificate. Open connections keep their keys.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use crate::settings::bounds;
use crate::settings::file::read_regular;

/// The `[tls]` section. Either both files are named or neither.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct TlsConfig {
    /// The file of the certificate chain, in PEM.
    pub cert: Option<PathBuf>,
    /// The file of the certificate's private key, in PEM.
    pub key: Option<PathBuf>,
    /// Seconds for which browsers shall reach this name over TLS alone; 0 does not tell them so.
    #[serde(deserialize_with = "bounds::within::<_, _, 0, { 2 * 366 * 86_400 }>")]
    pub hsts_seconds: u32,
}

/// The certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// Only one of the two files is named.
    #[error(
        "the file of the TLS {0} is named, that of the {1} is not; name both (--tls-cert, --tls-key), or neither"
    )]
    Alone(&'static str, &'static str),
    /// The certificate's file cannot be read.
    #[error("cannot read the certificate in {}: {source}; it must be PEM (-----BEGIN CERTIFICATE-----)", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: pem::Error,
    },
    /// The key's file cannot be read.
    #[error("cannot read the private key in {}: {source}; it must be PEM (-----BEGIN PRIVATE KEY-----)", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: pem::Error,
    },
    /// The certificate and the key cannot be used, or do not match.
    #[error("the certificate in {} and the key in {} cannot be used: {source}", cert.display(), key.display())]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// The cause.
        source: rustls::Error,
    },
}

/// The certificate in use. It can be reloaded.
#[derive(Debug)]
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    /// The header `Strict-Transport-Security`, if the operator wants it.
    hsts: Option<HeaderValue>,
    /// Locked for each new connection; files are read outside the lock.
    current: Mutex<Arc<ServerConfig>>,
}

impl TlsConfig {
    /// The files of the certificate and the key; `None` without TLS.
    ///
    /// # Errors
    /// [`TlsError::Alone`].
    pub fn files(&self) -> Result<Option<(&Path, &Path)>, TlsError> {
        match (&self.cert, &self.key) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some((cert, key))),
            (Some(_), None) => Err(TlsError::Alone("certificate", "key")),
            (None, Some(_)) => Err(TlsError::Alone("key", "certificate")),
        }
    }
}

impl Certificate {
    /// Loads the files that the configuration names; `None` without TLS.
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be used.
    pub fn load(config: &TlsConfig) -> Result<Option<Self>, TlsError> {
        let Some((cert, key)) = config.files()? else { return Ok(None) };
        let current = Mutex::new(Arc::new(server_config(cert, key)?));
        let hsts = (config.hsts_seconds > 0).then(|| format!("max-age={}", config.hsts_seconds));
        let hsts = hsts.map(|text| text.try_into().expect("a number can stand in a header"));
        Ok(Some(Self { cert: cert.to_owned(), key: key.to_owned(), hsts, current }))
    }

    /// Reads the files again. New handshakes use the new certificate; open connections continue unchanged.
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be used; then the old certificate stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = Arc::new(server_config(&self.cert, &self.key)?);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The header `Strict-Transport-Security` of each answer; `None` for none.
    #[must_use]
    pub fn hsts(&self) -> Option<&HeaderValue> {
        self.hsts.as_ref()
    }

    /// The acceptor for the handshake of one connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

/// A new configuration for the certificate in two files.
fn server_config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let wrong_cert = |source| TlsError::Certificate { path: cert.to_owned(), source };
    let pem = read_regular(cert).map_err(|error| wrong_cert(pem::Error::Io(error)))?;
    let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().map_err(wrong_cert)?;
    if chain.is_empty() {
        return Err(wrong_cert(pem::Error::NoItemsFound));
    }
    let wrong_key = |source| TlsError::Key { path: key.to_owned(), source };
    let pem = read_regular(key).map_err(|error| wrong_key(pem::Error::Io(error)))?;
    let private = PrivateKeyDer::from_pem_slice(&pem).map_err(wrong_key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("ring has suites for both versions")
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|source| TlsError::Pair { cert: cert.to_owned(), key: key.to_owned(), source })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
