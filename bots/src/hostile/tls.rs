//! The start of TLS handshakes.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};

/// A client's first message, of this machine's address by any name. It may be sent any number of times: a server answers
/// each with a key and a signature of its own.
pub fn client_hello() -> io::Result<&'static [u8]> {
    static HELLO: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(hello) = HELLO.get() {
        return Ok(hello);
    }
    // Nothing is verified, since no handshake is finished.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut hello = Vec::new();
    connection.write_tls(&mut hello)?;
    Ok(HELLO.get_or_init(|| hello))
}
