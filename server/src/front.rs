//! The front: one listener for pages, the API, and the WebSocket handshake.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::admin::{self, Admin};
use crate::api;
use crate::auth::Authenticator;
use crate::cors;
use crate::files::{Files, not_found};
use crate::health;
use crate::join_api::{self, MAX_BODY_BYTES};
use crate::limits::Limits;
use crate::lobby::Lobby;
use crate::memory::{self, Tide};
use crate::metrics::{MetricsConfig, scrape};
use crate::peer::TrustedProxies;
use crate::play::play;
use crate::tickets::Tickets;
use crate::tls::Certificate;

/// How long a client may take over the TLS handshake.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take over a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may go on with requests before it becomes a player's. Who reads no answers does not keep it longer.
const HTTP_LIMIT: Duration = Duration::from_secs(60);
/// Bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub struct Front {
    /// The rooms.
    pub lobby: Arc<Lobby>,
    /// What is reserved for those who have tickets.
    pub tickets: Arc<Tickets>,
    /// How it is found out who somebody is.
    pub auth: Arc<Authenticator>,
    /// Whether the operator wants tickets of all.
    pub require_ticket: bool,
    /// The pages and the client library.
    pub files: Arc<Files>,
    /// What is taken from clients.
    pub limits: Arc<Limits>,
    /// Who may read the metrics.
    pub metrics: Arc<MetricsConfig>,
    /// Places for connections.
    pub places: Arc<Semaphore>,
    /// How many there are.
    pub max_connections: usize,
    /// The proxies in front of the server.
    pub proxies: Arc<TrustedProxies>,
    /// What connections are encrypted with, if they are to be.
    pub certificate: Option<Arc<Certificate>>,
    /// What the operators' part has for itself.
    pub admin: Arc<Admin>,
}

impl Front {
    /// Whether a seat is had with a ticket alone. Who somebody is, is asked where tickets are given.
    #[must_use]
    pub fn needs_ticket(&self) -> bool {
        self.require_ticket || !self.auth.is_anonymous()
    }

    /// Connections that are open, players' and others.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.max_connections - self.places.available_permits()
    }

    /// Accepts connections until `stop` turns true. At most `max_connections` are open at once, players' included.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let front = self.clone();
        let (places, max_connections) = (&front.places, front.max_connections);
        let proxies = Arc::clone(&self.proxies);
        tokio::spawn(Arc::clone(&self.tickets).keep_time());
        let for_pages = Router::new()
            .route("/api/join", post(join_api::join))
            .route("/api/rooms", get(api::list_rooms).post(join_api::create))
            .route("/api/rooms/{id}", get(api::show_room).delete(admin::delete_room))
            .route("/play/{game}", get(play))
            .layer(cors::layer(&self.limits));
        let router = Router::new()
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(scrape))
            .merge(for_pages)
            .merge(admin::router(self.clone()))
            .fallback(serve_file)
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(self);
        // Handshakes and players take memory that the heap would keep when they have gone.
        let http = Arc::new(());
        let (mut http_tide, mut tide) = (Tide::default(), Tide::default());
        let mut looks = tokio::time::interval(memory::LOOK_EVERY);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = looks.tick() => {
                    let http_ebbed = http_tide.has_ebbed(Arc::strong_count(&http) - 1);
                    let ebbed = tide.has_ebbed(front.connections());
                    if http_ebbed || ebbed {
                        memory::give_back();
                    }
                    continue;
                }
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    front.lobby.metrics().accepted.inc();
                    match Arc::clone(places).try_acquire_owned() {
                        Ok(permit) => {
                            let (router, under_way) = (router.clone(), Arc::clone(&http));
                            let caller = Caller {
                                ip: peer.ip(),
                                proxies: Arc::clone(&proxies),
                                permit: Arc::new(permit),
                            };
                            let acceptor =
                                front.certificate.as_ref().map(|certificate| certificate.acceptor());
                            tokio::spawn(async move {
                                serve_connection(stream, acceptor, router, caller).await;
                                drop(under_way);
                            });
                        }
                        Err(_) => {
                            tracing::warn!(
                                max_connections,
                                "a connection was turned away: all places are taken"
                            );
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    // Out of file descriptors, most likely: trying again at once would only spin.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// The other end of a connection.
struct Caller {
    /// Its address.
    ip: IpAddr,
    /// Those by whose word it may have passed on the requests of others.
    proxies: Arc<TrustedProxies>,
    /// The connection's place among all that the server holds.
    permit: Arc<OwnedSemaphorePermit>,
}

async fn serve_connection(stream: TcpStream, acceptor: Option<TlsAcceptor>, router: Router, caller: Caller) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let Some(acceptor) = acceptor else { return serve_http(stream, router, caller).await };
    // In a box: what a handshake needs is much, and connections without TLS are not to carry it.
    let encrypted = async {
        match tokio::time::timeout(TLS_TIMEOUT, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => serve_http(stream, router, caller).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    };
    Box::pin(encrypted).await;
}

async fn serve_http<S>(stream: S, router: Router, caller: Caller)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let peer = caller.proxies.client(caller.ip, request.headers());
        let extensions = request.extensions_mut();
        extensions.insert(peer);
        extensions.insert(Arc::clone(&caller.permit));
        router.call(request)
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    match tokio::time::timeout(HTTP_LIMIT, serving).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an HTTP connection ended badly"),
        Err(_) => tracing::debug!("an HTTP connection was open for too long"),
    }
}

/// The query of a page: more of it is the page's own business.
#[derive(Debug, Deserialize)]
struct PageQuery {
    /// The game to show.
    game: Option<String>,
}

async fn serve_file(
    State(front): State<Front>,
    Query(query): Query<PageQuery>,
    request: Request,
) -> Response {
    let file = front.files.serve(request.method(), request.uri().path(), query.game.as_deref());
    file.unwrap_or_else(not_found)
}
