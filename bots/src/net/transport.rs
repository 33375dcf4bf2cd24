//! The byte stream under a bot's WebSocket, and the certificates that it trusts.

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// The byte stream under a bot's WebSocket.
#[derive(Debug)]
pub enum Transport {
    /// A TCP socket.
    Tcp(TcpStream),
    /// A simulated network in front of a TCP socket: see `net/path.rs`.
    Simulated(DuplexStream),
    /// TLS over one of the others.
    Tls(Box<TlsStream<Transport>>),
}

/// The root certificates that bots trust. They are sent to other processes as PEM.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrustedRoots {
    pem: String,
    config: Arc<ClientConfig>,
}

/// A file of root certificates cannot be used.
#[derive(Debug, Error)]
pub enum TrustError {
    /// It holds no certificates in PEM.
    #[error("it holds no certificates in PEM: {0}")]
    Unreadable(#[from] pem::Error),
    /// It cannot be opened.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A certificate in it cannot be used.
    #[error("a certificate in it cannot be used: {0}")]
    Useless(#[from] rustls::Error),
}

impl TrustedRoots {
    /// Reads root certificates from a PEM file.
    ///
    /// # Errors
    /// [`TrustError`] if the file cannot be read or holds no usable certificate.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, TrustError> {
        std::fs::read_to_string(file)?.try_into()
    }

    /// Does the TLS handshake with a host.
    ///
    /// # Errors
    /// If the host's name is invalid or its certificate is not trusted.
    pub async fn encrypt(&self, host: &str, stream: Transport) -> io::Result<Transport> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let encrypted = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await?;
        Ok(Transport::Tls(Box::new(encrypted)))
    }
}

impl TryFrom<String> for TrustedRoots {
    type Error = TrustError;

    fn try_from(pem: String) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate?)?;
        }
        if roots.is_empty() {
            return Err(pem::Error::NoItemsFound.into());
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { pem, config: Arc::new(config) })
    }
}

impl From<TrustedRoots> for String {
    fn from(trust: TrustedRoots) -> Self {
        trust.pem
    }
}

impl Debug for TrustedRoots {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str("TrustedRoots")
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Simulated(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Simulated(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Simulated(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Simulated(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
