//! One HTTP connection: its requests, with time limits, until it ends or becomes a player's.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::front::state::Front;
use crate::net::connection_slot::ConnectionSlot;
use crate::net::peer::PeerAddr;
use crate::rooms::refusal::Refusal;

use super::keep_alive::{HeadLimits, serve_requests};
use super::request_head::check_head;

/// The start of the path at which clients join and resume.
const PLAY_PATH: &str = "/play/";
/// The value of a header `Connection` that ends the connection.
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A connection that has been admitted.
pub struct HttpConnection {
    front: Front,
    /// The address of the other end.
    ip: IpAddr,
    slot: Arc<ConnectionSlot>,
    /// True once a request has come.
    has_requested: AtomicBool,
}

impl HttpConnection {
    /// A connection from an address.
    #[must_use]
    pub fn new(front: Front, ip: IpAddr, slot: ConnectionSlot) -> Self {
        Self { front, ip, slot: Arc::new(slot), has_requested: AtomicBool::new(false) }
    }

    /// Checks a request before it is routed, and attaches the client's address and the slot to it.
    fn check(&self, request: &mut Request<Incoming>, peer: PeerAddr) -> Result<(), Refusal> {
        self.has_requested.store(true, Relaxed);
        let now = Instant::now();
        self.front.admission.warn_of_unlisted_proxy(self.ip, request.headers(), now);
        let extensions = request.extensions_mut();
        extensions.insert(peer);
        extensions.insert(Arc::clone(&self.slot));
        self.front.admission.check_request(peer, now)?;
        check_head(request)?;
        match self.slot.missing() {
            Some(missing) if !request.uri().path().starts_with(PLAY_PATH) => Err(missing.refusal()),
            _ => Ok(()),
        }
    }

    /// Adds the headers that every answer has.
    fn complete(&self, mut response: Response) -> Response {
        if let Some(hsts) = self.front.certificate.as_ref().and_then(|certificate| certificate.hsts()) {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        // A connection without a slot of its own has one request: its place is for others on their way back.
        if self.slot.missing().is_some() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(header::CONNECTION, CLOSE);
        }
        response
    }

    fn refuse(&self, refusal: Refusal, client: IpAddr) -> Response {
        self.front.lobby.count_refusal(&refusal, client);
        let mut response = refusal.into_response();
        // Further requests on this connection are not read.
        response.headers_mut().insert(header::CONNECTION, CLOSE);
        response
    }

    /// Counts a connection that has ended with an error, by its cause.
    fn count_end(&self, ended: &hyper::Result<()>) {
        let refusal = match ended {
            // Between two requests a browser may stay silent, and may leave without an error.
            _ if self.has_requested.load(Relaxed) && !matches!(ended, Err(error) if error.is_parse()) => {
                return;
            }
            Err(error) if error.is_timeout() => Refusal::HandshakeTimeout,
            Err(error) if error.is_parse_too_large() => Refusal::HeadTooBig,
            Err(error) if error.is_parse() => Refusal::BadRequest,
            Ok(()) | Err(_) => Refusal::NoRequest,
        };
        self.front.lobby.count_refusal(&refusal, self.ip);
    }
}

/// Serves a connection to its end.
pub async fn serve(stream: TcpStream, router: Router, connection: HttpConnection) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let acceptor = connection.front.certificate.as_ref().map(|certificate| certificate.acceptor());
    let Some(acceptor) = acceptor else { return serve_http(stream, router, connection).await };
    // Boxed: a TLS handshake's future is large, and connections without TLS should not carry it.
    let encrypted = async {
        let limit = Duration::from_secs(connection.front.admission.limits().handshake_seconds.into());
        let refusal = match tokio::time::timeout(limit, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => return serve_http(stream, router, connection).await,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                Refusal::TlsHandshake
            }
            Err(_) => Refusal::HandshakeTimeout,
        };
        connection.front.lobby.count_refusal(&refusal, connection.ip);
    };
    Box::pin(encrypted).await;
}

async fn serve_http<S>(stream: S, router: Router, connection: HttpConnection)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = Arc::new(connection);
    let limits = connection.front.admission.limits();
    let request_limit = Duration::from_secs(limits.handshake_seconds.into());
    let router = TowerToHyperService::new(router);
    let asked = Arc::clone(&connection);
    let head = HeadLimits { time: request_limit, bytes: limits.head_bytes as usize };
    let answer = move |mut request: Request<Incoming>| {
        let peer = asked.front.admission.peer(asked.ip, request.headers());
        let checked = asked.check(&mut request, peer);
        let answer = checked.map(|()| tokio::time::timeout(request_limit, router.call(request)));
        let asked = Arc::clone(&asked);
        async move {
            let response = match answer {
                Err(refusal) => asked.refuse(refusal, peer.ip),
                Ok(answer) => match answer.await {
                    Ok(Ok(response)) => response,
                    Err(_) => asked.refuse(Refusal::RequestTimeout, peer.ip),
                },
            };
            asked.complete(response)
        }
    };
    let Some(ended) = serve_requests(stream, head, answer).await else {
        return tracing::debug!("an HTTP connection's last answer was not taken");
    };
    connection.count_end(&ended);
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended badly");
    }
}
