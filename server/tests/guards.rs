//! Each guard of the server, once: who is turned away, and with which words.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod common;

use common::{http, start};
use drumline_server::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HANDSHAKE: &str = "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: drumline.1\r\n";

#[tokio::test]
async fn pages_of_strangers_are_turned_away() {
    let server = start(&Config::on_free_port());
    let from = |origin| format!("{HANDSHAKE}origin: {origin}\r\n");
    let (status, body) = http(&server, "GET", "/play/arena?name=a", &from("https://evil.example")).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["error"].as_str()), (403, Some("wrong_origin")));
    assert!(body["message"].as_str().unwrap().contains("https://evil.example"), "{body}");
    assert_eq!(server.listing().refusals.get("wrong_origin"), Some(&1));
    // `http` asks for the host `test`.
    for origin in ["http://test", "https://test", "http://localhost:5173"] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let request = format!("GET /play/arena?name=a HTTP/1.1\r\nhost: test\r\n{}\r\n", from(origin));
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 101", "{origin}");
    }
    server.stop();
}
