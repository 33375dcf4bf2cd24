//! The bounds of a setting's value, for `#[serde(deserialize_with = …)]`: an error names what is allowed, at the value's line.

use std::fmt::{self, Formatter};
use std::marker::PhantomData;
use std::net::SocketAddr;

use drumline_shared::limits;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// The fastest that rooms may tick.
pub const MAX_TICK_RATE_HZ: u64 = limits::MAX_TICK_RATE_HZ as u64;
/// The most seats of a room.
pub const MAX_PLAYERS: u64 = limits::MAX_PLAYERS as u64;

/// An integer from `MIN` to `MAX`.
///
/// # Errors
/// The deserializer's error for any other value.
pub fn within<'de, D, T, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    deserializer.deserialize_u64(Within::<T, MIN, MAX>(PhantomData))
}

/// An integer from `MIN` to `MAX`, for a key that may be absent.
///
/// # Errors
/// The deserializer's error for any other value.
pub fn some_within<'de, D, T, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    within::<D, T, MIN, MAX>(deserializer).map(Some)
}

/// The address of a socket.
///
/// # Errors
/// The deserializer's error for any other value.
pub fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    let expected = "an address and a port, such as 127.0.0.1:7777 or [::1]:7777";
    text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}

struct Within<T, const MIN: u64, const MAX: u64>(PhantomData<T>);

impl<T: TryFrom<u64>, const MIN: u64, const MAX: u64> Visitor<'_> for Within<T, MIN, MAX> {
    type Value = T;

    fn expecting(&self, formatter: &mut Formatter) -> fmt::Result {
        write!(formatter, "an integer from {MIN} to {MAX}")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let checked = if (MIN..=MAX).contains(&number) { T::try_from(number).ok() } else { None };
        checked.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }
}
