//! The accept loop. Connections for which there is no slot are refused at once, before TLS.

mod http_connection;
mod keep_alive;
mod request_head;

use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::front::state::Front;
use crate::net::connection_slot::{ConnectionSlot, NoSlot};
use crate::net::rates::{Rate, per_second};

use http_connection::{HttpConnection, serve};

/// Refused connections a second that get an answer; the others are reset, which costs even less.
const ANSWERED_PER_SECOND: u32 = 50;
/// The period at which refused connections are reported, and an overloaded server is relieved.
const CHECK_PERIOD: Duration = Duration::from_secs(1);
/// The pause after a failed accept.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections, whose requests go to `router`, until `stop` turns true.
pub async fn accept(front: Front, router: Router, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    tokio::spawn(Arc::clone(&front.tickets).expire_forever());
    let mut refuser = Refuser::new(front.clone(), Instant::now());
    let mut checks = tokio::time::interval(CHECK_PERIOD);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = checks.tick() => {
                refuser.report();
                front.lobby.relieve(Instant::now());
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let ip = peer.ip().to_canonical();
                front.lobby.metrics().accepted.inc();
                match admit(&front, ip, Instant::now()) {
                    Ok(slot) => {
                        let connection = HttpConnection::new(front.clone(), ip, slot);
                        tokio::spawn(serve(stream, router.clone(), connection));
                    }
                    Err(no_slot) => refuser.refuse(&stream, ip, no_slot, Instant::now()),
                }
            }
            // The client has left while it was waiting.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                // Most likely out of file descriptors: trying again at once would only spin.
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A slot for a new connection, if its address does not make too many TLS handshakes.
fn admit(front: &Front, ip: IpAddr, now: Instant) -> Result<ConnectionSlot, NoSlot> {
    if front.certificate.is_some() {
        front.admission.check_handshake(ip, now)?;
    }
    front.admission.admit(ip)
}

/// Refuses connections for which there is no slot: it reads nothing from them and spawns no task.
struct Refuser {
    front: Front,
    answered: Rate,
    /// Refused connections since the last report.
    count: u64,
}

impl Refuser {
    fn new(front: Front, now: Instant) -> Self {
        Self { front, answered: Rate::new(per_second(ANSWERED_PER_SECOND, 1), now), count: 0 }
    }

    fn refuse(&mut self, stream: &TcpStream, client: IpAddr, no_slot: NoSlot, now: Instant) {
        self.count += 1;
        self.front.lobby.count_refusal(&no_slot.refusal(), client);
        // A client that expects TLS cannot read a plain answer.
        let answer = no_slot.answer().filter(|_| self.front.certificate.is_none());
        if let Some(answer) = answer.filter(|_| self.answered.take(1, now).is_ok()) {
            // The answer fits a new connection's buffer. If it does not, it is not worth waiting for.
            let _ = stream.try_write(answer.as_bytes());
        } else if let Err(error) = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
            tracing::debug!(%error, "a connection is closed without a reset");
        }
    }

    fn report(&mut self) {
        let count = std::mem::take(&mut self.count);
        if count > 0 {
            tracing::warn!(
                count,
                "connections were refused: no slots are left, or an address begins too many TLS handshakes"
            );
        }
    }
}

impl NoSlot {
    /// A whole HTTP response, sent before any request is read; `None` if the client speaks TLS.
    fn answer(self) -> Option<&'static str> {
        Some(match self {
            Self::Handshakes => return None,
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_have_their_stated_length() {
        for no_slot in [NoSlot::Server, NoSlot::Address] {
            let (head, body) = no_slot.answer().unwrap().split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}: {head}", body.len());
            let refusal = no_slot.refusal();
            let (error, message) = (refusal.name(), refusal.to_string());
            assert_eq!(body, format!(r#"{{"error":"{error}","message":"{message}"}}"#));
        }
    }
}
