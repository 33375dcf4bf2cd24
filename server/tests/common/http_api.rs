//! The API over one persistent connection.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::soon;

/// A connection to the API.
pub struct Api {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
    /// Headers of every request, each with its end of line.
    pub headers: String,
}

impl Api {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        Self { stream, host: address, headers: String::new() }
    }

    pub async fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, &body.to_string()).await
    }

    pub async fn post_text(&mut self, path: &str, body: &str) -> (u16, Value) {
        self.ask("POST", path, body).await
    }

    /// Sends a request, and returns the status and the body.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{}\r\n{body}",
            self.host,
            body.len(),
            self.headers
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        soon(self.answer()).await
    }

    async fn answer(&mut self) -> (u16, Value) {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.unwrap();
            match line.trim_end().split_once([' ', ':']) {
                Some(("HTTP/1.1", rest)) => status = rest[..3].parse().unwrap(),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.unwrap();
        // Only an answer without a body is no JSON.
        (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() })
    }
}
