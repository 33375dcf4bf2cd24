//! The token of a session: it lets a player whose connection was lost resume in the same seat.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A secret that allows its holder to resume a session.
///
/// It must not be logged: its [`Debug`](fmt::Debug) form hides it. [`Display`](fmt::Display) writes it as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionToken(pub [u8; 16]);

impl fmt::Display for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(hidden)")
    }
}

/// A text is not a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session token is 32 hexadecimal digits")]
pub struct SessionTokenError;

impl FromStr for SessionToken {
    type Err = SessionTokenError;

    fn from_str(text: &str) -> Result<Self, SessionTokenError> {
        let mut token = [0; 16];
        if text.len() != 2 * token.len() {
            return Err(SessionTokenError);
        }
        let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(SessionTokenError);
        for (byte, pair) in token.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_written_in_hex_and_hidden_in_logs() {
        let token = SessionToken([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xbc, 0xde, 0xf0, 0xff, 0x80]);
        let text = token.to_string();
        assert_eq!(text, "000102030405060708090abcdef0ff80");
        assert_eq!(text.parse(), Ok(token));
        assert_eq!(text.to_uppercase().parse(), Ok(token));
        assert!(!format!("{token:?}").contains("0a"));
        for bad in ["", "00", &text[1..], &format!("{text}0"), &format!("+{}", &text[1..]), &"é".repeat(16)]
        {
            assert_eq!(bad.parse::<SessionToken>(), Err(SessionTokenError), "{bad}");
        }
    }
}
