//! Checking `Authorization: Bearer` against a secret.

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use crate::settings::secret::Secret;

/// Returns true if a request has the secret as its bearer token. The time that it takes reveals lengths alone.
#[must_use]
pub fn has_bearer_token(headers: &HeaderMap, secret: &Secret) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return false };
    let value = value.as_bytes();
    let Some((scheme, token)) = value.split_at_checked("Bearer ".len()) else { return false };
    scheme.eq_ignore_ascii_case(b"Bearer ") && token.ct_eq(secret.expose().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_matches() {
        let secret = Secret::new("s3cret".into());
        let mut headers = HeaderMap::new();
        assert!(!has_bearer_token(&headers, &secret));
        for (value, matches) in [
            ("Bearer s3cret", true),
            ("bearer s3cret", true),
            ("Bearer s3cret ", false),
            ("Bearer s3cre", false),
            ("Bearer ", false),
            ("Basic s3cret", false),
            ("s3cret", false),
        ] {
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(has_bearer_token(&headers, &secret), matches, "{value}");
        }
    }
}
