//! One HTTP connection: its requests, with time limits, until it ends or becomes a player's.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::front::state::Front;
use crate::net::connection_slot::ConnectionSlot;
use crate::rooms::refusal::Refusal;

/// The longest time that a connection may serve requests. A client that does not read answers cannot extend it.
const HTTP_LIMIT: Duration = Duration::from_secs(60);

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
    fn check(&self, request: &mut Request<Incoming>) -> Result<(), Refusal> {
        self.has_requested.store(true, Relaxed);
        let peer = self.front.admission.peer(self.ip, request.headers());
        let extensions = request.extensions_mut();
        extensions.insert(peer);
        extensions.insert(Arc::clone(&self.slot));
        self.front.admission.check_request(peer, Instant::now())
    }

    fn refuse(&self, refusal: Refusal) -> Response {
        self.front.lobby.count_refusal(&refusal);
        let mut response = refusal.into_response();
        // Further requests on this connection are not read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
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
        self.front.lobby.count_refusal(&refusal);
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
        connection.front.lobby.count_refusal(&refusal);
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
    let service = service_fn(move |mut request: Request<Incoming>| {
        let answer =
            asked.check(&mut request).map(|()| tokio::time::timeout(request_limit, router.call(request)));
        let asked = Arc::clone(&asked);
        async move {
            match answer {
                Err(refusal) => Ok(asked.refuse(refusal)),
                Ok(answer) => answer.await.unwrap_or_else(|_| Ok(asked.refuse(Refusal::RequestTimeout))),
            }
        }
    });
    let serving = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(request_limit)
        .max_buf_size(limits.head_bytes as usize)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let Ok(ended) = tokio::time::timeout(HTTP_LIMIT.max(request_limit), serving).await else {
        return tracing::debug!("an HTTP connection was open for too long");
    };
    connection.count_end(&ended);
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended badly");
    }
}
