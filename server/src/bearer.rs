//! `Authorization: Bearer`, held against a secret.

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use crate::config::Secret;

/// Whether a request brings a secret. How long it takes to say no tells nothing but lengths.
#[must_use]
pub fn brings(headers: &HeaderMap, secret: &Secret) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return false };
    let brought = value.as_bytes();
    let Some((scheme, token)) = brought.split_at_checked("Bearer ".len()) else { return false };
    scheme.eq_ignore_ascii_case(b"Bearer ") && token.ct_eq(secret.expose().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_it() {
        let secret = Secret::new("s3cret".into());
        let mut headers = HeaderMap::new();
        assert!(!brings(&headers, &secret));
        for (value, is_it) in [
            ("Bearer s3cret", true),
            ("bearer s3cret", true),
            ("Bearer s3cret ", false),
            ("Bearer s3cre", false),
            ("Bearer ", false),
            ("Basic s3cret", false),
            ("s3cret", false),
        ] {
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(brings(&headers, &secret), is_it, "{value}");
        }
    }
}
