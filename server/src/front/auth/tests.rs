//! Authentication by tokens and by an author's check.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use drumline_room::NameError;
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::json;

use super::settings::TokenAlgorithm;
use super::*;
use crate::settings::secret::Secret;

/// Keys for these tests alone.
const RSA: &[u8] = include_bytes!("../../../tests/keys/rsa.pem");
const ED25519: &[u8] = include_bytes!("../../../tests/keys/ed25519.pem");
const OTHER: &[u8] = include_bytes!("../../../tests/keys/other.pem");
const SECRET: &str = "a secret that is known to the tests alone";

fn key_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)
}

fn jwt(algorithm: TokenAlgorithm) -> AuthConfig {
    AuthConfig { mode: AuthMode::Jwt, algorithm, ..AuthConfig::default() }
}

fn with_secret() -> AuthConfig {
    AuthConfig { key: Some(Secret::new(SECRET.to_owned())), ..jwt(TokenAlgorithm::HS256) }
}

/// Claims that are valid for a minute, and others.
fn claims(others: Value) -> Value {
    let mut claims = json!({ "sub": "ada-1", "exp": get_current_timestamp() + 60 });
    let Value::Object(others) = others else { panic!("claims are an object") };
    claims.as_object_mut().unwrap().extend(others);
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed(algorithm: Algorithm, key: &EncodingKey, kid: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn by_secret(claims: &Value) -> String {
    signed(Algorithm::HS256, &EncodingKey::from_secret(SECRET.as_bytes()), None, claims)
}

/// The result of a check that waits for nothing.
fn now<T>(check: impl Future<Output = T>) -> T {
    check.now_or_never().expect("it waits for nothing")
}

fn joiner(config: &AuthConfig, authorization: &str, name: Option<&str>) -> Result<Joiner, Refusal> {
    let mut headers = HeaderMap::new();
    if !authorization.is_empty() {
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    }
    let peer = PeerAddr::direct([127, 0, 0, 1].into());
    now(Authenticator::new(config).unwrap().joiner(&headers, peer, name))
}

/// The message about a refused token.
fn refused(config: &AuthConfig, token: &str) -> String {
    match joiner(config, &format!("Bearer {token}"), None) {
        Err(Refusal::Unauthenticated(words)) => {
            let part = token.split('.').nth(1).filter(|part| !part.is_empty());
            assert!(part.is_none_or(|part| !words.contains(part)), "the token is not quoted: {words}");
            words
        }
        other => panic!("refused: {other:?}"),
    }
}

#[test]
fn without_authentication_every_client_is_admitted() {
    let anonymous = AuthConfig::default();
    for authorization in ["", "Bearer soup"] {
        assert_eq!(joiner(&anonymous, authorization, Some("Ada")), Ok("Ada".into()));
    }
    assert_eq!(joiner(&anonymous, "", None), Ok("guest".into()));
    assert_eq!(joiner(&anonymous, "", Some(" ")), Err(NameError::Empty.into()));
}

#[test]
fn a_valid_token_identifies_a_client() {
    let token = by_secret(&claims(json!({ "name": "Ada", "roles": ["captain"] })));
    for scheme in ["Bearer", "bearer"] {
        let joiner = joiner(&with_secret(), &format!("{scheme} {token}"), Some("Eve")).unwrap();
        let identity = joiner.identity.unwrap();
        assert_eq!((joiner.name.as_str(), identity.subject.as_str()), ("Eve", "ada-1"));
        assert_eq!(identity.claims["roles"], json!(["captain"]));
    }
}

#[test]
fn each_mistake_of_a_token_has_its_message() {
    let mut config = with_secret();
    let good = by_secret(&claims(json!({})));
    let missing = joiner(&config, "", None).unwrap_err().to_string();
    assert!(missing.contains("Authorization: Bearer"), "{missing}");
    assert!(joiner(&config, "Basic eDp5", None).unwrap_err().to_string().contains("Bearer TOKEN"));
    assert!(refused(&config, "soup").contains("JSON Web Token"));
    assert!(refused(&config, "").contains("JSON Web Token"));
    assert!(refused(&config, &format!("{good}x")).contains("signature"));
    let other_secret = EncodingKey::from_secret(b"another secret of as many bytes as that");
    let forged = signed(Algorithm::HS256, &other_secret, None, &claims(json!({})));
    assert!(refused(&config, &forged).contains("signature"));
    let of = |others| by_secret(&claims(others));
    let now = get_current_timestamp();
    assert!(refused(&config, &of(json!({ "exp": now - 40 }))).contains("expired"));
    assert!(refused(&config, &of(json!({ "exp": null }))).contains("`exp`"));
    assert!(refused(&config, &of(json!({ "exp": "soon" }))).contains("`exp`"));
    assert!(refused(&config, &of(json!({ "nbf": now + 60 }))).contains("not valid yet"));
    assert!(refused(&config, &of(json!({ "sub": null }))).contains("`sub`"));
    assert!(refused(&config, &of(json!({ "sub": "" }))).contains("`sub`"));
    assert!(joiner(&config, &format!("Bearer {}", of(json!({ "exp": now - 20 }))), None).is_ok(), "leeway");
    let header = Header { crit: Some(vec!["exp".into()]), ..Header::new(Algorithm::HS256) };
    let critical = encode(&header, &claims(json!({})), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    assert!(refused(&config, &critical).contains("critical"));

    config.issuer = Some("https://accounts.example.org".to_owned());
    config.audience = Some("drumline".to_owned());
    let whole = json!({ "iss": "https://accounts.example.org", "aud": ["other", "drumline"] });
    assert!(joiner(&config, &format!("Bearer {}", of(whole.clone())), None).is_ok());
    let but = |claim: &str, value: Value| {
        let mut claims = whole.clone();
        claims[claim] = value;
        of(claims)
    };
    assert!(refused(&config, &but("iss", json!("https://evil.example"))).contains("issuer"));
    assert!(refused(&config, &but("iss", Value::Null)).contains("`iss`"));
    assert!(refused(&config, &but("aud", json!("other"))).contains("not for this server"));
    assert!(refused(&config, &but("aud", Value::Null)).contains("`aud`"));
}

#[test]
fn the_algorithm_is_the_configured_one_whatever_a_token_names() {
    let rsa = AuthConfig { key_file: Some(key_path("rsa.pub.pem")), ..jwt(TokenAlgorithm::RS256) };
    let claims = claims(json!({}));
    let good = signed(Algorithm::RS256, &EncodingKey::from_rsa_pem(RSA).unwrap(), None, &claims);
    assert!(joiner(&rsa, &format!("Bearer {good}"), None).is_ok());
    // Key confusion: the public key, which is not secret, as the secret of HS256.
    let public = std::fs::read(key_path("rsa.pub.pem")).unwrap();
    for secret in [&public[..], public.trim_ascii()] {
        let confused = signed(Algorithm::HS256, &EncodingKey::from_secret(secret), None, &claims);
        assert!(refused(&rsa, &confused).contains("algorithm"));
    }
    assert!(refused(&with_secret(), &good).contains("algorithm"));
    // {"alg":"none"}, without a signature and with another token's.
    let parts: Vec<_> = good.split('.').collect();
    for signature in ["", parts[2]] {
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.{signature}", parts[1]);
        refused(&rsa, &unsigned);
        refused(&with_secret(), &unsigned);
    }
}

#[test]
fn tokens_signed_with_ed25519_are_checked() {
    let config = AuthConfig { key_file: Some(key_path("ed25519.pub.pem")), ..jwt(TokenAlgorithm::EdDsa) };
    let of =
        |key| signed(Algorithm::EdDSA, &EncodingKey::from_ed_pem(key).unwrap(), None, &claims(json!({})));
    assert!(joiner(&config, &format!("Bearer {}", of(ED25519)), None).is_ok());
    assert!(refused(&config, &of(OTHER)).contains("signature"));
}

#[test]
fn tokens_name_their_key_in_a_set() {
    let set = |algorithm| AuthConfig { jwks_file: Some(key_path("jwks.json")), ..jwt(algorithm) };
    let (rsa, ed) = (EncodingKey::from_rsa_pem(RSA).unwrap(), EncodingKey::from_ed_pem(ED25519).unwrap());
    let claims = claims(json!({}));
    let cases = [
        (TokenAlgorithm::RS256, Algorithm::RS256, &rsa, "rsa-1"),
        (TokenAlgorithm::EdDsa, Algorithm::EdDSA, &ed, "ed-1"),
    ];
    for (configured, algorithm, key, kid) in cases {
        for kid in [Some(kid), None] {
            let token = signed(algorithm, key, kid, &claims);
            assert!(joiner(&set(configured), &format!("Bearer {token}"), None).is_ok(), "{kid:?}");
        }
        let unknown = signed(algorithm, key, Some("ec-1"), &claims);
        assert!(refused(&set(configured), &unknown).contains("an unknown key"));
    }
    let none = Authenticator::new(&set(TokenAlgorithm::HS256)).unwrap_err().to_string();
    assert!(none.contains("jwks.json holds no key for HS256"), "{none}");
}

#[test]
fn unusable_keys_are_helpful_errors() {
    let words = |config: AuthConfig| Authenticator::new(&config).unwrap_err().to_string();
    assert!(words(jwt(TokenAlgorithm::HS256)).contains("exactly one of"));
    assert!(
        words(AuthConfig { key_file: Some(key_path("rsa.pem")), ..with_secret() }).contains("exactly one of")
    );
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    assert!(words(AuthConfig { key: secret("short"), ..with_secret() }).contains("at least 32"));
    assert!(
        words(AuthConfig { algorithm: TokenAlgorithm::RS256, ..with_secret() }).contains("auth.key_file")
    );
    let file = |algorithm, name| words(AuthConfig { key_file: Some(key_path(name)), ..jwt(algorithm) });
    assert!(file(TokenAlgorithm::RS256, "nowhere.pem").contains("nowhere.pem cannot be read"));
    assert!(file(TokenAlgorithm::RS256, "jwks.json").contains("PEM is expected"));
    assert!(file(TokenAlgorithm::EdDsa, "rsa.pub.pem").contains("PEM is expected"));
}

#[test]
fn keys_are_reloaded_unless_the_new_ones_are_bad() {
    let path = std::env::temp_dir().join(format!("drumline-secret-{}", std::process::id()));
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    write(SECRET);
    let config = AuthConfig { key_file: Some(path.clone()), ..jwt(TokenAlgorithm::HS256) };
    let authenticator = Authenticator::new(&config).unwrap();
    let admits = |secret: &str| {
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = signed(Algorithm::HS256, &key, None, &claims(json!({})));
        let headers =
            HeaderMap::from_iter([(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())]);
        now(authenticator.joiner(&headers, PeerAddr::direct([127, 0, 0, 1].into()), None)).is_ok()
    };
    let next = "the next secret, which is as good as any";
    assert!(admits(SECRET) && !admits(next));
    write("short");
    assert!(matches!(authenticator.reload(), Err(KeyError::ShortSecret)));
    assert!(admits(SECRET));
    write(&format!("{next}\n"));
    authenticator.reload().unwrap();
    assert!(admits(next) && !admits(SECRET));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_claimed_name_overrides_the_players_own_and_is_repaired() {
    let config = AuthConfig { name_claim: Some("nick".to_owned()), ..with_secret() };
    let named = |nick: Value, own: Option<&str>| {
        let token = by_secret(&claims(json!({ "nick": nick })));
        joiner(&config, &format!("Bearer {token}"), own).unwrap().name
    };
    assert_eq!(named(json!("Ada"), Some("Eve")), "Ada");
    assert_eq!(named(json!(" Ada\u{202e} \u{7}King "), None), "Ada King");
    assert_eq!(named(json!("Zoë".repeat(10)), None), "ZoëZoëZoëZoëZoëZoëZoëZoë");
    assert_eq!(named(json!("Bartholomew Featherstone-Smith"), None), "Bartholomew Featherstone");
    for none in [json!(null), json!(7), json!(" \u{7} ")] {
        assert_eq!(named(none, Some("Eve")), "Eve");
    }
}

#[tokio::test]
async fn an_author_can_identify_clients() {
    let check = |credentials: &Credentials| match credentials.headers.get("x-badge") {
        Some(badge) if badge == "0" => panic!("no such badge, says the test"),
        Some(badge) => Ok(Identity {
            subject: format!("{} from {}", badge.to_str().unwrap(), credentials.address),
            claims: serde_json::Map::new(),
        }),
        None => Err(Denied(format!("no badge, {}", credentials.name.as_deref().unwrap_or_default()))),
    };
    let waiting = move |credentials: Credentials| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            check(&credentials)
        }) as Pin<Box<dyn Future<Output = _> + Send>>
    };
    let config = AuthConfig::default();
    for hook in [AuthHook::Sync(Arc::new(check)), AuthHook::Async(Arc::new(waiting))] {
        let authenticator = Authenticator::by_hook(&config, hook, Handle::current(), Duration::from_secs(60));
        assert!(!authenticator.is_anonymous());
        let peer = PeerAddr::direct([192, 0, 2, 7].into());
        let badge = |number: &'static str| {
            HeaderMap::from_iter([(header::HeaderName::from_static("x-badge"), number.parse().unwrap())])
        };
        let refused = authenticator.joiner(&HeaderMap::new(), peer, Some("Eve")).await;
        assert_eq!(refused, Err(Refusal::Unauthenticated("no badge, Eve".to_owned())));
        assert_eq!(authenticator.joiner(&badge("0"), peer, None).await, Err(Refusal::AuthFailed));
        let joiner = authenticator.joiner(&badge("7"), peer, Some("Ada")).await.unwrap();
        assert_eq!((joiner.name.as_str(), &*joiner.identity.unwrap().subject), ("Ada", "7 from 192.0.2.7"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_that_takes_too_long_refuses_the_client() {
    let endless =
        |_: Credentials| Box::pin(std::future::pending()) as Pin<Box<dyn Future<Output = _> + Send>>;
    let (config, hook) = (AuthConfig::default(), AuthHook::Async(Arc::new(endless)));
    let authenticator = Authenticator::by_hook(&config, hook, Handle::current(), Duration::from_secs(9));
    let peer = PeerAddr::direct([192, 0, 2, 7].into());
    assert_eq!(authenticator.joiner(&HeaderMap::new(), peer, None).await, Err(Refusal::AuthFailed));
}
