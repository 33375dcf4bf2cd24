//! The bytes under a bot's WebSocket.

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

/// The bytes under a bot's WebSocket.
#[derive(Debug)]
pub enum Stream {
    /// Straight from the socket.
    Straight(TcpStream),
    /// Over a bad network.
    Led(DuplexStream),
    /// Under TLS, over one of the others.
    Encrypted(Box<TlsStream<Stream>>),
}

/// The certificates that bots trust. On their way to another process they are PEM.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trust {
    pem: String,
    config: Arc<ClientConfig>,
}

/// A file says nobody whom to trust.
#[derive(Debug, Error)]
pub enum TrustError {
    /// It cannot be read.
    #[error("it has no certificates in PEM: {0}")]
    Unreadable(#[from] pem::Error),
    /// It cannot be opened.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A certificate in it is of no use.
    #[error("a certificate in it cannot be used: {0}")]
    Useless(#[from] rustls::Error),
}

impl Trust {
    /// Reads certificates, in PEM.
    ///
    /// # Errors
    /// [`TrustError`] says why they cannot be trusted.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, TrustError> {
        std::fs::read_to_string(file)?.try_into()
    }

    /// Does the handshake with a host.
    ///
    /// # Errors
    /// If the host's name or its certificate is none to trust.
    pub async fn encrypt(&self, host: &str, stream: Stream) -> io::Result<Stream> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let encrypted = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await?;
        Ok(Stream::Encrypted(Box::new(encrypted)))
    }
}

impl TryFrom<String> for Trust {
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

impl From<Trust> for String {
    fn from(trust: Trust) -> Self {
        trust.pem
    }
}

impl Debug for Trust {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str("Trust")
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Straight(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Led(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Straight(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Led(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Straight(stream) => Pin::new(stream).poll_flush(context),
            Self::Led(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Straight(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Led(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
