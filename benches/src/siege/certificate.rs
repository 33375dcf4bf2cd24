//! A certificate for a server that is besieged over TLS.

use std::net::Ipv4Addr;

use drumline_bots::TrustedRoots;

use crate::harness::Outcome;

/// The file of the server's certificate.
pub const CERTIFICATE: &str = "cert.pem";
/// The file of its key.
pub const KEY: &str = "key.pem";

/// A folder with a certificate of this machine's address, and its key.
pub struct Certificate(pub tempfile::TempDir);

impl Certificate {
    /// Makes them.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()])?;
        std::fs::write(folder.path().join(CERTIFICATE), made.cert.pem())?;
        std::fs::write(folder.path().join(KEY), made.signing_key.serialize_pem())?;
        Ok(Self(folder))
    }

    /// The certificate, for those who connect.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn trust(&self) -> Outcome<TrustedRoots> {
        Ok(TrustedRoots::read(self.0.path().join(CERTIFICATE))?)
    }
}
