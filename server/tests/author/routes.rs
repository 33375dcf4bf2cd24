//! An author's own routes beside the rooms.

use std::sync::{Arc, Condvar, Mutex};

use crate::common::http;
use crate::common::http_api::Api;
use crate::probe::{Player, Probe, Shelf, config};
use drumline::axum::Router;
use drumline::axum::body::Bytes;
use drumline::axum::extract::{DefaultBodyLimit, State};
use drumline::axum::routing::{any, get, post};
use drumline::{Config, Limits, Server, StartError};

fn server() -> Server {
    Server::new().game::<Probe>().context(Arc::new(Shelf::new()))
}

/// A lock that a handler waits for, blocking its thread.
type Gate = Arc<(Mutex<bool>, Condvar)>;

async fn wait(State(gate): State<Gate>) -> &'static str {
    let (may, changed) = &*gate;
    drop(changed.wait_while(may.lock().unwrap(), |may| !*may).unwrap());
    "done"
}

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

async fn broken() -> &'static str {
    panic!("a handler panics, says the test")
}

#[tokio::test]
async fn they_answer_beside_the_rooms_and_hold_up_nothing() {
    let gate = Gate::default();
    let slow = Router::new().route("/slow", get(wait)).with_state(Arc::clone(&gate));
    let others =
        Router::new().route("/scores/{game}", get(|| async { "Ada 7" })).route("/broken", get(broken));
    let server = server().routes(slow).routes(others).start(&config()).unwrap();
    assert_eq!(http(&server, "GET", "/scores/tag", "").await, (200, "Ada 7".to_owned()));
    let address = server.address();
    let waiting = tokio::spawn(async move { http(&address, "GET", "/slow", "").await });
    for _ in 0..3 {
        assert_eq!(http(&server, "GET", "/healthz", "").await.0, 200);
        Player::join(&server, "").await;
    }
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    assert_eq!(waiting.await.unwrap(), (200, "done".to_owned()));
    assert_eq!(http(&server, "GET", "/broken", "").await.0, 500);
    assert_eq!(http(&server, "POST", "/scores/tag", "content-length: 0\r\n").await.0, 405);
    assert_eq!(http(&server, "GET", "/elsewhere", "").await, (404, "there is nothing here\n".to_owned()));
    server.stop();
}

#[tokio::test]
async fn origins_and_bodies_are_checked_before_them() {
    let routes = Router::new().route("/length", any(length));
    let large = Router::new().route("/large", post(length)).layer(DefaultBodyLimit::max(1 << 20));
    let limits = Limits { origins: vec!["https://game.example.org".parse().unwrap()], ..Limits::default() };
    let config = Config { limits, ..config() };
    let server = server().routes(routes).routes(large).start(&config).unwrap();
    let from = |origin: &str| format!("content-length: 0\r\norigin: {origin}\r\n");
    for (method, path, origin, status) in [
        ("POST", "/length", "https://evil.example.org", 403),
        ("DELETE", "/length", "https://evil.example.org", 403),
        ("GET", "/length", "https://evil.example.org", 200),
        ("POST", "/length", "https://game.example.org", 200),
    ] {
        assert_eq!(http(&server, method, path, &from(origin)).await.0, status, "{method} from {origin}");
    }
    let body = "7".repeat(20_000);
    let mut api = Api::connect(server.address()).await;
    assert_eq!(api.post_text("/large", &body).await, (200, 20_000.into()));
    let refused = format!("content-length: {}\r\n\r\n{body}", body.len());
    assert_eq!(http(&server, "POST", "/length", &refused).await.0, 413);
    server.stop();
}

#[test]
fn a_clash_is_an_error_at_the_start() {
    for (routes, words) in [
        (Router::new().route("/healthz", get(broken)), "/healthz"),
        (Router::new().route("/api/rooms/{name}", get(broken)), "/api/rooms/{name}"),
        (Router::new().fallback(broken), "fallback"),
    ] {
        match server().routes(routes).start(&config()) {
            Err(StartError::Routes(error)) => assert!(error.contains(words), "{error}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}
