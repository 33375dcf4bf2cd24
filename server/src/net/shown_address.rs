//! Clients' addresses as the log shows them: whole, as their network, or not at all.

use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use tracing::field::{DisplayValue, display};

/// Leading bits of a truncated address.
const IPV4_BITS: u8 = 24;
const IPV6_BITS: u8 = 48;

/// The form of addresses in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum AddressForm {
    /// The address itself.
    #[default]
    Full,
    /// Its network: /24 of IPv4, /48 of IPv6.
    Truncated,
    /// No address.
    None,
}

/// The form for the whole program, like the log itself.
static FORM: AtomicU8 = AtomicU8::new(AddressForm::Full as u8);

/// An address in one of the forms.
#[derive(Debug, Clone, Copy)]
pub struct ShownAddress {
    ip: IpAddr,
    is_whole: bool,
}

impl AddressForm {
    /// Makes this the program's form.
    pub fn set(self) {
        FORM.store(self as u8, Relaxed);
    }

    /// An address in this form; `None` if it is not to be shown.
    #[must_use]
    pub fn of(self, ip: IpAddr) -> Option<ShownAddress> {
        (self != Self::None).then_some(ShownAddress { ip, is_whole: self == Self::Full })
    }
}

/// A client's address as the value of a field of the log, in the program's form.
#[must_use]
pub fn shown(ip: IpAddr) -> Option<DisplayValue<ShownAddress>> {
    let forms = [AddressForm::Full, AddressForm::Truncated, AddressForm::None];
    forms[usize::from(FORM.load(Relaxed))].of(ip).map(display)
}

impl fmt::Display for ShownAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = match self.ip {
            IpAddr::V4(_) => IPV4_BITS,
            IpAddr::V6(_) => IPV6_BITS,
        };
        match IpNet::new(self.ip, bits) {
            Ok(network) if !self.is_whole => network.trunc().fmt(formatter),
            _ => self.ip.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_whole_as_its_network_or_not_at_all() {
        for (ip, network) in [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::7", "2001:db8:1::/48")] {
            let of = |form: AddressForm| form.of(ip.parse().unwrap()).map(|shown| shown.to_string());
            assert_eq!(of(AddressForm::Full).as_deref(), Some(ip));
            assert_eq!(of(AddressForm::Truncated).as_deref(), Some(network));
            assert_eq!(of(AddressForm::None), None);
        }
    }
}
