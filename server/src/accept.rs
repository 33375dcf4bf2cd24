//! Accepting connections, and turning away at once those for which there is no place.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::front::Front;
use crate::guards::Full;
use crate::http::{HttpConnection, serve};
use crate::memory::{self, Tide};
use crate::rates::{Rate, per_second};

/// To how many in a second it is said why they are turned away; the others' connections are just cut, which costs less still.
const EXPLAINED_PER_SECOND: u32 = 50;
/// How long nothing is accepted after it could not be.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until `stop` turns true.
pub async fn accept(front: Front, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let router = front.clone().router();
    tokio::spawn(Arc::clone(&front.tickets).keep_time());
    let mut turned_away = TurnedAway::new(front.clone(), Instant::now());
    // Handshakes and players take memory that the heap would keep when they have gone.
    let http = Arc::new(());
    let (mut http_tide, mut tide) = (Tide::default(), Tide::default());
    let mut looks = tokio::time::interval(memory::LOOK_EVERY);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = looks.tick() => {
                let http_ebbed = http_tide.has_ebbed(Arc::strong_count(&http) - 1);
                let ebbed = tide.has_ebbed(front.guards.connections());
                if http_ebbed || ebbed {
                    memory::give_back();
                }
                turned_away.report();
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                front.lobby.metrics().accepted.inc();
                match front.guards.admit(peer.ip()) {
                    Ok(permit) => {
                        let connection = HttpConnection::new(front.clone(), peer.ip(), permit);
                        let (router, under_way) = (router.clone(), Arc::clone(&http));
                        tokio::spawn(async move {
                            serve(stream, router, connection).await;
                            drop(under_way);
                        });
                    }
                    Err(full) => turned_away.turn_away(&stream, full, Instant::now()),
                }
            }
            // It has gone while it was waiting.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                // Out of file descriptors, most likely: trying again at once would only spin.
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Those who are turned away. Nothing is read from them, and no task is made of them.
struct TurnedAway {
    front: Front,
    explained: Rate,
    /// How many since the last report.
    count: u64,
}

impl TurnedAway {
    fn new(front: Front, now: Instant) -> Self {
        Self { front, explained: Rate::new(per_second(EXPLAINED_PER_SECOND, 1), now), count: 0 }
    }

    fn turn_away(&mut self, stream: &TcpStream, full: Full, now: Instant) {
        self.count += 1;
        self.front.lobby.count_refusal(&full.refusal());
        // Who expects TLS does not read anything else.
        if self.front.certificate.is_none() && self.explained.take(1, now) {
            // What a new connection does not take at once is not worth waiting for.
            let _ = stream.try_write(full.answer().as_bytes());
        } else if let Err(error) = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
            tracing::debug!(%error, "a connection is closed in the long way");
        }
    }

    fn report(&mut self) {
        let count = std::mem::take(&mut self.count);
        if count > 0 {
            tracing::warn!(
                count,
                "connections were turned away: all places, or all of their addresses, are taken"
            );
        }
    }
}

impl Full {
    /// A whole HTTP response, for those who have not even asked.
    fn answer(self) -> &'static str {
        match self {
            Self::Server => concat!(
                "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 10\r\n",
                "content-type: application/json\r\ncontent-length: 95\r\n\r\n",
                r#"{"error":"all_connections_taken","message":"the server has as many connections as it can have"}"#
            ),
            Self::Address => concat!(
                "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 10\r\n",
                "content-type: application/json\r\ncontent-length: 83\r\n\r\n",
                r#"{"error":"too_many_connections","message":"too many connections from your network"}"#
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_as_long_as_they_say() {
        for full in [Full::Server, Full::Address] {
            let (head, body) = full.answer().split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}: {head}", body.len());
            let refusal = full.refusal();
            let (error, message) = (refusal.name(), refusal.to_string());
            assert_eq!(body, format!(r#"{{"error":"{error}","message":"{message}"}}"#));
        }
    }
}
