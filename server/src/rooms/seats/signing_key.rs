//! The key that tickets and session tokens are signed with.
//!
//! Both are JSON Web Tokens under HMAC-SHA-256, with the key's id in their header. Their characters are those of a header, of a
//! URL and of a WebSocket subprotocol.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto};
use rand::TryRng;
use rand::rngs::SysRng;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of a random key.
const KEY_BYTES: usize = 32;
/// Characters of a key's id.
const ID_CHARS: usize = 8;

/// The kinds of signed tokens, as they stand in a token's header: none is valid in place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The right to take a reserved place, good once.
    Ticket,
    /// A player's claim to their seat.
    Session,
}

/// A secret key. Its holders can issue tickets and session tokens.
pub struct SigningKey {
    /// Names the key without revealing it.
    id: String,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl TokenKind {
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Session => "session",
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The key from a secret, or a random one.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    #[must_use]
    pub fn new(secret: Option<&[u8]>) -> Self {
        let mut random = [0; KEY_BYTES];
        SysRng.try_fill_bytes(&mut random).expect("the operating system has random numbers");
        let secret = secret.unwrap_or(&random);
        let mut validation = Validation::new(Algorithm::HS256);
        // A ticket's expiry is judged by the clock that frees its seat, a session's end by the room.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let signing = EncodingKey::from_secret(secret);
        let mut id = mac(&signing, b"the key's id");
        id.truncate(ID_CHARS);
        Self { id, signing, checking: DecodingKey::from_secret(secret), validation }
    }

    /// Signs claims.
    ///
    /// # Panics
    /// If the claims cannot be written as JSON.
    #[must_use]
    pub fn sign(&self, kind: TokenKind, claims: &impl Serialize) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(kind.name().to_owned());
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing)
            .expect("the claims serialize and the key can sign")
    }

    /// The claims of a token of this kind that was signed with this key; `None` if it is none. Signatures are compared in
    /// constant time.
    #[must_use]
    pub fn verify<T: DeserializeOwned>(&self, kind: TokenKind, text: &str) -> Option<T> {
        let token = jsonwebtoken::decode::<T>(text, &self.checking, &self.validation).ok()?;
        (token.header.typ.as_deref() == Some(kind.name())).then_some(token.claims)
    }

    /// A short text that stands for a long one and that nobody can make without the key.
    #[must_use]
    pub fn digest(&self, text: &str) -> String {
        mac(&self.signing, text.as_bytes())
    }
}

/// The code by which a key authenticates a message, in base64url.
fn mac(key: &EncodingKey, message: &[u8]) -> String {
    crypto::sign(message, key, Algorithm::HS256).expect("the key can sign")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_token_is_valid_for_its_key_and_its_kind() {
        let [one, other] = [(); 2].map(|()| SigningKey::new(None));
        let claims = json!({ "seat": 3 });
        let text = one.sign(TokenKind::Session, &claims);
        let read = |key: &SigningKey, kind, text: &str| key.verify::<Value>(kind, text);
        assert_eq!(read(&one, TokenKind::Session, &text).as_ref(), Some(&claims));
        assert_eq!(read(&one, TokenKind::Ticket, &text), None);
        assert_eq!(read(&other, TokenKind::Session, &text), None);
        assert_eq!(one.verify::<String>(TokenKind::Session, &text), None);
        for at in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            // The last character has bits that say nothing.
            assert!(at + 1 == text.len() || read(&one, TokenKind::Session, &forged).is_none(), "{at}");
        }
    }

    #[test]
    fn servers_that_share_a_secret_read_each_others_tokens() {
        let [here, there] = [(); 2].map(|()| SigningKey::new(Some(&[7; KEY_BYTES])));
        let text = there.sign(TokenKind::Ticket, &json!({}));
        assert_eq!(here.verify::<Value>(TokenKind::Ticket, &text), Some(json!({})));
        let other = SigningKey::new(None);
        assert!(here.id == there.id && here.id != other.id && here.id.len() == ID_CHARS);
        assert_eq!(here.digest("ada"), there.digest("ada"));
        assert_ne!(here.digest("ada"), other.digest("ada"));
        assert_eq!(format!("{here:?}"), format!("SigningKey {{ id: {:?}, .. }}", here.id));
    }
}
