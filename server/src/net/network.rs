//! IP networks, as the configuration writes them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The addresses of a network, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

/// A text is neither an address nor a range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a network; write an address (192.0.2.7, 2001:db8::7) or a range (10.0.0.0/8, fd00::/8)"
)]
pub struct NetworkError(String);

impl Network {
    /// The network of so many leading bits around an address; `None` if the address has fewer bits.
    #[must_use]
    pub fn around(address: IpAddr, prefix_bits: u8) -> Option<Self> {
        Some(Self(IpNet::new(address, prefix_bits).ok()?.trunc()))
    }

    /// The same network, named by its first address.
    #[must_use]
    pub fn truncated(self) -> Self {
        Self(self.0.trunc())
    }

    /// The leading bits that its addresses share.
    #[must_use]
    pub fn prefix_bits(self) -> u8 {
        self.0.prefix_len()
    }

    /// Returns true if an address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let alone = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| alone()).map(Self).map_err(|_| NetworkError(text.to_owned()))
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_a_range_or_an_address() {
        let range: Network = "10.0.0.0/8".parse().unwrap();
        assert!(range.contains([10, 1, 2, 3].into()) && !range.contains([11, 1, 2, 3].into()));
        let alone: Network = "2001:db8::7".parse().unwrap();
        assert!(alone.contains("2001:db8::7".parse().unwrap()));
        assert!(!alone.contains("2001:db8::8".parse().unwrap()));
        assert_eq!((range.to_string(), alone.to_string()), ("10.0.0.0/8".into(), "2001:db8::7/128".into()));
        let error = "10.0.0.0/33".parse::<Network>().unwrap_err();
        assert!(error.to_string().contains("`10.0.0.0/33` is not a network"), "{error}");
    }
}
