//! TLS: the `[tls]` of the configuration, and the certificate that handshakes are made with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// The `[tls]` section. Either both files are named or neither.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a section of settings")]
pub struct TlsConfig {
    /// The file of the certificate and those that lead to its root, in PEM.
    pub cert: Option<PathBuf>,
    /// The file of the certificate's private key, in PEM.
    pub key: Option<PathBuf>,
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
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The key's file cannot be read.
    #[error("cannot read the private key in {}: {source}; it must be PEM (-----BEGIN PRIVATE KEY-----)", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The certificate and the key are of no use, or not together.
    #[error("the certificate in {} and the key in {} cannot be used: {source}", cert.display(), key.display())]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },
}

/// The certificate in use, which can be read anew.
#[derive(Debug)]
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    /// Taken for each new connection; nobody waits for a file under it.
    current: Mutex<Arc<ServerConfig>>,
}

impl TlsConfig {
    /// The files of the certificate and the key, if there is to be TLS.
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
    /// Reads the files that the configuration names, if there is to be TLS.
    ///
    /// # Errors
    /// [`TlsError`] says what is wrong with them.
    pub fn of(config: &TlsConfig) -> Result<Option<Self>, TlsError> {
        let Some((cert, key)) = config.files()? else { return Ok(None) };
        let current = Mutex::new(Arc::new(server_config(cert, key)?));
        Ok(Some(Self { cert: cert.to_owned(), key: key.to_owned(), current }))
    }

    /// Reads the files again. Handshakes that begin from now on are made with what is in them; connections go on as they are.
    ///
    /// # Errors
    /// [`TlsError`] says what is wrong; then all stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = Arc::new(server_config(&self.cert, &self.key)?);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Makes the handshake of one connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

/// A configuration of its own for each certificate: who resumes a TLS session of an older one would not see the new one.
fn server_config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let wrong_cert = |source| TlsError::Certificate { path: cert.to_owned(), source };
    let chain = CertificateDer::pem_file_iter(cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(wrong_cert)?;
    if chain.is_empty() {
        return Err(wrong_cert(pem::Error::NoItemsFound));
    }
    let wrong_key = |source| TlsError::Key { path: key.to_owned(), source };
    let private = PrivateKeyDer::from_pem_file(key).map_err(wrong_key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("ring has suites for both versions")
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|source| TlsError::Pair { cert: cert.to_owned(), key: key.to_owned(), source })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
